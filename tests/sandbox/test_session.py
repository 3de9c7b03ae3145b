"""Sessions in real sandboxes: substituted functions, withheld modules, old names, torch, endings."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from grader.core.calls import Call, Describe, Opaque, Ref, Substitution
from grader.core.observation import Outcome
from worker.trusted.sandbox.backend import Backend, Limits, SandboxUnavailable
from worker.trusted.session import Answer, Session, Token, open_session


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """With the permissions that `tempfile` gives: for nobody else."""
    folder = tmp_path / "code"
    folder.mkdir(mode=0o700)
    write(folder, "nets/__init__.py", "")
    write(
        folder,
        "nets/layers.py",
        """
        import numpy as np

        def affine_forward(x, w):
            raise NotImplementedError

        def affine_backward(dout, cache):
            raise NotImplementedError

        def update(x, param):
            param["mean"] = 0.9 * param.get("mean", 0) + x.mean()
            return x
        """,
    )
    write(
        folder,
        "nets/net.py",
        """
        from nets.layers import *
        from nets.fast import quick

        class Net:
            def __init__(self, w):
                self.w = w

            def loss(self, x):
                out, cache = affine_forward(x, self.w)
                dx, dw = affine_backward(np.ones_like(out), cache)
                return out.sum(), {"w": dw}, type(cache).__name__

        def step(x, param):
            update(x, param)
            return param["mean"]

        def cheat(x):
            return quick(x)

        def read():
            import nets.fast
            return open(nets.fast.__file__).read()
        """,
    )
    write(folder, "nets/fast.py", "SECRET = 1\ndef quick(x): return x * 42\n")
    return folder


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(textwrap.dedent(text))
    path.chmod(0o600)


def affine(caches: dict[int, tuple]) -> dict[Substitution, Callable]:
    """Right layers, answered from outside; what they keep stays here."""

    def forward(args: tuple, kwargs: dict) -> Answer:
        x, w = args
        caches[len(caches)] = (x, w)
        return Answer((x @ w, Token(len(caches) - 1)))

    def backward(args: tuple, kwargs: dict) -> Answer:
        dout, token = args
        x, w = caches[token.id]
        return Answer((dout @ w.T, x.T @ dout))

    return {
        Substitution("nets.layers", "affine_forward"): forward,
        Substitution("nets.layers", "affine_backward"): backward,
    }


def test_a_net_with_right_layers_behind_it(submission: Path, open_sandbox) -> None:
    caches: dict[int, tuple] = {}
    session = open_sandbox(submission, substitutions=affine(caches))
    x, w = np.arange(6.0).reshape(2, 3), np.ones((3, 2))
    session.send(Call("nets.net.Net", (w,), keep="net"))

    reply = session.send(Call(Ref("net", ("return", "loss")), (x,)))

    loss, grads, kind = reply.values[0]
    assert loss == (x @ w).sum() and np.array_equal(grads["w"], x.T @ np.ones((2, 2))) and kind == "Token"
    assert len(caches) == 1


def test_without_them_the_net_says_whose_function_is_missing(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission)
    session.send(Call("nets.net.Net", (np.ones((3, 2)),), keep="net"))

    error = session.send(Call(Ref("net", ("return", "loss")), (np.ones((2, 3)),))).error

    assert (error.type, error.file, error.function) == ("NotImplementedError", "nets/layers.py", "affine_forward")


def test_answers_change_arguments_in_place(submission: Path, open_sandbox) -> None:
    def update(args: tuple, kwargs: dict) -> Answer:
        return Answer(args[0], {(1, "mean"): np.full(2, 7.0), (0,): np.zeros(2)})

    session = open_sandbox(submission, substitutions={Substitution("nets.layers", "update"): update})

    reply = session.send(Call("nets.net.step", (np.ones(2), {"mode": "train"}), take=(("return",), ("args", 0))))

    assert [value.tolist() for value in reply.values] == [[7, 7], [0, 0]]


def test_arguments_that_do_not_fit_are_the_students_error(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission, substitutions=affine({}))

    error = session.send(Call("nets.layers.affine_forward", (np.ones((2, 3)), np.ones((5, 1))))).error

    assert error.type == "ValueError" and error.message.endswith("(2, 3), (5, 1)")


def test_made_up_tokens_do_no_harm(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission, substitutions=affine({}))

    error = session.send(Call("nets.layers.affine_backward", (np.ones(2), Token(99)))).error

    assert error.type == "ValueError"
    assert session.alive


def test_our_own_time_to_answer_is_not_the_students(submission: Path, open_sandbox) -> None:
    import time

    def slow(args: tuple, kwargs: dict) -> Answer:
        time.sleep(2.5)
        return Answer(1)

    session = open_sandbox(submission, substitutions={Substitution("nets.layers", "update"): slow})

    reply = session.send(Call("nets.layers.update", (1, {}), seconds=2.0))

    assert reply.outcome is Outcome.OK and reply.seconds < 2.0


def test_withheld_modules_refuse_and_their_source_stays_outside(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission, withheld=("nets.fast", "nets.not_there"))

    error = session.send(Call("nets.net.cheat", (1,))).error
    assert (error.type, error.message) == ("NotImplementedError", "not available while this function is graded")
    assert "42" not in session.send(Call("nets.net.read")).values[0]
    assert open_sandbox(submission).send(Call("nets.net.cheat", (1,))).values == (42,)


def test_withholding_never_writes_through_a_link(submission: Path, tmp_path: Path, open_sandbox) -> None:
    victim = tmp_path / "victim.py"
    victim.write_text("precious = 1\n")
    (submission / "nets" / "fast.py").unlink()
    (submission / "nets" / "fast.py").symlink_to(victim)
    (submission / "elsewhere").symlink_to(tmp_path)

    open_sandbox(submission, withheld=("nets.fast", "elsewhere.victim"))

    assert victim.read_text() == "precious = 1\n"


def test_nothing_but_numpy_and_scipy_is_installed(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission)

    assert session.send(Describe("scipy.linalg.det")).values[0]["found"]
    for name in ("torch", "sklearn", "pytest", "grader", "worker", "reference_impl"):
        assert not session.send(Describe(name)).values[0]["found"], name


def test_values_of_requests_are_checked(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission)

    with pytest.raises(TypeError, match="complex128"):
        session.send(Call("builtins.abs", (np.zeros(2, complex),)))
    with pytest.raises(TypeError, match="too many"):
        session.send(Call("builtins.len", ([1.5] * 300_000,)))
    assert session.alive


def test_many_calls_in_one_session(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission)
    x = np.random.default_rng(0).normal(size=(100, 1000))

    for _ in range(50):
        assert np.array_equal(session.send(Call("numpy.negative", (x,))).values[0], -x)


def test_the_session_has_a_wall_clock_of_its_own(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission, limits=Limits(wall=1.5))

    outcomes = [session.send(Call("time.sleep", (0.5,))).outcome for _ in range(5)]

    assert outcomes[0] is Outcome.OK and outcomes[-1] is Outcome.TIMEOUT


def test_a_sandbox_killed_from_outside_is_ours(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission)
    session.process.kill()

    assert session.send(Call("builtins.abs", (1,))).outcome is Outcome.OURS


def test_a_closed_session_answers_no_more(submission: Path, open_sandbox) -> None:
    session: Session = open_sandbox(submission)
    session.close()
    session.close()

    assert not session.alive
    with pytest.raises(RuntimeError, match="closed"):
        session.send(Call("builtins.abs", (1,)))


def test_a_runner_that_cannot_start_is_not_the_students_fault(
    submission: Path, backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too little address space for NumPy: our settings are wrong, and the message says what happened."""
    broken = tmp_path / "runner"
    broken.mkdir()
    (broken / "runner.py").write_text("raise ValueError('broken runner')\n")
    module = __import__(type(backend).__module__, fromlist=["RUNNER_FOLDER"])
    monkeypatch.setattr(module, "RUNNER_FOLDER", broken)

    with pytest.raises(SandboxUnavailable, match="broken runner"):
        open_session(backend, submission)


def test_old_names_in_a_session(submission: Path, open_sandbox) -> None:
    write(submission, "old.py", "import numpy as np\ndef f(x): return np.product(x)\n")

    assert open_sandbox(submission).send(Call("old.f", (np.ones(2),))).error.type == "AttributeError"
    assert open_sandbox(submission, compat=True).send(Call("old.f", (np.full(2, 3.0),))).values == (9.0,)


def test_modules_that_are_not_importable_cross_as_opaque(submission: Path, open_sandbox) -> None:
    session = open_sandbox(submission)

    assert session.send(Call("importlib.import_module", ("nets.layers",))).values == (Opaque("module"),)
