"""`update`: an optimizer's step, once from a given state and several times from a fresh one."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.core.calls import Call, Path, Ref, Request
from grader.core.checks.calling import CALL_SECONDS, case_text, changed_inputs, claims, nothing
from grader.core.checks.forward import cases_of, fresh
from grader.core.checks.kind import Context, FunctionDeclaration, Kind, Run, find
from grader.core.checks.outputs import Trial, judge
from grader.core.observation import Reply
from grader.core.result import Status
from grader.core.verdict import Judgement, from_reply

STEPS = 4
"""How often a step is repeated from the state that the student's own function returned."""


class Update(FunctionDeclaration):
    """`state`: entries of the returned config that are judged after one step."""

    of: str
    state: tuple[str, ...] = ()
    rtol: float = 1e-6


def run(declaration: Update, context: Context) -> Run:
    absent, _ = yield from find(declaration)
    if absent is not None:
        return absent
    cases = cases_of(context, "")
    trials: list[Trial] = []
    for index, case in enumerate(cases):
        trial = yield from _trial(declaration, context, case, index)
        trials.append(trial)
        if trial.stopped is not None and trial.stopped.ended:
            break

    best: Judgement | None = None
    for said, start in context.reference.starts.items():
        judgement = _judged(declaration, context, cases, trials, start)
        if judgement.status is Status.PASS:
            return judgement.with_remark(f"{declaration.name} counts as right: {said}.") if said else judgement
        if best is None or (judgement.mistake and not best.mistake):
            best = judgement
    assert best is not None, "an optimizer has at least one state to begin with"
    return best


def _judged(
    declaration: Update, context: Context, cases: list[Any], trials: list[Trial], start: Mapping[str, Any]
) -> Judgement:
    """Against steps of the reference that begin with `start` where the config has no state."""

    def steps(step_function: Any, index: int) -> dict[str, Any]:
        return _steps(step_function, declaration, context, cases[index], index, start)

    def produce(mistake: Any, index: int) -> dict[str, Any] | None:
        return None if mistake.forward is None else steps(mistake.forward, index)

    expected = [
        trial if trial.stopped is not None else replace(trial, expected=steps(context.reference.forward, index))
        for index, trial in enumerate(trials)
    ]
    return judge(declaration.name, expected, context.reference.mistakes, produce, declaration.rtol)


def _gradients(context: Context, case: Any, index: int) -> list[np.ndarray]:
    """The first step's gradient is the case's own; the later ones are drawn."""
    rng = np.random.default_rng(context.seed + 100 + index)
    dw = case.inputs["dw"]
    return [
        dw,
        *(
            dw * rng.uniform(0.2, 1.8, size=np.shape(dw)) * rng.choice([-1.0, 1.0], size=np.shape(dw))
            for _ in range(STEPS - 1)
        ),
    ]


def _trial(declaration: Update, context: Context, case: Any, index: int) -> Generator[Request, Reply, Trial]:
    """One step from the case's config, then more steps, each from what the step before returned."""
    reference, on = context.reference, case_text(case)
    weights: Any = case.inputs["w"]
    config: Any = case.inputs["config"]
    observed: dict[str, Any] = {}
    seconds = 0.0
    remarks: tuple[str, ...] = ()
    for step, dw in enumerate(_gradients(context, case, index)):
        state_paths: tuple[Path, ...] = tuple(("return", 1, key) for key in declaration.state) if step == 0 else ()
        request = Call(
            declaration.function,
            args=(weights, dw, config),
            keep=f"step{step}",
            take=(("return", 0), *state_paths),
            seed=context.seed,
            seconds=CALL_SECONDS,
        )
        reply = yield request
        seconds += reply.seconds
        later = f", step {step + 1} of {STEPS} with the config that came back" if step else ""
        stopped = from_reply(reply, declaration.name, request.seconds, on + later)
        if stopped is not None:
            return Trial(on, stopped=stopped, seconds=seconds)
        names = (f"next_w{'' if step == 0 else f' after step {step + 1}'}", *(declaration.state if step == 0 else ()))
        observed |= claims(names, reply)
        if step == 0 and nothing(observed["next_w"]):
            return Trial(on, observed, empty=True)
        if step == 0 and "w" in changed_inputs(reference, reply.changed):
            remarks = (f"{declaration.name} changes w in place; nothing was deducted.",)
        weights, config = Ref(f"step{step}", ("return", 0)), Ref(f"step{step}", ("return", 1))
    return Trial(on, observed, seconds=seconds, remarks=remarks)


def _steps(
    step_function: Any, declaration: Update, context: Context, case: Any, index: int, start: Mapping[str, Any]
) -> dict[str, Any]:
    """All that is judged of STEPS steps of a reference or a mistake, by output name."""
    weights, config = case.inputs["w"], {**start, **(fresh(case.inputs)["config"] or {})}
    outputs: dict[str, Any] = {}
    for step, dw in enumerate(_gradients(context, case, index)):
        result = step_function(w=np.array(weights), dw=np.array(dw), config=dict(config))
        weights = result["next_w"]
        config |= {key: value for key, value in result.items() if key != "next_w"}
        outputs["next_w" if step == 0 else f"next_w after step {step + 1}"] = weights
        if step == 0:
            outputs |= {key: result[key] for key in declaration.state if key in result}
    return outputs


KIND = Kind(Update, run)
