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
    """Answers as the sandbox would; accuracies: what the net knows at each look. passes: over the training images, between two
    looks; stride: steps between them; worked: of the time, with a processor; error: what the script ends with; more: what else
    a look says."""

    def __init__(self, images, accuracies, seconds=1.0, gpu=False, worked=1.0, passes=1.0, error=None, stride=10, **more):
        self.labels, self.accuracies, self.seconds, self.gpu = images.y_hidden, list(accuracies), seconds, gpu
        self.worked, self.error, self.more = worked, error, more
        self.images, self.stride = passes * len(images.y_train), stride
        self.calls, self.said, self.step = [], [], 0

    def __call__(self, request):
        if isinstance(request, Say):
            self.said.append(request.text)
            return Reply(Outcome.OK)
        assert isinstance(request, Call)
        self.calls.append(request)
        return {"offer": self.offer, "start": self.start, "next": self.next, "stop": self.start, "finish": self.next}[
            request.target.rpartition(".")[2]
        ](request)

    def offer(self, request):
        return Reply(Outcome.OK)

    def start(self, request):
        self.left = list(self.accuracies)
        return Reply(Outcome.OK, (True,))

    def next(self, request):
        self.step += self.stride
        looks = []
        if self.left:
            labels = self.labels[: self.shown].copy()
            wrong = round((1 - self.left.pop(0)) * len(labels))
            labels[:wrong] = (labels[:wrong] + 1) % 10
            time = self.step / self.stride * self.seconds
            looks = [
                {"labels": labels[None], "step": self.step, "seconds": time, "worked": time * self.worked, "gpu": self.gpu,
                 "images": int(self.step / self.stride * self.images), **self.more}
            ]  # fmt: skip
        ended = not self.left
        error = self.error if ended else None
        news = {"looks": looks, "ended": ended, "error": error, "cell": None, "steps": self.step, "notes": []}
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
    assert sandbox.said == [
        "train.py: starting",
        "train.py, step 10: 30.0 % of the held-back images right; 1 s of at most 5 min",
        "train.py, step 20: 92.0 % of the held-back images right; 2 s of at most 5 min",
    ]


def test_the_budget_is_shared_by_the_seeds(images):
    sandbox = Sandbox(images, [0.6] * 100, seconds=2.0)
    judgement = judged(sandbox, images, seeds=(0, 1), budget=Budget(seconds=20))
    looks = [len(series.y) for series in judgement.exhibits[0].series]
    assert looks == [6, 5], "each ends with a look when its time is over, which the second has less of for that"
    assert any("Run 1 was cut off by the time budget" in remark for remark in judgement.remarks)


STILL, RISING, FALLING = [0.1, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6], [n / 20 for n in range(3, 15)], [0.6] * 3 + [0.1] * 9


@pytest.mark.parametrize(
    ("accuracies", "passes", "unread"),
    [
        (STILL, 1.0, False),
        (RISING, 1.0, True),
        (FALLING, 1.0, False),
        (STILL[:4], 2.0, True),  # too few looks
        ([0.1] * 12, 0.2, True),  # too few images
        ([0.1] * 12, 1.0, False),
        ([*RISING[:-1], 0.95], 1.0, False),
    ],
)
def test_a_run_that_was_cut_off_is_judged_only_where_it_had_come_to_a_standstill(images, accuracies, passes, unread):
    sandbox = Sandbox(images, [*accuracies, accuracies[-1], 1.0], passes=passes, stride=200)
    judgement = judged(sandbox, images, budget=Budget(seconds=len(accuracies)))
    assert sandbox.calls[-2].target.endswith("finish") or max(accuracies) >= 0.9
    assert judgement.unread is unread and ("come to a standstill" in judgement.message) is unread
    assert unread or judgement.credit == pytest.approx(min(1, max(0, (max(accuracies) - 0.5) / 0.4)), abs=0.01)


def test_few_steps_are_no_standstill(images):
    sandbox = Sandbox(images, [0.1] * 14, passes=100)
    assert judged(sandbox, images, budget=Budget(seconds=12)).unread


def test_a_script_that_never_answers_again_is_cut_off_too(images):
    class Stuck(Sandbox):
        def next(self, request):
            assert request.seconds > 200, "it may be long in one call of C"
            return super().next(request) if len(self.left) > 1 else Reply(Outcome.TIMEOUT, seconds=300.0)

    judgement = judged(Stuck(images, [0.3, 0.6, 0.7]), images, budget=Budget(seconds=300))
    assert judgement.unread and "time was used up before it had come to a standstill" in judgement.message
    assert not judged(Stuck(images, [*STILL, 0.6], stride=200), images, budget=Budget(seconds=300)).unread


@pytest.mark.parametrize(("device", "gpu", "unread"), [("cpu", False, False), ("gpu", True, False), ("gpu", False, True)])
def test_a_missing_gpu_excuses_from_the_budget(images, device, gpu, unread):
    sandbox = Sandbox(images, [0.6] * 100, gpu=gpu, stride=200)
    judgement = judged(sandbox, images, budget=Budget(seconds=10, device=device))
    assert judgement.unread is unread and judgement.exhibits


@pytest.mark.parametrize(("worked", "busy"), [(0.2, True), (0.8, False)])
def test_a_busy_machine_is_told_of(images, worked, busy):
    sandbox = Sandbox(images, [n / 200 for n in range(110, 150)], seconds=2.0, worked=worked)
    judgement = judged(sandbox, images, budget=Budget(seconds=30))
    assert judgement.unread and ("the machine was busy" in judgement.message) is busy


def own_error(kind):
    return {"type": kind, "message": "x", "file": "train.py", "line": 3, "function": "main"}


@pytest.mark.parametrize(("kind", "unread"), [("FileNotFoundError", True), ("KeyError", False)])
def test_an_exception_that_may_be_ours_ends_no_run_for_good(images, kind, unread):
    judgement = judged(Sandbox(images, [0.3, 0.7], error=own_error(kind)), images)
    assert judgement.unread is unread and any(kind in remark for remark in judgement.remarks)
    assert unread or judgement.credit == pytest.approx(0.5, abs=0.01)
    assert judged(Sandbox(images, [0.3, 0.95], error=own_error(kind)), images).credit == 1


@pytest.mark.parametrize(
    ("accuracies", "credit"),
    [([0.3, 0.92], 1.0), ([0.3, 0.7, 0.68, 0.7], 0.5), ([0.3, 0.6, 0.7, 0.8], None), ([0.1, 0.2, 0.7, 0.95], None)],
)
def test_what_a_net_reaches_after_the_epochs_is_for_a_ta(images, accuracies, credit):
    sandbox = Sandbox(images, accuracies)
    judgement = judged(sandbox, images, epochs=2)
    assert sandbox.calls[1].kwargs["also_at"] == 2 * len(images.y_train)
    assert judgement.credit == (credit if credit is None else pytest.approx(credit, abs=0.01)), judgement
    assert judgement.unread is (credit is None) and ("within 2 epochs" in judgement.message) is (credit is None)


@pytest.mark.parametrize(("layers", "counts"), [(["conv", "dense"], True), (["dense"], False), (None, False), ([3], False)])
def test_only_nets_with_the_layers_asked_for_count(images, layers, counts):
    judgement = judged(Sandbox(images, [0.3, 0.95], layers=layers), images, layers=["conv"])
    assert judgement.unread is not counts and (judgement.credit == 1) is counts
    assert counts or "none with a convolution was seen" in judgement.message


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
