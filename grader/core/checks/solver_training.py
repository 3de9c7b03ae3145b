"""`overfit` and `accuracy`: does the student's net learn? Trained in the sandbox with the course's solver and the student's
own net and update rules; its scores come out as claims and are compared with labels outside.

Labels of hidden images never enter the sandbox. Those of the training images have to.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from grader.core.calls import Call, Ref, Request
from grader.core.checks.calling import FETCH_FLOAT64, FLOAT64
from grader.core.checks.cut_offs import check_cut_offs, interpolated
from grader.core.checks.images import Images
from grader.core.checks.kind import Context, FunctionDeclaration, Kind, Run, find
from grader.core.compare import as_array
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply, not_implemented

NET = Ref("net", ("return",))

SOLVER_VALIDATION = 200


class SolverTraining(FunctionDeclaration):
    """How to train. `candidates` are solver settings (update rule, learning rate, weight scale) tried in order until one
    reaches the goal: the check is about the student's code, not about luck with a learning rate."""

    dataset: Literal["cifar10", "digits", "cifar10-or-digits"] = "cifar10-or-digits"
    solver: str = "cs231n.solver.Solver"
    shape: Literal["fully-connected", "three-layer-conv"] = "fully-connected"
    hidden: tuple[int, ...] = (100, 100)
    examples: int = Field(default=50, ge=1)
    batch: int = Field(default=25, ge=1)
    epochs: int = Field(default=20, ge=1)
    candidates: tuple[dict[str, float | str], ...] = Field(min_length=1)
    seconds: float = Field(default=60.0, gt=0)


class Overfit(SolverTraining):
    """A small set, to `goal` training accuracy (a fraction)."""

    goal: float = Field(default=1.0, gt=0, le=1)


class Accuracy(SolverTraining):
    """Hidden accuracy: all points from `full_at` on, none up to `zero_at`, linear in between (fractions, per data set)."""

    full_at: dict[str, float]
    zero_at: dict[str, float]

    @model_validator(mode="after")
    def _cut_offs(self) -> Accuracy:
        check_cut_offs(self.full_at, self.zero_at)
        return self


def overfit(declaration: Overfit, context: Context) -> Run:
    images: Images = context.data
    count = declaration.examples
    images = replace(images, x_train=images.x_train[:count], y_train=images.y_train[:count])
    best, judged = yield from _best_of(declaration, context, images, images.x_train, images.y_train, declaration.goal)
    if judged is not None:
        return judged
    text = f"{best:.1%} of {count} training images of {images.name}, asked for {declaration.goal:.0%}"
    if best >= declaration.goal:
        return Judgement(Status.PASS, f"{declaration.name} learns a small set by heart: {text}.", credit=1.0)
    return Judgement(Status.FAIL, f"{declaration.name} does not learn a small set by heart: {text}.", credit=0.0)


def accuracy(declaration: Accuracy, context: Context) -> Run:
    images: Images = context.data
    if images.name not in declaration.full_at:
        return Judgement(Status.OURS, f"the rubric has no cut-offs for {images.name}", detail="pack error: full_at")
    images = replace(
        images, x_train=images.x_train[: declaration.examples], y_train=images.y_train[: declaration.examples]
    )
    full, zero = declaration.full_at[images.name], declaration.zero_at[images.name]
    best, judged = yield from _best_of(declaration, context, images, images.x_hidden, images.y_hidden, full)
    if judged is not None:
        return judged
    credit = interpolated(best, zero, full)
    error = np.sqrt(best * (1 - best) / len(images.y_hidden))
    text = (
        f"{declaration.name} reaches {best:.1%} on {len(images.y_hidden)} held-back images of {images.name} "
        f"(standard error {error:.1%}); full points from {full:.0%}, none up to {zero:.0%}."
    )
    return Judgement(Status.PASS if credit >= 1 else Status.FAIL, text, credit=credit)


