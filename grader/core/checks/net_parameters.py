"""The parameters of a student's net: their names and shapes, what they start with, and those that it is judged with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from grader.core.checks.calling import single
from grader.core.checks.net_builds import Build
from grader.core.result import Status
from grader.core.verdict import Judgement


def misnamed(function: str, build: Build, shapes: Mapping[str, tuple[int, ...]]) -> Judgement | None:
    """A fail when parameters are absent, or have other shapes, than the assignment names."""
    absent = sorted(set(build.shapes) - set(shapes))
    if absent:
        shown = ", ".join(sorted(shapes)[:12])
        zero = any(name.endswith("0") for name in shapes)
        text = f"{function} has no parameter {', '.join(absent)} in `params` {build.on}; it has {shown}."
        text += " The assignment counts layers from 1." if zero else ""
        return Judgement(
            Status.FAIL, text, mistake="parameters-named-otherwise" if len(shapes) >= len(build.shapes) else None
        )
    for name, shape in build.shapes.items():
        if tuple(shapes[name]) != shape:
            return Judgement(
                Status.FAIL, f"{name} of {function} has shape {tuple(shapes[name])} instead of {shape} {build.on}."
            )
    return None


def draw_parameters(shapes: Mapping[str, tuple[int, ...]], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Weights that neither saturate nor vanish, gammas around 1, offsets that are not zero."""
    drawn = {}
    for name, shape in shapes.items():
        fan_in = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        if name.startswith("W"):
            drawn[name] = rng.normal(size=shape) * (1.4 / np.sqrt(fan_in))
        elif name.startswith("gamma"):
            drawn[name] = rng.uniform(0.6, 1.5, size=shape)
        else:
            drawn[name] = rng.normal(size=shape) * 0.3
    return {name: single(value) for name, value in drawn.items()}


def judge_initialization(function: str, scale: float, params: Mapping[str, np.ndarray]) -> Judgement:
    """Weights of standard deviation `weight_scale` around zero, biases zero (assignment's own words)."""
    for name, value in params.items():
        if name.startswith("b") and np.any(value != 0):
            return Judgement(Status.FAIL, f"{name} of {function} does not start at zero.")
        if name.startswith("W") and not 0.85 * scale <= float(np.std(value)) <= 1.15 * scale:
            text = f"{name} of {function} starts with standard deviation {np.std(value):.2g} for weight_scale {scale:g}."
            return Judgement(Status.FAIL, text)
        if name.startswith("W") and abs(float(np.mean(value))) > 6 * scale / np.sqrt(value.size):
            return Judgement(Status.FAIL, f"{name} of {function} is not centred at zero when the net is built.")
    return Judgement(Status.PASS, f"{function} starts its parameters as asked.")
