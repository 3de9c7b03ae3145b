"""`gradient`: a backward function against the reference's gradient and, failing that, against the student's own forward."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np

from grader.core.calls import Call, Request
from grader.core.checks.calling import (
    backward_call,
    case_text,
    claims,
    forward_call,
    forward_names,
    nothing,
    returned_paths,
    single,
)
from grader.core.checks.forward import cases_of, expected_outputs, fresh
from grader.core.checks.kind import Context, FunctionDeclaration, Kind, Run, under_any_convention
from grader.core.checks.outputs import Trial, judge
from grader.core.checks.own_forward import Forward, blame, fits_own_forward, forward_differs
from grader.core.compare import agree
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, blocked, from_reply, not_implemented, unread


class Gradient(FunctionDeclaration):
    """`forward` is the student's function whose cache the backward function needs; `wrt` limits the gradients judged."""

    of: str
    forward: str
    wrt: tuple[str, ...] = ()
    rtol: float = 1e-6


def run(declaration: Gradient, context: Context) -> Run:
    return (yield from under_any_convention(declaration, context, _under))


def _under(declaration: Gradient, context: Context, convention: str) -> Run:
    cases = [case for case in cases_of(context, convention) if case.has_backward]
    if not cases:
        return Judgement(Status.PASS, f"{declaration.name}: there is nothing to try beyond the assignment.")
    rng = np.random.default_rng(context.seed + 1)
    upstreams = [_upstream(context.reference, case, rng) for case in cases]
    trials: list[Trial] = []
    forwards: list[Forward | None] = []
    own_forward = False
    for index, (case, upstream) in enumerate(zip(cases, upstreams, strict=True)):
        trial, used_own, forward = yield from _trial(declaration, context, case, upstream, index)
        own_forward |= used_own
        trials.append(trial)
        forwards.append(forward)
        if trial.stopped is not None and trial.stopped.ended:
            break
    judged, skipped = _where_forward_ran(trials)

    def produce(mistake: Any, index: int) -> dict[str, Any] | None:
        if mistake.part != "backward" or mistake.backward is None:
            return None
        return mistake.backward(upstreams[judged[index]], **fresh(cases[judged[index]].inputs))

    trials = [trials[index] for index in judged]
    known, forward_name = context.reference.mistakes, declaration.forward.rpartition(".")[2]
    judgement = judge(declaration.name, trials, known, produce, declaration.rtol)
    behind = [forwards[index] for index in judged]
    judgement = blame(
        judgement, declaration.name, forward_name, trials, behind, known, produce, declaration.rtol
    )
    if own_forward and judgement.status is Status.PASS:
        judgement = replace(judgement, message=f"{declaration.name} is right for the {forward_name} that was handed in.")
        return judgement.with_remark(f"{forward_name} itself differs from what was asked; that is counted there, not here.")
    return judgement.with_remark(skipped) if skipped else judgement


def _where_forward_ran(trials: list[Trial]) -> tuple[list[int], str]:
    """The trials to judge, and a remark: those whose forward pass stopped are left out where others ran to the end."""
    blocked_at = [index for index, trial in enumerate(trials) if trial.stopped is not None and trial.stopped.blocked]
    ended = any(trial.stopped is not None and trial.stopped.ended for trial in trials)
    if not blocked_at or len(blocked_at) == len(trials) or ended:
        return list(range(len(trials))), ""
    remark = "The forward pass stops on some cases; that is counted there, and here only the others were judged."
    return [index for index in range(len(trials)) if index not in blocked_at], remark


def _upstream(reference: Any, case: Any, rng: np.random.Generator) -> np.ndarray:
    out = reference.forward(**fresh(case.inputs))[reference.outputs[0]]
    return single(rng.normal(loc=0.3, scale=1.0, size=np.shape(out)))


def _trial(
    declaration: Gradient, context: Context, case: Any, upstream: np.ndarray, index: int
) -> Generator[Request, Reply, tuple[Trial, bool, Forward | None]]:
    """The trial, whether it was judged by the student's own forward pass, and that pass if it is wrong."""
    reference, on = context.reference, case_text(case)
    forward_name = declaration.forward.rpartition(".")[2]
    first = forward_call(reference, declaration.forward, case, "forward", context.seed + index)
    forward_reply = yield first
    forward_stopped = from_reply(forward_reply, forward_name, first.seconds, on)
    if forward_stopped is not None:
        stub = None if forward_stopped.ended else (yield from _unwritten(declaration, context, upstream, index))
        stopped = stub or blocked(declaration.name, forward_name, forward_stopped)
        return Trial(on, stopped=stopped, seconds=forward_reply.seconds), False, None
    request = backward_call(reference, declaration.function, upstream, "forward", "backward", context.seed + index)
    reply = yield request
    names = reference.gradients
    forward_claims = claims(forward_names(reference), forward_reply)
    forward_empty = all(nothing(forward_claims[name]) for name in reference.outputs)
    stopped = from_reply(reply, declaration.name, request.seconds, on)
    if stopped is not None:
        if forward_empty and stopped.status is Status.ERROR:
            text = f"{declaration.name} could not be judged, because {forward_name} gives it no cache."
            stub = None if stopped.ended else (yield from _unwritten(declaration, context, upstream, index))
            stopped = stub or replace(unread(text), detail=stopped.detail, blocked=True)
        return Trial(on, stopped=stopped, seconds=reply.seconds), False, None
    right = reference.backward(upstream, **fresh(case.inputs))
    wanted = {f"d{name}" for name in declaration.wrt} or set(names)
    observed = {name: value for name, value in claims(names, reply).items() if name in wanted}
    expected = {name: right[name] for name in observed}
    if all(nothing(value) for value in observed.values()):
        return Trial(on, observed, expected, empty=True, seconds=reply.seconds), False, None
    wrong = any(not agree(observed[name], expected[name], declaration.rtol) for name in expected)
    trial = Trial(on, observed, expected, seconds=reply.seconds)
    if not wrong or forward_empty or not forward_differs(reference, case, forward_claims):
        return trial, False, None
    own = yield from fits_own_forward(declaration, context, case, upstream, observed, index)
    if own:
        return Trial(on, seconds=reply.seconds), True, None
    return trial, False, Forward(case, forward_claims, expected_outputs(reference, case))


def _unwritten(
    declaration: Gradient, context: Context, upstream: np.ndarray, index: int
) -> Generator[Request, Reply, Judgement | None]:
    """Without a cache there is one thing to find out: whether anything is written at all. None: something is."""
    take = returned_paths(context.reference.gradients, bare=len(context.reference.gradients) == 1)
    request = Call(declaration.function, (upstream, None), {}, None, take, context.seed + index)
    reply = yield request
    stopped = from_reply(reply, declaration.name, request.seconds)
    if stopped is None and all(nothing(value) for value in reply.values):
        return not_implemented(declaration.name, "it returns nothing (None)")
    return stopped if stopped is not None and (stopped.status is Status.MISSING or stopped.ended) else None


KIND = Kind(Gradient, run)