def _best_of(
    declaration: SolverTraining, context: Context, images: Images, x: np.ndarray, y: np.ndarray, goal: float
) -> Generator[Request, Reply, tuple[float, Judgement | None]]:
    """The best accuracy on (x, y) over the candidates, the first that reaches `goal` ends it; or why there is none."""
    absent, parameters = yield from find(declaration)
    if absent is not None:
        return 0.0, absent
    best: float | None = None
    stopped: Judgement | None = None
    for candidate in declaration.candidates:
        reached = yield from _train(declaration, context, images, x, y, dict(candidate), parameters)
        if isinstance(reached, Judgement):
            stopped = reached
            if reached.ended:
                return 0.0, reached
            continue
        best = max(reached, best or 0.0)
        if best >= goal:
            break
    return (0.0, stopped) if best is None and stopped else (best or 0.0, None)


def _train(
    declaration: SolverTraining, context: Context, images: Images, x: np.ndarray, y: np.ndarray,
    candidate: dict[str, float | str], parameters: tuple[str, ...],
) -> Generator[Request, Reply, float | Judgement]:  # fmt: skip
    name = declaration.name
    settings = {key: candidate.pop(key) for key in ("weight_scale", "reg") if key in candidate}
    build = Call(
        declaration.function, *_constructor(declaration, images, settings, parameters), "net", (), context.seed, 20.0
    )
    if "dtype" in build.kwargs:
        yield FETCH_FLOAT64
    reply = yield build
    stopped = from_reply(reply, name, build.seconds)
    if stopped is not None:
        return stopped
    untrained = yield from _accuracy(name, images.x_train[:2], images.y_train[:2], images.classes, context)
    if isinstance(untrained, Judgement):
        return untrained  # a net without scores cannot be trained
    rule = candidate.pop("update_rule", "sgd")
    seen = slice(SOLVER_VALIDATION)  # the solver keeps the parameters that do best on these
    data = {
        "X_train": images.x_train, "y_train": images.y_train,
        "X_val": images.x_train[seen], "y_val": images.y_train[seen],
    }  # fmt: skip
    solver = Call(
        declaration.solver,
        (NET, data),
        {
            "update_rule": rule, "optim_config": candidate, "num_epochs": declaration.epochs,
            "batch_size": declaration.batch, "print_every": 10**9, "verbose": False, "num_train_samples": 1,
        },
        "solver", (), context.seed, declaration.seconds,
    )  # fmt: skip
    for request in (
        solver,
        Call(Ref("solver", ("return", "train")), (), {}, "training", (), context.seed, declaration.seconds),
    ):
        reply = yield request
        stopped = from_reply(reply, name, request.seconds, f"while training with {rule}")
        if stopped is not None:
            return stopped
    return (yield from _accuracy(name, x, y, images.classes, context))


def _constructor(
    declaration: SolverTraining, images: Images, settings: dict[str, Any], parameters: tuple[str, ...]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    kwargs: dict[str, Any] = {"num_classes": images.classes, **settings}
    if "dtype" in parameters:
        kwargs["dtype"] = FLOAT64
    if declaration.shape == "fully-connected":
        return (list(declaration.hidden),), {"input_dim": int(np.prod(images.x_train.shape[1:])), **kwargs}
    size = {"num_filters": 8, "filter_size": 3, "hidden_dim": declaration.hidden[0]}
    return (), {"input_dim": tuple(images.x_train.shape[1:]), **size, **kwargs}


def _accuracy(
    name: str, x: np.ndarray, y: np.ndarray, classes: int, context: Context, batch: int = 500
) -> Generator[Request, Reply, float | Judgement]:
    """The fraction of `y` that the claimed scores hit; a row that is not finite hits nothing."""
    right = 0
    for start in range(0, len(y), batch):
        part = x[start : start + batch]
        reply = yield Call(Ref("net", ("return", "loss")), (part,), {}, "scores", (("return",),), context.seed, 30.0)
        stopped = from_reply(reply, name, 30.0, "while predicting")
        if stopped is not None:
            return stopped
        scores = as_array(reply.values[0]) if reply.values else None
        if scores is None or scores.shape != (len(part), classes):
            return not_implemented(name, "its scores are not an array with one row per image and one column per class")
        finite = np.isfinite(scores).all(axis=1)
        right += int(np.sum((np.argmax(scores, axis=1) == y[start : start + batch]) & finite))
    return right / len(y)


OVERFIT = Kind(Overfit, overfit, scopes=("core",))
ACCURACY = Kind(Accuracy, accuracy, scopes=("core",))
