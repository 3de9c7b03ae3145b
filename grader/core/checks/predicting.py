"""The scores that a model in the sandbox claims for images, and whether they stay the same, as in evaluation they must."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from grader.core.calls import Call, Ref, Request
from grader.core.checks.images import ImageSet
from grader.core.checks.inputs import Preprocessing
from grader.core.compare import as_array
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply

BATCH = 256
PREDICT = 300.0  # seconds


def predict(
    ref: Ref, x: np.ndarray, how: Preprocessing, images: ImageSet, file: str, seed: int, batch: int = BATCH
) -> Generator[Request, Reply, np.ndarray | Judgement]:
    """(N, classes) claimed scores, float."""
    call = Call("_sandbox.checkpoints.scores", (ref, x, how.plain, batch), seed=seed, seconds=PREDICT)
    reply = yield call
    stopped = from_reply(reply, f"the model of {file}", call.seconds, f"predicting {images.name}")
    if stopped is not None:
        return stopped
    scores = as_array(reply.values[0]) if reply.values else None
    if scores is None or scores.shape != (len(x), images.classes):
        shape = "no array" if scores is None else f"{scores.shape[-1] if scores.ndim > 1 else 1} scores"
        text = f"The model of {file} gives {shape} per image, where {images.name} has {images.classes} classes."
        return Judgement(Status.FAIL, text, credit=0.0)
    return scores


def hits(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N,) bool: whose highest score is at its label; a row that is not finite hits nothing."""
    return (np.argmax(scores, axis=1) == labels) & np.isfinite(scores).all(axis=1)


def unsteady(
    ref: Ref, images: ImageSet, how: Preprocessing, file: str, seed: int, scores: np.ndarray
) -> Generator[Request, Reply, tuple[str, ...] | Judgement]:
    """Dropout that is still on gives other scores a second time; batch statistics give others for one image at a time."""
    again = yield from predict(ref, images.x_hidden[:BATCH], how, images, file, seed + 1)
    if isinstance(again, Judgement):
        return again
    if not _same(again, scores[: len(again)]):
        return ("Its scores differ from one time to the next: dropout is still on in evaluation mode.",)
    few = images.x_hidden[:8]
    alone = yield from predict(ref, few, how, images, file, seed, batch=1)
    if isinstance(alone, Judgement):
        return replace(alone, message=f"With one image at a time: {alone.message}") if alone.ended else (
            "It gives no scores for one image at a time: batch normalization still uses the batch in evaluation mode.",
        )  # fmt: skip
    if not _same(alone, scores[: len(few)]):
        return (
            "Its scores for one image depend on the other images of the batch: batch normalization still uses the batch's "
            "own statistics in evaluation mode.",
        )
    return ()


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    finite = np.isfinite(one) & np.isfinite(other)
    scale = float(np.abs(other[finite]).max(initial=0.0))
    return bool(np.allclose(one[finite], other[finite], rtol=1e-3, atol=1e-3 * scale + 1e-6))
