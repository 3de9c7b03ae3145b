"""A backward pass whose forward pass is wrong: the forward pass's slip must not cost it too.

It works with what that forward pass left in the cache, so three things speak for it: it fits the reference all the same; it
fits the student's own forward pass, by central differences; or the only slip that it shows is the one that the forward pass
shows. If none of them holds and it shows no known slip of its own either, nobody can tell from outside whose slip it is:
that is for a TA.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.core.calls import Request
from grader.core.checks.calling import forward_call
from grader.core.checks.forward import expected_outputs, fresh
from grader.core.checks.kind import Context
from grader.core.checks.naming import name_mistakes
from grader.core.checks.outputs import Trial
from grader.core.compare import Agreement, Difference, Mismatch, as_array, compare
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, unread

DIRECTIONS = 3
STEP = 1e-5
OWN_FORWARD_RTOL = 1e-4
"""Central differences with step 1e-5 in float64 are right to about 1e-9; a wrong gradient is off by far more than 1e-4."""


def forward_differs(reference: Any, case: Any, forward_claims: dict[str, Any]) -> bool:
    """Whether some output of the student's own forward pass is wrong."""
    right = expected_outputs(reference, case)
    return any(
        not isinstance(compare(name, forward_claims[name], right[name]), Agreement) for name in reference.outputs
    )


def fits_own_forward(
    declaration: Any, context: Context, case: Any, upstream: np.ndarray, observed: dict[str, Any], index: int
) -> Generator[Request, Reply, bool]:
    """Whether every claimed gradient equals central differences of the student's own forward along random directions."""
    rng = np.random.default_rng(context.seed + 2 + index)
    for name, claimed in observed.items():
        source = name.removeprefix("d")
        at = case.inputs[source]
        gradient = as_array(claimed)
        if gradient is None or gradient.shape != np.shape(at) or not np.all(np.isfinite(gradient)):
            return False
        for _ in range(DIRECTIONS):
            direction = rng.normal(size=np.shape(at))
            slope = yield from _slope(declaration, context, case, upstream, source, direction, index)
            along = float(np.sum(gradient * direction))
            size = float(np.linalg.norm(gradient) + 1e-8)
            if slope is None or abs(slope - along) > OWN_FORWARD_RTOL * max(abs(slope), size):
                return False
    return True


def _slope(
    declaration: Any,
    context: Context,
    case: Any,
    upstream: np.ndarray,
    source: str,
    direction: np.ndarray,
    index: int,
) -> Generator[Request, Reply, float | None]:
    sums = []
    for sign in (1.0, -1.0):
        moved = {source: case.inputs[source] + sign * STEP * direction}
        request = forward_call(context.reference, declaration.forward, case, "moved", context.seed + index, moved)
        reply = yield request
        out = as_array(reply.values[0]) if reply.values and reply.error is None else None
        if out is None or out.shape != upstream.shape or not np.all(np.isfinite(out)):
            return None
        sums.append(float(np.sum(out.astype(np.float64) * upstream)))
    return (sums[0] - sums[1]) / (2 * STEP)


@dataclass(frozen=True)
class Forward:
    """What the student's forward pass gave on a case, by output name, and what is right."""

    case: Any
    observed: dict[str, Any]
    expected: dict[str, Any]


def blame(
    judgement: Judgement, backward: str, forward: str, trials: Sequence[Trial], forwards: Sequence[Forward | None],
    mistakes: Sequence[Any], produce: Any, rtol: float,
) -> Judgement:  # fmt: skip
    """The judgement on a backward pass that failed: as it is, counted in the forward pass, or left to a TA.

    forwards: for each trial the forward pass, where it differs; None where it is right. produce(mistake, index): what the
    backward pass of a known mistake gives on a trial.
    """
    wrong = [index for index, trial in enumerate(trials) if _off(trial, rtol)]
    behind = [forwards[index] for index in wrong]
    if judgement.status is not Status.FAIL or not all(behind) or not all(_by_value(trials[i], rtol) for i in wrong):
        return judgement
    ids = {mistake.id for mistake in _of_forward([one for one in forwards if one], mistakes, rtol)}
    known = [mistake for mistake in mistakes if mistake.part == "backward"]
    shared = [mistake for mistake in known if mistake.id in ids]
    outputs = sorted({one.output for index in wrong for one in _off(trials[index], rtol)})
    carried = {output: _named(output, trials, shared, produce, rtol) for output in outputs}
    if all(carried.values()):
        said = f"{backward} shows no slip but that of {forward}."
        labels = dict.fromkeys(mistake.label for found in carried.values() for mistake in found)
        remarks = tuple(f"It looks as if {label}; that is counted in {forward}." for label in labels)
        return Judgement(Status.PASS, said, remarks=(*judgement.remarks, *remarks), seconds=judgement.seconds)
    if any(_named(output, trials, known, produce, rtol) for output, found in carried.items() if not found):
        return judgement
    return unread(
        f"{backward} works with what {forward} hands it, which is wrong. Its result fits neither that nor a known slip, so "
        "a TA has to tell whether it has one of its own."
    )


def _named(output: str, trials: Sequence[Trial], mistakes: Sequence[Any], produce: Any, rtol: float) -> list[Any]:
    """The mistakes that explain one output."""
    observed = [{output: trial.observed[output]} if output in trial.observed else {} for trial in trials]
    expected = [{output: trial.expected[output]} if output in trial.observed else {} for trial in trials]
    return name_mistakes(observed, expected, mistakes, produce, rtol)


def _off(trial: Trial, rtol: float) -> list[Mismatch]:
    found = (compare(name, trial.observed[name], right, rtol) for name, right in trial.expected.items())
    return [one for one in found if isinstance(one, Mismatch)]


def _by_value(trial: Trial, rtol: float) -> bool:
    """Wrong numbers may come from a wrong cache; nothing at all, or another shape, does not."""
    return all(one.difference in (Difference.VALUE, Difference.NOT_FINITE) for one in _off(trial, rtol))


def _of_forward(forwards: Sequence[Forward], mistakes: Sequence[Any], rtol: float) -> list[Any]:
    """The known mistakes that the forward pass shows on the cases where it is wrong."""

    def produce(mistake: Any, index: int) -> dict[str, Any] | None:
        return mistake.forward(**fresh(forwards[index].case.inputs)) if mistake.forward else None

    return name_mistakes(
        [one.observed for one in forwards],
        [one.expected for one in forwards],
        [mistake for mistake in mistakes if mistake.part == "forward"],
        produce,
        rtol,
    )
