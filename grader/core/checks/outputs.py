"""Judging several cases of one function: what they have in common becomes one verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from grader.core.checks.naming import name_mistakes
from grader.core.compare import Agreement, Mismatch, agree, compare
from grader.core.result import Status
from grader.core.verdict import Judgement, describe, not_implemented


@dataclass(frozen=True)
class Trial:
    """One case: what was claimed and what is right, by output name; or `stopped` when the call did not return."""

    on: str
    observed: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, Any] = field(default_factory=dict)
    stopped: Judgement | None = None
    empty: bool = False  # nothing at all was returned
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()


def judge(
    function: str,
    trials: list[Trial],
    mistakes: Iterable[Any] = (),
    produce: Callable[[Any, int], dict[str, Any] | None] = lambda mistake, index: None,
    rtol: float = 1e-6,
    partly: bool = True,
) -> Judgement:
    """One verdict over all trials: not implemented, stopped, wrong (with the named mistake) or right.

    `produce(mistake, index)` gives what a known mistake returns on the trial at `index` of `trials`.
    partly: whether a mistake may be named that explains only some of the outputs.
    """
    seconds = sum(trial.seconds for trial in trials)
    if trials and all(trial.empty for trial in trials):
        return not_implemented(function, "it returns nothing (None)")
    stopped = [trial.stopped for trial in trials if trial.stopped is not None]
    if stopped:
        return _worst(stopped)
    compared = [
        (trial, compare(name, trial.observed[name], right, rtol))
        for trial in trials
        for name, right in trial.expected.items()
    ]
    remarks = tuple(dict.fromkeys(remark for trial in trials for remark in trial.remarks))
    wrong = [(trial, found) for trial, found in compared if isinstance(found, Mismatch)]
    if not wrong:
        return _right(function, [found for _, found in compared if isinstance(found, Agreement)], remarks, seconds)
    named = name_mistakes(
        [trial.observed for trial in trials], [trial.expected for trial in trials], mistakes, produce, rtol, partly
    )
    if named and all(mistake.accepted for mistake in named):
        remarks = (*remarks, *(f"{function} counts as right: {mistake.accepted}." for mistake in named))
        return Judgement(Status.PASS, f"{function} is right.", remarks=remarks, seconds=seconds)
    return _wrong(function, wrong, trials, named, remarks, seconds)


def wrong_outputs(trial: Trial, rtol: float) -> set[str]:
    """The names of a trial's outputs that are wrong."""
    return {name for name, right in trial.expected.items() if not agree(trial.observed[name], right, rtol)}


def _worst(stopped: list[Judgement]) -> Judgement:
    """Our own faults first, then what ended the process, then exceptions, then what is not implemented."""
    order = [Status.OURS, Status.TIMEOUT, Status.MEMORY, Status.ERROR, Status.FAIL, Status.MISSING]
    return min(stopped, key=lambda judgement: (order.index(judgement.status), not judgement.ended))


def _right(function: str, agreements: list[Agreement], remarks: tuple[str, ...], seconds: float) -> Judgement:
    error = max((agreement.relative_error for agreement in agreements), default=0.0)
    single = {agreement.output for agreement in agreements if agreement.single_precision}
    if single:
        remarks = (*remarks, f"{', '.join(sorted(single))} came in single precision (float32) for float64 inputs.")
    return Judgement(Status.PASS, f"{function} is right.", relative_error=error, remarks=remarks, seconds=seconds)


def _wrong(
    function: str,
    wrong: list[tuple[Trial, Mismatch]],
    trials: list[Trial],
    named: list[Any],
    remarks: tuple[str, ...],
    seconds: float,
) -> Judgement:
    first_trial, first = wrong[0]
    sentences = [describe(function, first, first_trial.on)]
    others = sorted({found.output for _, found in wrong} - {first.output})
    if others:
        sentences.append(f"Also off: {', '.join(others)}.")
    sentences += [f"It looks as if {mistake.label}." for mistake in named]
    right = len(trials) - len({trial.on for trial, _ in wrong})
    if right > 0:
        sentences.append(f"{right} of the {len(trials)} cases that were tried came out right.")
    return Judgement(
        Status.FAIL,
        " ".join(sentences),
        mistake=named[0].id if named else None,
        relative_error=max((found.relative_error or 0.0 for _, found in wrong), default=0.0) or None,
        remarks=remarks,
        seconds=seconds,
    )
