"""`forward`: a function's outputs against the reference, on every case of the scope."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np

from grader.core.calls import Ref, Request, Take
from grader.core.checks.calling import case_text, changed_inputs, claims, forward_call, forward_names, nothing, single
from grader.core.checks.kind import Context, FunctionDeclaration, Kind, Run, under_any_convention
from grader.core.checks.outputs import Trial, judge
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply


class Forward(FunctionDeclaration):
    """`of`: the reference; `rtol`: relative tolerance of every entry."""

    of: str
    rtol: float = 1e-6


def run(declaration: Forward, context: Context) -> Run:
    return (yield from under_any_convention(declaration, context, _under))


def _under(declaration: Forward, context: Context, convention: str) -> Run:
    reference, rtol = context.reference, declaration.rtol
    cases = cases_of(context, convention)
    trials: list[Trial] = []
    for index, case in enumerate(cases):
        trial = yield from _trial(declaration, context, case, index)
        trials.append(trial)
        if trial.stopped is not None and trial.stopped.ended:
            break

    def produce(mistake: Any, index: int) -> dict[str, Any] | None:
        if mistake.part != "forward" or mistake.forward is None:
            return None
        return mistake.forward(**fresh(cases[index].inputs))

    return judge(declaration.name, trials, reference.mistakes, produce, rtol)


def _trial(declaration: Forward, context: Context, case: Any, index: int) -> Generator[Request, Reply, Trial]:
    reference, on = context.reference, case_text(case)
    request = forward_call(reference, declaration.function, case, "forward", context.seed + index)
    reply = yield request
    stopped = from_reply(reply, declaration.name, request.seconds, on)
    if stopped is not None:
        return Trial(on, stopped=stopped, seconds=reply.seconds)
    observed = claims(forward_names(reference), reply)
    if reference.has_cache and not isinstance(observed[reference.outputs[0]], np.ndarray):
        without_cache = yield from _without_cache(declaration.name, reference)
        if without_cache is not None:
            return Trial(on, stopped=without_cache, seconds=reply.seconds)
    if all(nothing(observed[name]) for name in reference.outputs):
        return Trial(on, observed, expected_outputs(reference, case), empty=True, seconds=reply.seconds)
    remarks = tuple(
        f"{declaration.name} changes its input {name} in place; every call here gets fresh copies, so nothing was deducted."
        for name in changed_inputs(reference, reply.changed)
    )
    return Trial(on, observed, expected_outputs(reference, case), seconds=reply.seconds, remarks=remarks)


def _without_cache(function: str, reference: Any) -> Generator[Request, Reply, Judgement | None]:
    """A fail when an array came back where (output, cache) was asked for: nobody could unpack it."""
    reply = yield Take(Ref("forward"), (("return",),))
    if not reply.values or not isinstance(reply.values[0], np.ndarray):
        return None
    asked = ", ".join((*reference.outputs, "cache"))
    return Judgement(Status.FAIL, f"{function} returns one array instead of ({asked}).")


def cases_of(context: Context, convention: str) -> list[Any]:
    """The reference's cases of this scope, drawn from the recorded seed, in numbers that float32 holds exactly: a student who
    keeps inputs in single precision still computes with the same ones."""
    rng = np.random.default_rng(context.seed)
    cases = context.reference.draw(rng, convention=convention)
    return [replace(case, inputs=_single(case.inputs)) for case in cases if case.scope == context.scope]


def _single(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return single(value) if value.dtype.kind == "f" else value
    return {key: _single(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def expected_outputs(reference: Any, case: Any) -> dict[str, Any]:
    right = reference.forward(**fresh(case.inputs))
    return {name: right[name] for name in forward_names(reference) if name in right}


def fresh(inputs: dict[str, Any]) -> dict[str, Any]:
    """Copies deep enough that neither reference nor mistake can change the case."""
    return {name: _copy(value) for name, value in inputs.items()}


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    return {key: _copy(entry) for key, entry in value.items()} if isinstance(value, dict) else value


KIND = Kind(Forward, run)
