"""Mistakes as students: answers a check's requests from a reference or an executable mistake, without a sandbox.

Proves that every catalogued mistake is found, named and priced as the pack says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.core.calls import Call, Describe, Put, Ref, Request, Take
from grader.core.checks import KINDS
from grader.core.checks.forward import fresh
from grader.core.checks.kind import Context
from grader.core.observation import Missing, Outcome, Reply, StudentError
from grader.core.plan import PlannedCheck, plan
from grader.core.result import Status
from grader.core.rubric import Rubric
from grader.core.verdict import Judgement
from worker.trusted.checks import drive


@dataclass(frozen=True)
class Trial:
    """What one check made of one mistake. `seen`: it did not pass; `named`: it was called by its own name."""

    question: str
    check: str
    operation: str
    mistake: str
    judgement: Judgement
    cost: float
    price: float

    @classmethod
    def of(cls, planned: PlannedCheck, operation: str, mistake: Any, judgement: Judgement) -> Trial:
        """What the judgement costs, and what the rubric says that this mistake costs."""
        prices = planned.check.mistakes
        cost = 0.0 if judgement.status is Status.PASS else -prices.get(judgement.mistake or "", -planned.points)
        price = -prices.get(mistake.id, -planned.points)
        return cls(planned.question, planned.id, operation, mistake.id, judgement, cost, price)

    @property
    def seen(self) -> bool:
        return self.judgement.status is not Status.PASS

    @property
    def named(self) -> bool:
        return self.judgement.mistake == self.mistake


class Impersonation:
    """A session in which a student's functions are a reference with one mistake (or none)."""

    alive = True

    def __init__(self, planned: PlannedCheck, reference: Any, mistake: Any | None) -> None:
        self._planned, self._reference, self._mistake = planned, reference, mistake
        self._kept: dict[str, Any] = {}

    def send(self, request: Request) -> Reply:
        if isinstance(request, Describe):
            return Reply(Outcome.OK, ({"found": True, "kind": "function", "parameters": [], "names": []},))
        if isinstance(request, Call):
            return self._call(request)
        if isinstance(request, Take):
            return Reply(Outcome.OK, tuple(_follow(self._value(request.source), path) for path in request.paths))
        assert isinstance(request, Put)
        return Reply(Outcome.OK)

    def _call(self, request: Call) -> Reply:
        declaration = self._planned.check.declaration
        args = [self._resolve(argument) for argument in request.args]
        backward = request.target == declaration.function and len(args) == 2 and isinstance(args[1], _Cache)
        try:
            returned = self._backward(*args) if backward else self._forward(args)
        except (ValueError, IndexError) as error:
            return Reply(Outcome.OK, error=StudentError(type(error).__name__, str(error)))
        kept = {"return": returned, "args": tuple(args), "kwargs": {}}
        if request.keep:
            self._kept[request.keep] = kept
        return Reply(Outcome.OK, tuple(_follow(kept, path) for path in request.take))

    def _forward(self, args: list[Any]) -> Any:
        reference, wrong = self._reference, self._variant("forward")
        inputs = dict(zip(reference.arguments, args, strict=False))
        outputs = (wrong or reference.forward)(**fresh(inputs))
        if "config" in inputs:
            state = {key: value for key, value in outputs.items() if key not in reference.outputs}
            return outputs[reference.outputs[0]], {**(inputs["config"] or {}), **state}
        for name, path in reference.after.items():
            if name in outputs:
                inputs[path[0]][path[1]] = outputs[name]
        returned = tuple(outputs[name] for name in reference.outputs)
        if reference.has_cache:
            return (*returned, _Cache(fresh(inputs), returned[0]))
        return returned if len(returned) > 1 else returned[0]

    def _backward(self, dout: np.ndarray, cache: _Cache) -> Any:
        wrong = self._variant("backward")
        if self._reference.random:
            factors = cache.out / cache.inputs["x"]
            if wrong is None:
                return dout * factors
            return self._reference.backward_variant(
                self._mistake, dout, cache.inputs["x"], cache.out, cache.inputs["dropout_param"]
            )["dx"]
        gradients = (wrong or self._reference.backward)(dout, **fresh(cache.inputs))
        returned = tuple(gradients[name] for name in self._reference.gradients)
        return returned if len(returned) > 1 else returned[0]

    def _variant(self, part: str) -> Any:
        if self._mistake is None or self._mistake.part != part:
            return None
        return getattr(self._mistake, part)

    def _resolve(self, argument: Any) -> Any:
        return self._value(argument) if isinstance(argument, Ref) else next(iter(fresh({"": argument}).values()))

    def _value(self, ref: Ref) -> Any:
        return _follow(self._kept.get(ref.name, {}), ref.path)


@dataclass
class _Cache:
    inputs: dict[str, Any]
    out: Any


def _follow(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return Missing()
    return value


def prove(rubric: Rubric, references: Mapping[str, Any], variables: Mapping[str, str]) -> Iterator[Trial]:
    """Every catalogued mistake of every function check, judged as if a student had made it."""
    for planned in plan(rubric):
        kind, declaration = planned.check.kind, planned.check.declaration
        if kind not in ("forward", "gradient", "update", "dropout"):
            continue
        reference = references[declaration.operation]
        part = "backward" if kind == "gradient" or getattr(declaration, "part", "") == "backward" else "forward"
        for mistake in reference.mistakes:
            if mistake.part != part or mistake.visible != planned.scope or mistake.accepted:
                continue
            judgement = judge_mistake(planned, reference, mistake, variables)
            yield Trial.of(planned, reference.name, mistake, judgement)


def judge_mistake(
    planned: PlannedCheck, reference: Any, mistake: Any | None, variables: Mapping[str, str]
) -> Judgement:
    """The judgement on `reference` with `mistake` in it; with None, on the reference itself."""
    return judged_by(Impersonation(planned, reference, mistake), planned, reference, variables)


def judged_by(session: Any, planned: PlannedCheck, reference: Any, variables: Mapping[str, str]) -> Judgement:
    """The check's own judgement on whatever answers its requests."""
    context = Context(reference, planned.scope, planned.seed, variables)
    return drive(KINDS[planned.check.kind].run(planned.check.declaration, context), session)
