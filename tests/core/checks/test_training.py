"""What the kind `training` tells the sandbox, and what it makes of what comes back: driven by hand, without a process."""

from __future__ import annotations

import numpy as np
import pytest

from grader.core.calls import Call, Say
from grader.core.checks.images import ImageSet
from grader.core.checks.kind import Budget, Context
from grader.core.checks.training import Training, run, scripts_in
from grader.core.observation import Outcome, Reply
from grader.core.result import Status
from grader.core.submission import Submission

SCRIPT = {"train.py": b"optimizer.step()"}


@pytest.fixture(scope="module")
def images():
    """As many as Fashion-MNIST has, of four pixels each."""
    random = np.random.default_rng(0)

    def some(count):
        return random.integers(0, 255, (count, 2, 2), dtype=np.uint8), random.integers(0, 10, count)

    return ImageSet("fashion-mnist", *some(60_000), *some(10_000), 10)


class Sandbox:
    """Answers as the sandbox would; accuracies: what the net knows at each look."""

    def __init__(self, images, accuracies, seconds=1.0, gpu=False, worked=1.0):
        self.labels, self.accuracies, self.seconds, self.gpu = images.y_hidden, list(accuracies), seconds, gpu
        self.worked = worked  # of the time, with a processor
        self.calls, self.said, self.step = [], [], 0

    def __call__(self, request):
        if isinstance(request, Say):
            self.said.append(request.text)
            return Reply(Outcome.OK)
        assert isinstance(request, Call)
        self.calls.append(request)
        return {"offer": self.offer, "start": self.start, "next": self.next, "stop": self.start}[
            request.target.rpartition(".")[2]
        ](request)

    def offer(self, request):
        return Reply(Outcome.OK)

    def start(self, request):
        self.left = list(self.accuracies)
        return Reply(Outcome.OK, (True,))

    def next(self, request):
        self.step += 10
        looks = []
        if self.left:
            labels = self.labels[: self.shown].copy()
            wrong = round((1 - self.left.pop(0)) * len(labels))
            labels[:wrong] = (labels[:wrong] + 1) % 10
            time = self.step / 10 * self.seconds
            looks = [
                {"labels": labels[None], "step": self.step, "seconds": time, "worked": time * self.worked, "gpu": self.gpu}
            ]
        news = {"looks": looks, "ended": not self.left, "error": None, "cell": None, "steps": self.step, "notes": []}
        return Reply(Outcome.OK, (news,), seconds=self.seconds)

    @property
    def shown(self):
        return len(next(call for call in self.calls if call.target.endswith("start")).kwargs["images"])


def judged(sandbox, images, **declared):
    declaration = Training(dataset="fashion-mnist", **{"full_at": 0.9, "zero_at": 0.5, **declared})
    check = run(declaration, Context(None, "core", 0, data=images, submission=Submission(SCRIPT, {})))
    reply = None
    while True:
        try:
            reply = sandbox(check.send(reply))
        except StopIteration as ended:
            return ended.value


def arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from arrays(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from arrays(one)


def test_a_script_finds_as_many_images_as_were_published_and_no_hidden_label(images):
    sandbox = Sandbox(images, [0.95])
    judged(sandbox, images)
    name, x, y, x_test, y_test = sandbox.calls[0].args
    assert (name, len(x), len(y), len(x_test), len(y_test)) == ("fashion-mnist", 60_000, 60_000, 10_000, 10_000)
    for call in sandbox.calls:
        for array in arrays((call.args, call.kwargs)):
            hidden = images.y_hidden[: len(array)]
            assert array.ndim != 1 or len(array) < 50 or not np.array_equal(array.ravel()[: len(hidden)], hidden)
    wanted = {name for call in sandbox.calls for name in call.kwargs}
    assert not wanted & {"full_at", "zero_at", "labels"}, "the cut-offs stay outside"


@pytest.mark.parametrize(("accuracy", "credit"), [(0.4, 0.0), (0.5, 0.0), (0.7, 0.5), (0.8, 0.75), (0.95, 1.0)])
def test_credit_between_the_cut_offs(images, accuracy, credit):
    judgement = judged(Sandbox(images, [0.1, accuracy]), images)
    assert judgement.credit == pytest.approx(credit, abs=0.01)


def test_cut_offs_of_a_data_set_that_the_rubric_does_not_know(images):
    judgement = judged(Sandbox(images, [0.9]), images, full_at={"digits": 0.9}, zero_at={"digits": 0.5})
    assert judgement.unread and "no cut-offs for the data set fashion-mnist" in judgement.message


def test_best_and_last_and_seeds(images):
    accuracies = [0.6, 0.8, 0.7]
    best, last = (judged(Sandbox(images, accuracies), images, judged=how, seeds=(0, 1)) for how in ("best", "last"))
    assert best.credit == pytest.approx(0.75, abs=0.01) and last.credit == pytest.approx(0.5, abs=0.01)
    assert "the mean of 2 runs (80.0 %, 80.0 %)" in best.message and "at the end 70.0 %, 70.0 %" in best.message
    assert "at best 80.0 %" in last.message
    assert [series.y for series in best.exhibits[0].series] == [pytest.approx(tuple(accuracies))] * 2


def test_a_run_stops_at_the_threshold_and_tells_how_far_it_is(images):
    sandbox = Sandbox(images, [0.3, 0.92, 0.99, 0.99])
    judgement = judged(sandbox, images)
    assert judgement.status is Status.PASS and len(judgement.exhibits[0].series[0].y) == 2
    assert sandbox.said == ["train.py: starting", "train.py, step 10: 30.0 % of the held-back images",
                            "train.py, step 20: 92.0 % of the held-back images"]  # fmt: skip


def test_the_budget_is_shared_by_the_seeds(images):
    sandbox = Sandbox(images, [0.6] * 100, seconds=2.0)
    judgement = judged(sandbox, images, seeds=(0, 1), budget=Budget(seconds=20))
    assert [len(series.y) for series in judgement.exhibits[0].series] == [5, 5]
    assert any("Run 1 was cut off by the time budget" in remark for remark in judgement.remarks)


@pytest.mark.parametrize(("device", "gpu", "unread"), [("cpu", False, False), ("gpu", True, False), ("gpu", False, True)])
def test_a_missing_gpu_excuses_from_the_budget(images, device, gpu, unread):
    sandbox = Sandbox(images, [0.6] * 100, seconds=2.0, gpu=gpu)
    judgement = judged(sandbox, images, budget=Budget(seconds=10, device=device))
    assert judgement.unread is unread and judgement.exhibits


@pytest.mark.parametrize(("worked", "unread"), [(0.2, True), (0.8, False)])
def test_a_busy_machine_excuses_from_the_budget(images, worked, unread):
    sandbox = Sandbox(images, [0.6] * 100, seconds=2.0, worked=worked)
    judgement = judged(sandbox, images, budget=Budget(seconds=20))
    assert judgement.unread is unread and ("The machine was busy" in judgement.message) is unread


def test_a_run_that_the_service_broke_is_not_judged_by_what_it_had_reached(images):
    class Broken(Sandbox):
        def next(self, request):
            return super().next(request) if len(self.left) > 1 else Reply(Outcome.OURS, detail="lost")

    judgement = judged(Broken(images, [0.6, 0.95]), images)
    assert judgement.status is Status.OURS and judgement.credit is None
    assert judged(Broken(images, [0.95, 0.95]), images).status is Status.PASS


def test_a_start_that_is_answered_by_numbers_is_no_start(images):
    sandbox = Sandbox(images, [0.95])
    sandbox.start = lambda request: Reply(Outcome.OK, (np.zeros(3),))
    assert judged(sandbox, images).status is Status.OURS


def test_a_busy_machine_changes_nothing_for_a_run_that_ended(images):
    judgement = judged(Sandbox(images, [0.6, 0.7], seconds=20.0, worked=0.1), images, budget=Budget(seconds=300))
    assert not judgement.unread and judgement.credit == pytest.approx(0.5, abs=0.01)


def test_a_net_that_came_trained_is_remarked(images):
    sandbox = Sandbox(images, [0.95])
    sandbox.step = -9
    judgement = judged(sandbox, images)
    assert any("began trained" in remark for remark in judgement.remarks) and judgement.credit == 1


def test_which_file_is_the_script():
    files = {"net.py": b"class Net: pass", "a/train.py": b"opt.step()", "old/train_2.py": b"opt.step()", "hw.ipynb": b".fit("}
    assert scripts_in(files, ("train.py", "*.ipynb")) == ["a/train.py"]
    assert scripts_in(files, ("run.py", "*.ipynb", "*.py")) == ["hw.ipynb"]
    assert scripts_in({"net.py": b"class Net: pass"}, ("*.py",)) == []
    assert scripts_in({"__MACOSX/train.py": b"opt.step()"}, ("train.py",)) == []
