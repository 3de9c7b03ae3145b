"""The parameters of a student's net: their names and shapes, what they start with, and those that it is judged with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from grader.core.checks.calling import single
from grader.core.checks.net_builds import Build
from grader.core.result import Status
from grader.core.verdict import Judgement

Shape = tuple[int, ...]


def called(asked: Mapping[str, Shape], found: Mapping[str, Shape]) -> dict[str, str] | None:
    """What a net calls the parameters that the assignment asks for, where it calls them otherwise: {} if it does not, None if
    that cannot be told.

    Names are kinds with numbers (W1, W2; weight_0, weight_1): a kind is another one if its parameters have the same shapes in
    the same order. Without numbers, each shape must be there but once.
    """
    if set(asked) <= set(found):
        return {}
    if len(asked) != len(found):
        return None
    return _by_kind(asked, found) or _by_shape(asked, found)


def _by_kind(asked: Mapping[str, Shape], found: Mapping[str, Shape]) -> dict[str, str] | None:
    wanted, left = _kinds(asked), _kinds(found)
    pairs: dict[str, str] = {}
    for kind in sorted(wanted, key=lambda kind: kind not in left):  # those that are called as asked come first
        shapes = [asked[name] for name in wanted[kind]]
        fitting = [other for other in left if [found[name] for name in left[other]] == shapes]
        chosen = [kind] if kind in fitting else fitting
        if len(chosen) != 1:
            return None
        pairs |= dict(zip(wanted[kind], left.pop(chosen[0]), strict=True))
    return pairs


def _by_shape(asked: Mapping[str, Shape], found: Mapping[str, Shape]) -> dict[str, str] | None:
    names = {shape: name for name, shape in found.items()}
    if len(names) < len(found) or len(set(asked.values())) < len(asked) or set(names) != set(asked.values()):
        return None
    return {name: names[shape] for name, shape in asked.items()}


def _kinds(names: Iterable[str]) -> dict[str, list[str]]:
    """The names of each kind by their numbers."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(name.rstrip("0123456789").lower(), []).append(name)
    return {kind: sorted(of_it, key=_number) for kind, of_it in kinds.items()}


def _number(name: str) -> int:
    return int(name[len(name.rstrip("0123456789")) :] or 0)


def named_otherwise(function: str, build: Build, found: Mapping[str, Shape]) -> Judgement:
    """A fail: some names that the assignment gives are not there."""
    absent = sorted(set(build.shapes) - set(found))
    shown = ", ".join(sorted(found)[:12])
    text = f"{function} has no parameter {', '.join(absent)} in `params` {build.on}; it has {shown}."
    text += " The assignment counts layers from 1." if any(name.endswith("0") for name in found) else ""
    mistake = "parameters-named-otherwise" if len(found) >= len(build.shapes) else None
    return Judgement(Status.FAIL, text, mistake=mistake)


def misshapen(function: str, build: Build, found: Mapping[str, Shape]) -> Judgement | None:
    """A fail when a parameter has another shape than the assignment says."""
    for name, shape in build.shapes.items():
        has = tuple(found[build.names.get(name, name)])
        if has != shape:
            return Judgement(Status.FAIL, f"{name} of {function} has shape {has} instead of {shape} {build.on}.")
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
