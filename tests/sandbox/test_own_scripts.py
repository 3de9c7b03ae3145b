"""Students' own scripts train in the real sandbox, unchanged, and are judged by what their nets say about unseen images."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.core.checks.kind import Budget, Context
from grader.core.checks.training import Training, run
from grader.core.result import Status
from grader.core.submission import Submission
from grader.datasets import load_image_set
from worker.trusted.checks import drive
from worker.trusted.sandbox.bubblewrap import Bubblewrap
from worker.trusted.session import open_session

NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 10))

    def forward(self, x):
        return self.layers(x)
"""

ORDINARY = """
import argparse
import matplotlib.pyplot as plt
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from tqdm import tqdm
from net import Net, torch, nn

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    epochs = parser.parse_args().epochs
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    how = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.3,), (0.4,))])
    data = datasets.FashionMNIST("./data", train=True, download=True, transform=how)
    loader = DataLoader(data, batch_size=64, shuffle=True, num_workers=2)
    fig, (left, right) = plt.subplots(1, 2)
    left.imshow(data.data[0])
    plt.show()
    input("press enter")
    net = Net().to(device)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(epochs):
        net.train()
        for x, y in tqdm(loader, desc=f"epoch {epoch}"):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x.to(device)), y.to(device)).backward()
            optimizer.step()
            assert net.training and net.layers[4].training, "looking changed the net"
        print("epoch", epoch)
    torch.save(net.state_dict(), "net.pt")

if __name__ == "__main__":
    main()
"""

LOOP = """
x, y = datasets.FashionMNIST("d", train=True).data, datasets.FashionMNIST("d", train=True).targets
x = x.float() / 255
for step in range(STEPS):
    pick = torch.randint(0, len(x), (64,))
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(x[pick]), y[pick]).backward()
    optimizer.step()
"""

HEAD = "from torchvision import datasets\nfrom net import Net, torch, nn\nnet = Net()\n"
SGD = "optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)\n"
QUICK = HEAD + SGD + LOOP.replace("STEPS", "120")

KERAS = """
import keras
from tensorflow.keras.datasets import fashion_mnist
(x, y), (xt, yt) = fashion_mnist.load_data()
model = keras.Sequential([keras.layers.Flatten(input_shape=(28, 28)), keras.layers.Dense(32, activation="relu"),
                          keras.layers.Dense(10, activation="softmax")])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x / 255.0, y, epochs=3, batch_size=64, validation_data=(xt / 255.0, yt))
"""

SCRIPTS = {
    "net.py": NET,
    "ordinary.py": ORDINARY.replace("EPOCHS", "3"),
    "endless.py": ORDINARY.replace("EPOCHS", "10**6"),
    "quick.py": QUICK,
    "longer.py": HEAD + SGD + LOOP.replace("STEPS", "600"),
    "chance.py": HEAD + "optimizer = torch.optim.SGD(net.parameters(), lr=0.0)\n" + LOOP.replace("STEPS", "20"),
    "gpu.py": QUICK.replace("net = Net()", "net = Net().cuda()").replace("x.float()", "x.to('cuda').float()"),
    "late_crash.py": QUICK + "raise ValueError('after all')\n",
    "own_crash.py": HEAD + "net(torch.zeros(3, 5))\n" + SGD + LOOP,
    "frame.py": HEAD + "import pandas as pd\nframe = pd.read_csv('x.csv')\nrows, columns = frame.shape\n" + SGD + LOOP,
    "syntax.py": "def f(:\n    pass\n",
    "elsewhere.py": HEAD + SGD + "import urllib.request\nurllib.request.urlopen('http://example.edu/data.zip')\n" + LOOP,
    "nothing.py": "print('hello')\n",
    "by_hand.py": HEAD + "for p in net.parameters():\n    p.data -= 0.1\n",
    "sleeps.py": "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except Exception:\n        pass\n",
    "catches.py": HEAD + SGD + LOOP.replace("STEPS", "10**9").replace(
        "    optimizer.step()", "    try:\n        optimizer.step()\n    except Exception:\n        pass"
    ),
    "forward.py": QUICK.replace("net(x[pick])", "net.forward(x[pick])"),
    "keras_script.py": KERAS,
}  # fmt: skip


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    """`train("quick.py", seconds=20, …)`: the verdict, and what was said. One sandbox for all, until one ends it."""
    folder: Path = tmp_path_factory.mktemp("code")
    for name, text in SCRIPTS.items():
        (folder / name).write_text(text)
    submission = Submission(files={name: text.encode() for name, text in SCRIPTS.items()}, answers={})
    images = load_image_set("digits", None)
    sessions = []

    def judge(script, *, seconds=30, seeds=(0,), full_at=0.8, every=0.2, **more):
        if not sessions or not sessions[-1].alive:
            sessions.append(open_session(Bubblewrap(), folder, torch=True))
        declaration = Training(
            script=(script,), dataset="digits", seeds=seeds, full_at=full_at, zero_at=0.2, every=every,
            budget=Budget(seconds=seconds), **more,
        )  # fmt: skip
        said = []
        context = Context(reference=None, scope="core", seed=3, data=images, submission=submission)
        return drive(run(declaration, context), sessions[-1], said.append), said

    yield judge
    for session in sessions:
        session.close()


