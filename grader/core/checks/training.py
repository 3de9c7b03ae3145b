"""`training`: the student's own script trains in the sandbox, within a budget, and is watched while it does.

The script runs unchanged (`worker/untrusted/training.py`). Between its steps its net is asked about images that the script
does not have; the claimed labels come out and are compared here, so that how far it has come is measured and not read from
what it prints. Best and last are kept for each seed, and a run ends early once it has reached what is asked for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Generator
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any, Literal

from pydantic import Field, model_validator

from grader.core.calls import Call, Request, Say
from grader.core.checks.images import ImageSet
from grader.core.checks.inputs import Preprocessing
from grader.core.checks.kind import Budget, Context, Declaration, Kind, Run
from grader.core.checks.sections import cell_below
from grader.core.checks.training_verdict import judged, nothing_seen, percent
from grader.core.checks.watched import Trace, take
from grader.core.observation import Outcome, Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply, unread

TEST_SHARE = 5
"""At most one in so many training images is in what the script knows as the test set."""

NUMBER = re.compile(r"(?<![\w.])[1-9][\d_]{3,6}(?![\w.])")

SLACK = 60.0  # seconds that a look may take beyond what was waited for
FINISH = 30.0  # seconds to wait for a last look when the time is over
PIXELWISE = tuple(
    {**Preprocessing(scale=scale).plain, "pixelwise": how}
    for how, scale in (("mean", 255.0), ("mean", 1.0), ("standard", 255.0))
)
"""Minus the mean picture of the training images, and standardized at each pixel: what scripts do that never divide by 255."""
TRIED = 3  # scripts at most, where several fit


class Training(Declaration):
    """script: names of the file to run, patterns allowed, most wanted first. Full points from `full_at` on, none up to
    `zero_at`, linear in between: one fraction, or one for each data set. A run stops at `stop_at` (`full_at` if not given).

    seeds: one run each. judged: the best that a run reached, or where it ended; the mean over the runs counts. every: seconds
    between two looks. inputs: how raw images may become the net's, where the script does not say it by a transform; the
    best counts. section: of a notebook with several nets only those count that are trained below the first heading with any of
    these words. layers: only nets with these kinds of layers count. epochs: what a net reaches within so many passes over the
    training images counts. examples, hidden: at most so many training images and held-back ones.
    """

    script: tuple[str, ...] = Field(default=("train.py", "main.py", "*.ipynb", "*.py"), min_length=1)
    dataset: str
    examples: int | None = Field(default=None, ge=10)
    hidden: int = Field(default=2000, ge=50)
    budget: Budget = Budget(seconds=300)
    seeds: tuple[int, ...] = Field(default=(0,), min_length=1, max_length=10)
    full_at: float | dict[str, float]
    zero_at: float | dict[str, float]
    stop_at: float | dict[str, float] | None = None
    judged: Literal["best", "last"] = "best"
    section: tuple[str, ...] = ()
    layers: tuple[Literal["conv", "dense", "norm", "pool"], ...] = ()
    epochs: float | None = Field(default=None, gt=0)
    every: float = Field(default=3.0, gt=0)
    inputs: tuple[Preprocessing, ...] = Field(
        default=(Preprocessing(), Preprocessing(mean=0.5, std=0.5), Preprocessing(scale=1.0)),
        min_length=1,
        max_length=40,
    )

    @model_validator(mode="after")
    def _cut_offs(self) -> Training:
        for name in self.full_at if isinstance(self.full_at, dict) else ("",):
            full, zero = _of(self.full_at, name), _of(self.zero_at, name)
            if full is None or zero is None or not 0 <= zero < full <= 1:
                raise ValueError(f"0 <= zero_at < full_at <= 1 does not hold{f' for {name}' if name else ''}")
        return self


def run(declaration: Training, context: Context) -> Run:
    images: ImageSet = context.data
    full, zero = _of(declaration.full_at, images.name), _of(declaration.zero_at, images.name)
    if full is None or zero is None:
        return unread(f"This was not judged: the rubric has no cut-offs for the data set {images.name}.")
    scripts = scripts_in(context.submission.files if context.submission else {}, declaration.script)
    if not scripts:
        text = f"No script to train with was found ({', '.join(declaration.script)})."
        return Judgement(Status.MISSING, text, credit=0.0)
    offered = yield from _offer(declaration, images)
    if offered is not None:
        return offered
    first: Judgement | None = None
    left = declaration.budget.seconds
    for script in scripts[:TRIED]:
        first_cell = cell_below(context.submission.files[script], declaration.section)
        traces = yield from _runs(declaration, images, script, left, first_cell)
        offered_less = counts_on_more(context.submission, script, traces[-1].examples)
        if any(trace.seen for trace in traces):
            return judged(declaration, images, script, traces, (zero, full), offered_less)
        first = first or nothing_seen(script, traces[-1], declaration, offered_less)
        left -= sum(trace.seconds for trace in traces)
        if traces[-1].dead or left <= 0:
            break
    assert first is not None
    return first


def scripts_in(files: Any, patterns: tuple[str, ...]) -> list[str]:
    """Paths of what may be the script: by the first pattern that fits any file; those that train come first."""
    paths = [path for path in files if not any(part.startswith((".", "__")) for part in path.split("/"))]
    for pattern in patterns:
        found = [path for path in paths if fnmatch(path, pattern) or fnmatch(path.rpartition("/")[2], pattern)]
        training = [path for path in found if any(mark in files[path] for mark in (b".step(", b".fit("))]
        found = training or ([] if "*" in pattern else found)
        if found:
            return sorted(found, key=lambda path: (path.count("/"), path))
    return []


def counts_on_more(submission: Any, script: str, count: int) -> bool:
    """Whether a number stands in the script that is larger than the images it gets: 50000 to train on, say."""
    source = submission.files[script].decode("utf-8", "replace")
    return any(int(number.replace("_", "")) > count for number in NUMBER.findall(source))


def _offer(declaration: Training, images: ImageSet) -> Generator[Request, Reply, Judgement | None]:
    """The training images, all of them, for scripts count on as many as were published; some of them again, as many as were
    published too, as the script's test set. None, or why it could not be done."""
    x, y = images.x_train[: declaration.examples], images.y_train[: declaration.examples]
    test = min(len(images.x_hidden), len(x) // TEST_SHARE)
    call = Call("_sandbox.data.offer", (images.name, x, y, x[-test:], y[-test:]), seconds=SLACK)
    reply = yield call
    stopped = from_reply(reply, "handing over the images", call.seconds)
    return None if stopped is None else replace(stopped, status=Status.OURS)


def _runs(
    declaration: Training, images: ImageSet, script: str, seconds: float, first_cell: int | None
) -> Generator[Request, Reply, list[Trace]]:
    traces: list[Trace] = []
    for index, own in enumerate(declaration.seeds):
        share = (seconds - sum(trace.seconds for trace in traces)) / (len(declaration.seeds) - index)
        label = f"{script}, run {index + 1} of {len(declaration.seeds)}" if len(declaration.seeds) > 1 else script
        traces.append((yield from _one_run(declaration, images, script, own, share, label, first_cell)))
        if traces[-1].dead or not traces[-1].seen:
            break
        yield Call("_sandbox.training.stop", (), {"seconds": 10.0}, seed=None, seconds=SLACK)
    return traces


def _one_run(
    declaration: Training, images: ImageSet, script: str, seed: int, seconds: float, label: str, first_cell: int | None
) -> Generator[Request, Reply, Trace]:
    examples = len(images.x_train[: declaration.examples])
    trace = Trace(seed, examples, first_cell=first_cell, layers=declaration.layers)
    x, y = images.x_hidden[: declaration.hidden], images.y_hidden[: declaration.hidden]
    ways = _ways(declaration, images)
    settings = {"seed": seed, "images": x, "ways": ways, "every": declaration.every, "cores": declaration.budget.cores}
    if declaration.epochs is not None:
        settings["also_at"] = math.ceil(declaration.epochs * examples)
    yield Say(f"{label}: starting")
    reply = yield Call("_sandbox.training.start", (script,), settings, seed=seed, seconds=SLACK)
    if reply.outcome is not Outcome.OK:
        trace.ended = reply
        return trace
    if not reply.values or reply.values[0] is not True:  # the run before this one would not end, or it is our fault
        trace.ended = Reply(Outcome.OURS, detail=reply.error.message if reply.error else "the script before still runs")
        return trace
    goal = _of(declaration.stop_at, images.name) or _of(declaration.full_at, images.name)
    assert goal is not None
    while trace.seconds < seconds:
        wait = max(0.1, min(declaration.every, seconds - trace.seconds))
        left = seconds - trace.seconds  # an answer may be that late: while a script is in C, nobody else in its process runs
        reply = yield Call("_sandbox.training.next", (), {"seconds": wait}, seed=None, seconds=left + SLACK)
        over = _heard(reply, trace, y, len(ways) + 1)
        yield Say(_so_far(label, trace, seconds))
        if over:
            return trace
        if trace.seen and trace.best >= goal and not (declaration.section and first_cell is None):
            trace.ended = "goal"
            return trace
    reply = yield Call("_sandbox.training.finish", (), {"seconds": FINISH}, seed=None, seconds=FINISH + SLACK)
    _heard(reply, trace, y, len(ways) + 1)
    return trace


def _so_far(label: str, trace: Trace, seconds: float) -> str:
    """As a student reads it on the page while it trains."""
    how_far = f"{percent(trace.last)} of the held-back images right" if trace.seen else "not looked at yet"
    step = trace.seen[-1].step if trace.seen else trace.steps
    return f"{label}, step {step}: {how_far}; {_time(trace.seconds)} of at most {_time(seconds)}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _heard(reply: Reply, trace: Trace, labels: Any, ways: int) -> bool:
    """Whether the run is over with this reply."""
    trace.seconds += reply.seconds
    trace.printed = (trace.printed + reply.printed)[-2000:]
    if reply.outcome is not Outcome.OK or reply.error:
        trace.ended, trace.error = reply, reply.error
        return True
    news = reply.values[0] if reply.values and isinstance(reply.values[0], dict) else {}
    take(news, trace, labels, ways)
    if news.get("ended") is True:
        trace.ended = "itself"
        return True
    return False


def _ways(declaration: Training, images: ImageSet) -> list[dict[str, object]]:
    """As declared, and standardized by the training images, as scripts do it that compute the mean themselves."""
    mean, std = float(images.x_train.mean()) / 255, float(images.x_train.std()) / 255
    standardized = (Preprocessing(mean=mean, std=std),) if std > 0 else ()
    return [*(way.plain for way in (*declaration.inputs, *standardized)), *PIXELWISE]


def _of(value: float | dict[str, float] | None, name: str) -> float | None:
    return value.get(name) if isinstance(value, dict) else value


KIND = Kind(Training, run, scopes=("core",), tree="submission")
