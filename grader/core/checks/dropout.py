"""`dropout`: a random layer, judged by what every right one has in common: which values can occur, how often, and that the
backward pass uses the same mask."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from grader.core.calls import Call, Request
from grader.core.checks.calling import CALL_SECONDS, backward_call, case_text, claims, forward_call, nothing
from grader.core.checks.forward import cases_of
from grader.core.checks.kind import Context, FunctionDeclaration, Kind, Run, find
from grader.core.checks.outputs import Trial, judge
from grader.core.compare import Mismatch, agree, as_array, compare
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, blocked, describe, from_reply, not_implemented, unread

DEVIATIONS = 6.0
"""A fair mask leaves this many standard deviations about once in 500 million cases."""


class Dropout(FunctionDeclaration):
    """`part` says which function is judged; `forward` is needed for the backward one. `variable` names the pack's variable
    that says whether p keeps or drops."""

    of: str = "dropout"
    part: Literal["forward", "backward"] = "forward"
    forward: str | None = None
    variable: str = "dropout_p"
    rtol: float = 1e-6


def run(declaration: Dropout, context: Context) -> Run:
    absent, _ = yield from find(declaration)
    if absent is not None:
        return absent
    judgements: list[Judgement] = []
    for index, case in enumerate(cases_of(context, "")):
        judged = yield from (_forward if declaration.part == "forward" else _backward)(
            declaration, context, case, index
        )
        judgements.append(judged)
        if judged.ended:
            return judged
    return _together(declaration.name, judgements)


def _together(function: str, judgements: list[Judgement]) -> Judgement:
    judgements = [judgement for judgement in judgements if not judgement.blocked] or judgements
    if judgements and all(judgement.status is Status.MISSING for judgement in judgements):
        return judgements[0]
    wrong = [judgement for judgement in judgements if judgement.status is not Status.PASS]
    if not wrong:
        remarks = tuple(dict.fromkeys(remark for judgement in judgements for remark in judgement.remarks))
        return Judgement(Status.PASS, f"{function} is right.", remarks=remarks)
    named = next((judgement for judgement in wrong if judgement.mistake), wrong[0])
    if named.status is not Status.MISSING:
        return named
    return replace(named, status=Status.FAIL, message=f"{function} gives nothing (None) in some cases: {named.detail}.")


def _keep_probability(declaration: Dropout, context: Context, p: float) -> float:
    return p if context.variables.get(declaration.variable, "keep") == "keep" else 1.0 - p


def _forward(declaration: Dropout, context: Context, case: Any, index: int) -> Run:
    on = case_text(case)
    request = forward_call(context.reference, declaration.function, case, "forward", context.seed + index)
    reply = yield request
    stopped = from_reply(reply, declaration.name, request.seconds, on)
    if stopped is not None:
        return stopped
    observed = claims(("out",), reply)["out"]
    if nothing(observed):
        return replace(not_implemented(declaration.name, "it returns nothing (None)"), detail=on)
    x, parameters = case.inputs["x"], case.inputs["dropout_param"]
    if parameters["mode"] == "test":
        judged = judge(declaration.name, [Trial(on, {"out": observed}, {"out": x})], rtol=declaration.rtol)
        if judged.status is Status.FAIL:
            return _explained(judged, context, x, observed, parameters, declaration)
        return judged
    return _judge_train(declaration, context, x, observed, parameters, on)


def _judge_train(
    declaration: Dropout, context: Context, x: np.ndarray, observed: Any, parameters: dict[str, Any], on: str
) -> Judgement:
    keep = _keep_probability(declaration, context, parameters["p"])
    out = as_array(observed)
    if out is None or out.shape != x.shape or not np.all(np.isfinite(out)):
        found = compare("out", observed, x, declaration.rtol)
        assert isinstance(found, Mismatch), "not an array of finite numbers of this shape"
        return Judgement(Status.FAIL, describe(declaration.name, found, on))
    kept = out != 0
    wrong = [what for what, holds in _properties(x, out, kept, keep, declaration.rtol).items() if not holds]
    if not wrong:
        return Judgement(Status.PASS, f"{declaration.name} is right.")
    judged = Judgement(Status.FAIL, f"out of {declaration.name} {wrong[0]} {on}.")
    return _explained(judged, context, x, out, parameters, declaration)


def _properties(x: np.ndarray, out: np.ndarray, kept: np.ndarray, keep: float, rtol: float) -> dict[str, bool]:
    """What holds for every right dropout in training, by what to say when it does not."""
    deviation = np.sqrt(keep * (1 - keep))
    columns, rows = kept.mean(axis=0), kept.mean(axis=1)
    return {
        "drops the wrong share of the units": abs(kept.mean() - keep) <= DEVIATIONS * deviation / np.sqrt(kept.size),
        "drops whole columns or rows together instead of single units": bool(
            np.all(np.abs(columns - keep) <= DEVIATIONS * deviation / np.sqrt(kept.shape[0]) + 1e-9)
            and np.all(np.abs(rows - keep) <= DEVIATIONS * deviation / np.sqrt(kept.shape[1]) + 1e-9)
            and not np.all(kept == kept[:1])
        ),
        "has kept units of the wrong size": bool(agree(out[kept], x[kept] / keep, rtol)),
    }


def _explained(
    judged: Judgement, context: Context, x: np.ndarray, observed: Any, parameters: dict[str, Any], declaration: Dropout
) -> Judgement:
    """The judgement with the named mistake, if the reference recognises one in the output."""
    convention = context.variables.get(declaration.variable, "keep")
    out = as_array(observed)
    if out is None or out.shape != x.shape:
        return judged
    mistake = context.reference.explain(x, out, parameters["p"], convention, parameters["mode"])
    if mistake is None:
        return judged
    label = next(known.label for known in context.reference.mistakes if known.id == mistake)
    return replace(judged, mistake=mistake, message=f"{judged.message} It looks as if {label}.")


def _backward(declaration: Dropout, context: Context, case: Any, index: int) -> Generator[Request, Reply, Judgement]:
    """dx must be the upstream gradient times what the forward pass of the same call multiplied with."""
    assert declaration.forward, "the rubric names the forward function of a dropout backward check"
    reference, on = context.reference, case_text(case)
    forward_name = declaration.forward.rpartition(".")[2]
    first = forward_call(reference, declaration.forward, case, "forward", context.seed + index)
    forward_reply = yield first
    stopped = from_reply(forward_reply, forward_name, first.seconds, on)
    if stopped is not None:
        stub = None if stopped.ended else (yield from _unwritten(declaration, context, case, index))
        return stub or blocked(declaration.name, forward_name, stopped)
    x = case.inputs["x"]
    dout = np.random.default_rng(context.seed + 50 + index).normal(loc=0.5, size=x.shape)
    request = backward_call(reference, declaration.function, dout, "forward", "backward", context.seed + index)
    reply = yield request
    stopped = from_reply(reply, declaration.name, request.seconds, on)
    out = as_array(claims(("out",), forward_reply)["out"])
    if stopped is not None:
        if out is None and stopped.status is Status.ERROR:
            return unread(f"{declaration.name} could not be judged, because {forward_name} gives no output.")
        return stopped
    dx = claims(("dx",), reply)["dx"]
    if nothing(dx):
        return replace(not_implemented(declaration.name, "it returns nothing (None)"), detail=on)
    test = case.inputs["dropout_param"]["mode"] == "test"
    unusable = out is None or out.shape != x.shape
    expected = (dout if test else None) if unusable else dout * (out.astype(np.float64) / x)
    if expected is None:
        return unread(f"{declaration.name} could not be judged, because {forward_name} gives no output.")
    if test and agree(dx, dout, declaration.rtol):
        expected = dout
    mistakes = [mistake for mistake in reference.mistakes if mistake.part == "backward" and mistake.backward]

    def produce(mistake: Any, _: int) -> dict[str, Any]:
        return reference.backward_variant(mistake, dout, x, out, case.inputs["dropout_param"])

    return judge(declaration.name, [Trial(on, {"dx": dx}, {"dx": expected})], mistakes, produce, declaration.rtol)


def _unwritten(
    declaration: Dropout, context: Context, case: Any, index: int
) -> Generator[Request, Reply, Judgement | None]:
    """Whether anything is written at all, by the cache that the assignment's own lines make: (dropout_param, mask)."""
    x = case.inputs["x"]
    cache = (case.inputs["dropout_param"], np.ones_like(x))
    reply = yield Call(declaration.function, (x, cache), {}, None, (("return",),), context.seed + index, CALL_SECONDS)
    stopped = from_reply(reply, declaration.name, CALL_SECONDS)
    if stopped is None and all(nothing(value) for value in reply.values):
        return replace(not_implemented(declaration.name, "it returns nothing (None)"), detail=case_text(case))
    return stopped if stopped is not None and (stopped.status is Status.MISSING or stopped.ended) else None


KIND = Kind(Dropout, run)