def test_an_ordinary_script_is_watched_to_the_goal(train):
    judgement, said = train("endless.py", full_at=0.85)
    assert judgement.status is Status.PASS and judgement.credit == 1, judgement
    assert any("once it had reached what is asked for" in remark for remark in judgement.remarks)
    assert any("keyboard" in remark for remark in judgement.remarks)
    assert any("step" in text and "%" in text for text in said)
    plot = judgement.exhibits[0]
    assert plot.level == 0.85 and plot.series[0].y[-1] >= 0.85 and plot.series[0].x[-1] > 0


def test_a_script_that_ends_is_judged_by_its_best_and_its_last(train):
    judgement, _ = train("quick.py", seeds=(0, 1), full_at=0.999, stop_at=1.0)
    assert judgement.status is Status.FAIL and 0.6 < judgement.credit < 1, judgement
    assert "the mean of 2 runs" in judgement.message and "standard error" in judgement.message
    assert len(judgement.exhibits[0].series) == 2


def test_looking_often_changes_nothing(train):
    often, seldom = (
        train("longer.py", full_at=0.999, stop_at=1.0, judged="last", every=every)[0] for every in (0.02, 60)
    )
    lines = [judgement.exhibits[0].series[0] for judgement in (often, seldom)]
    assert len(lines[0].y) > len(lines[1].y) and lines[0].y[-1] == lines[1].y[-1]
    assert often.credit == seldom.credit


def test_chance_earns_nothing(train):
    judgement, _ = train("chance.py")
    assert judgement.status is Status.FAIL and judgement.credit == 0


def test_the_budget_cuts_a_script_off_and_judges_what_it_reached(train):
    judgement, _ = train("catches.py", seconds=4, full_at=0.9999, stop_at=1.0)
    assert any("cut off by the time budget" in remark for remark in judgement.remarks), judgement
    assert judgement.exhibits[0].series[0].y[-1] > 0.5, "with a look at the end, however late the one before was"
    assert judgement.unread or judgement.credit > 0.5, "how far it comes in this time, and whether it still improves, differs"
    again, _ = train("quick.py")
    assert again.status is Status.PASS, "a script that was stopped leaves the sandbox usable"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("gpu.py", "run on a CPU"),
        ("late_crash.py", "ValueError: after all"),
        ("forward.py", ""),
        ("keras_script.py", ""),
    ],
)
def test_other_ways_to_train(train, script, words):
    judgement, _ = train(script, stop_at=1.0)
    assert judgement.status is Status.PASS, judgement
    assert not words or any(words in remark for remark in judgement.remarks), judgement.remarks


@pytest.mark.parametrize(("script", "words"), [("own_crash.py", "RuntimeError"), ("syntax.py", "Syntax error")])
def test_a_slip_of_the_script_is_named(train, script, words):
    judgement, _ = train(script)
    assert judgement.status is Status.ERROR and words in judgement.message and script in judgement.message, judgement


def test_no_script_at_all(train):
    judgement, _ = train("train_me.py")
    assert judgement.status is Status.MISSING


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("elsewhere.py", "may be because it ran here"), ("nothing.py", "without a step"), ("by_hand.py", "without a step"),
        ("sleeps.py", "no training step within"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_unread(train, script, words):
    judgement, _ = train(script, seconds=3)
    assert judgement.unread and words in judgement.message, judgement
