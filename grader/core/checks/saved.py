"""Saved weights of a run, evaluated again: found among what was handed in, put into the model, scored on hidden images.

The scores are claims of the sandbox; which of them are right is decided here, with labels that never go in.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from grader.core.calls import Ref, Request, Say
from grader.core.checks.fitting import load
from grader.core.checks.images import ImageSet
from grader.core.checks.inputs import Preprocessing, ways_to_prepare
from grader.core.checks.kind import Context
from grader.core.checks.model import Model
from grader.core.checks.predicting import hits, predict, unsteady
from grader.core.checks.weight_files import find_weights
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, unread

TRIED = 3
"""Files that fit the same name: so many are evaluated, the best counts."""

FIRST = 5_000  # training images whose mean and standard deviation are taken for those of all
PROBE = 500  # hidden images on which the ways to prepare them are tried


class Saved(BaseModel):
    """Which file, for which model, and how images are prepared for it.

    file: names with `*`, most telling first, with or without an ending; case, blanks and `-` do not matter. others: names of
    files that belong to other runs. model: None for files that hold a whole Keras model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: tuple[str, ...] = Field(min_length=1)
    others: tuple[str, ...] = ()
    model: Model | None = None
    inputs: tuple[Preprocessing, ...] = Field(default=(Preprocessing(),), min_length=1)


@dataclass(frozen=True)
class Evaluated:
    """right: (N,) bool, which hidden images are classified right, prepared as `how` says, which gives the most. ref: the model
    with the weights, in the sandbox. finite: whether any image has scores that are numbers. whole: whether the model has a place
    for all that the file holds. tried: each way to prepare images with the accuracy on the first `PROBE` of them.

    unsteady: what in its scores changes that must not, one sentence each.
    """

    file: str
    right: np.ndarray
    how: Preprocessing
    ref: Ref
    remarks: tuple[str, ...] = ()
    unsteady: tuple[str, ...] = ()
    finite: bool = True
    whole: bool = True
    tried: tuple[tuple[Preprocessing, float], ...] = ()

    @property
    def accuracy(self) -> float:
        return float(np.mean(self.right))


def evaluate(saved: Saved, context: Context, keep: str) -> Generator[Request, Reply, Evaluated | Judgement]:
    """The best of the files that are meant, on the hidden images; or the verdict why none could be evaluated."""
    handed_in = context.submission.files if context.submission else ()
    files = find_weights(saved.file, saved.others, handed_in)
    if isinstance(files, Judgement):
        return files
    best: Evaluated | None = None
    failed: Judgement | None = None
    for number, file in enumerate(files[:TRIED]):
        got = yield from _evaluate_file(saved, context, file, f"{keep}-{number}")
        if isinstance(got, Evaluated):
            best = got if best is None or got.accuracy > best.accuracy else best
        else:
            failed = failed or got
            if got.ended:
                break
    if best is None:
        assert failed is not None, "there is at least one file"
        return failed
    if len(files) > 1:
        others = ", ".join(file for file in files if file != best.file)
        best = replace(
            best, remarks=(*best.remarks, f"Of several files {best.file} was taken, the best; others: {others}.")
        )
    return best


def _evaluate_file(
    saved: Saved, context: Context, file: str, keep: str
) -> Generator[Request, Reply, Evaluated | Judgement]:
    yield Say(f"{file}: reading the weights")
    images: ImageSet = context.data
    shown = (images.x_hidden[:1], saved.inputs[0].plain)
    fitted = yield from load(file, saved.model, context, shown, keep)
    if isinstance(fitted, Judgement):
        return fitted
    chosen = yield from _choose_inputs(saved, context, file, fitted.ref)
    if isinstance(chosen, Judgement):
        return chosen
    how, scores, tried = chosen
    yield Say(f"{file}: {np.mean(hits(scores, images.y_hidden[: len(scores)])):.1%} of {len(scores)} hidden images")
    changes = yield from unsteady(fitted.ref, images, how, file, context.seed, scores)
    if isinstance(changes, Judgement):
        return changes
    if len(images.x_hidden) > len(scores):
        rest = yield from predict(fitted.ref, images.x_hidden[len(scores) :], how, images, file, context.seed)
        if isinstance(rest, Judgement):
            return rest
        scores = np.concatenate([scores, rest])
    finite = bool(np.isfinite(scores).all(axis=1).any())
    return Evaluated(file, hits(scores, images.y_hidden), how, fitted.ref, fitted.remarks, changes, finite, not fitted.extra, tried)


def _choose_inputs(
    saved: Saved, context: Context, file: str, ref: Ref
) -> Generator[Request, Reply, tuple[Preprocessing, np.ndarray, tuple[tuple[Preprocessing, float], ...]] | Judgement]:
    """The way to prepare images that gives the best accuracy on the first hidden ones, the scores for these, and all that were
    tried with their accuracies."""
    images: ImageSet = context.data
    best: tuple[float, Preprocessing, np.ndarray] | None = None
    failed: Judgement | None = None
    tried: list[tuple[Preprocessing, float]] = []
    for how in ways(saved.inputs, images):
        scores = yield from predict(ref, images.x_hidden[:PROBE], how, images, file, context.seed)
        if isinstance(scores, Judgement):
            if scores.ended:
                return scores
            failed = scores if failed is None or scores.status is Status.FAIL else failed
            continue
        accuracy = float(np.mean(hits(scores, images.y_hidden[:PROBE])))
        tried.append((how, accuracy))
        if best is None or accuracy > best[0]:
            best = accuracy, how, scores
    if best is not None:
        return best[1], best[2], tuple(tried)
    assert failed is not None, "there is at least one way to prepare images"
    return failed if failed.status is Status.FAIL else _no_scores(saved, file, failed)


def ways(declared: Sequence[Preprocessing], images: ImageSet) -> tuple[Preprocessing, ...]:
    """All ways in which images are prepared for saved weights."""
    some = images.x_train[:FIRST] / np.float32(255)
    return ways_to_prepare(declared, float(some.mean()), float(some.std()))


def _no_scores(saved: Saved, file: str, failed: Judgement) -> Judgement:
    """The rubric may not know how this student prepares images: nobody loses points for that."""
    tried = "; ".join(how.text for how in saved.inputs[:4])
    text = f"The model with the weights of {file} took no images, prepared in any way that the rubric knows ({tried})"
    return replace(unread(f"{text}: {failed.message} A TA looks at it."), detail=failed.detail)
