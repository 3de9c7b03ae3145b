"""Mistakes of nets as students: answers a `network` check from a reference net with one mistake in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from grader.core.calls import Call, Describe, Put, Ref, Request, Take
from grader.core.checks.net_parameters import draw_parameters
from grader.core.observation import Missing, Outcome, Reply
from grader.core.plan import PlannedCheck, plan
from grader.core.result import Status
from grader.core.rubric import Rubric
from worker.trusted.catalogue import Trial, judged_by

PARAMETERS = {
    "fully-connected": [
        "hidden_dims",
        "input_dim",
        "num_classes",
        "dropout_keep_ratio",
        "normalization",
        "reg",
        "weight_scale",
    ],
    "three-layer-conv": ["input_dim", "num_filters", "filter_size", "hidden_dim", "num_classes", "weight_scale", "reg"],
}


class ImpersonatedNet:
    """A session in which the student's class is the reference net, with `mistake` or none."""

    alive = True

    def __init__(self, planned: PlannedCheck, reference: Any, mistake: Any | None) -> None:
        self._shape = planned.check.declaration.shape
        self._compute = mistake.forward if mistake else reference.loss_and_gradients
        self._scores = getattr(self._compute, "scores", reference.scores)
        self._options: dict[str, Any] = {}
        self._params: dict[str, np.ndarray] = {}
        self._running: Any = None

    def send(self, request: Request) -> Reply:
        if isinstance(request, Describe):
            described = {"found": True, "kind": "class", "parameters": PARAMETERS[self._shape], "names": []}
            return Reply(Outcome.OK, (described,))
        if isinstance(request, Take):
            return Reply(Outcome.OK, ({name: value.copy() for name, value in self._params.items()},))
        if isinstance(request, Put):
            self._params[str(request.into.path[-1])] = np.array(request.value)
            return Reply(Outcome.OK)
        assert isinstance(request, Call)
        return self._loss(request) if isinstance(request.target, Ref) else self._build(request)

    def _build(self, request: Call) -> Reply:
        kwargs = request.kwargs
        normalization = kwargs.get("normalization")
        self._options = {"reg": kwargs["reg"], "normalization": normalization}
        shapes = self._dense(request.args[0], kwargs, normalization) if request.args else self._conv(kwargs)
        drawn = draw_parameters(shapes, np.random.default_rng(1))
        scale = kwargs.get("weight_scale", 0.01)
        self._params = {
            name: value / value.std() * scale if name.startswith("W") else np.zeros_like(value)
            for name, value in drawn.items()
        }
        return Reply(Outcome.OK)

    @staticmethod
    def _dense(hidden: list[int], kwargs: Mapping[str, Any], normalization: str | None) -> dict[str, tuple[int, ...]]:
        sizes = [kwargs["input_dim"], *hidden, kwargs["num_classes"]]
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(1, len(sizes)):
            shapes |= {f"W{layer}": (sizes[layer - 1], sizes[layer]), f"b{layer}": (sizes[layer],)}
            if normalization and layer < len(sizes) - 1:
                shapes |= {f"gamma{layer}": (sizes[layer],), f"beta{layer}": (sizes[layer],)}
        return shapes

    @staticmethod
    def _conv(kwargs: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
        channels, height, width = kwargs["input_dim"]
        filters, size, hidden = kwargs["num_filters"], kwargs["filter_size"], kwargs["hidden_dim"]
        pooled = filters * (height // 2) * (width // 2)
        return {
            "W1": (filters, channels, size, size), "b1": (filters,), "W2": (pooled, hidden), "b2": (hidden,),
            "W3": (hidden, kwargs["num_classes"]), "b3": (kwargs["num_classes"],),
        }  # fmt: skip

    def _loss(self, request: Call) -> Reply:
        if len(request.args) == 1:
            normalization = self._options["normalization"]
            out = self._scores(self._params, request.args[0], normalization=normalization, running=self._running)
            return Reply(Outcome.OK, (out,))
        loss, gradients, self._running = self._compute(self._params, *request.args, **self._options)
        return Reply(
            Outcome.OK,
            tuple(loss if path == ("return", 0) else gradients.get(path[2], Missing()) for path in request.take),
        )


def prove_nets(rubric: Rubric, references: Mapping[str, Any], variables: Mapping[str, str]) -> Iterator[Trial]:
    """Every catalogued mistake of every net, at the first check that notices it (or at the last one that did not)."""
    checks: dict[str, list[PlannedCheck]] = {}
    for planned in plan(rubric):
        if planned.check.kind == "network" and planned.check.declaration.feature in ("plain", "batchnorm", "layernorm"):
            checks.setdefault(planned.check.declaration.operation, []).append(planned)
    for operation, planned_checks in checks.items():
        for mistake in references[operation].mistakes:
            for planned in planned_checks:
                session = ImpersonatedNet(planned, references[operation], mistake)
                judgement = judged_by(session, planned, references[operation], variables)
                if judgement.status is not Status.PASS:
                    break
            yield Trial.of(planned, operation, mistake, judgement)
