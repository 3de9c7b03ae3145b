"""torch in the sandbox: on request, with its autograd, its limits, and clear errors for what needs processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader.core.calls import Call
from grader.core.observation import Outcome
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import open_session

SOURCE = """
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def gradient(x):
    x = torch.tensor(x, requires_grad=True)
    (x ** 3).sum().backward()
    return x.grad


def train(x, y):
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    step = optim.Adam(net.parameters(), lr=0.05)
    for _ in range(60):
        step.zero_grad()
        loss = nn.functional.cross_entropy(net(torch.tensor(x)), torch.tensor(y))
        loss.backward()
        step.step()
    return loss.item(), net(torch.tensor(x)).argmax(1)


def convolve(x):
    return nn.Conv2d(1, 3, 3, padding=1, dtype=torch.float64)(torch.tensor(x))


def random():
    return torch.rand(3)


def workers():
    data = TensorDataset(torch.zeros(4, 1))
    return [batch for batch in DataLoader(data, num_workers=2)]


def compiler():
    import sys

    train(torch.ones(4, 4).numpy(), torch.ones(4, dtype=torch.long).numpy())
    read_for_an_optimizer = "torch._dynamo.eval_frame" in sys.modules
    from torch._dynamo.backends import registry  # a part of a part, by `from` and by name
    of_a_part = registry is torch._dynamo.backends.registry
    compiled = torch.compile(nn.Linear(3, 2), backend="eager")
    return read_for_an_optimizer, of_a_part, isinstance(compiled, torch._dynamo.OptimizedModule), compiled(torch.ones(5, 3))
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory):
    code = tmp_path_factory.mktemp("torch")
    (code / "net.py").write_text(SOURCE)
    with open_session(Bubblewrap(), Path(code), torch=True) as session:
        yield session


def test_gradients(session) -> None:
    assert np.array_equal(session.send(Call("net.gradient", (np.array([1.0, 2.0]),))).values[0], [3, 12])


def test_training(session) -> None:
    x = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int64)

    loss, predicted = session.send(Call("net.train", (x, y), seconds=60.0)).values[0]

    assert loss < 0.3 and (predicted == y).mean() > 0.9


def test_convolution(session) -> None:
    assert session.send(Call("net.convolve", (np.ones((1, 1, 5, 7)),))).values[0].shape == (1, 3, 5, 7)


def test_each_call_is_seeded(session) -> None:
    first, second, other = (session.send(Call("net.random", seed=seed)).values[0] for seed in (1, 1, 2))

    assert np.array_equal(first, second) and not np.array_equal(first, other)


def test_worker_processes_are_refused_with_an_error(session) -> None:
    reply = session.send(Call("net.workers", seconds=60.0))

    assert reply.outcome is Outcome.OK and reply.error.type in ("PermissionError", "OSError", "FileNotFoundError")


def test_the_compiler_is_read_for_those_who_compile_only(session) -> None:
    reply = session.send(Call("net.compiler", seconds=60.0))
    assert reply.error is None
    for_an_optimizer, part, compiled, out = reply.values[0]

    assert not for_an_optimizer and part and compiled and out.shape == (5, 2)
