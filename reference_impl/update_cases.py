"""Cases for optimizer steps: w and dw of one shape, and a config."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_impl.batchnorm_parameters import OTHER_SETTINGS
from reference_impl.operation import Case

Config = dict[str, Any]


def draw_updates(
    rng: np.random.Generator,
    learning_rate: float,
    state: Callable[[tuple[int, ...]], Config],
    other_settings: Config,
) -> list[Case]:
    """Steps from a given state, with two learning rates; first steps, where the state is still to be made.

    Nobody is asked to try other settings than the learning rate: an edge case.

    state(shape): the entries that a step of this optimizer leaves behind. Gradients of 1e-8 to 1e-6 show where a
    stabilizing epsilon of 1e-8 stands; smaller ones would ask for more digits than a float has.
    """

    def case(name: str, shape: tuple[int, ...], config: Config, scope: str = "core", note: str = "") -> Case:
        inputs = {"w": rng.normal(0.2, 1.0, size=shape), "dw": rng.normal(0.1, 1.0, size=shape), "config": config}
        return Case(name, scope, inputs, note)

    first = {"learning_rate": learning_rate}
    tiny = case("tiny gradients, first step", (4, 5), dict(first), note="the first step, gradients of 1e-8 to 1e-6")
    tiny.inputs["dw"] = np.sign(tiny.inputs["dw"]) * 10 ** rng.uniform(-8, -6, size=(4, 5))
    return [
        case("4x5, given state", (4, 5), {**first, **state((4, 5))}),
        case("3x7, given state", (3, 7), {"learning_rate": 15 * learning_rate, **state((3, 7))}),
        case("6x2, first step", (6, 2), dict(first), note="the first step"),
        tiny,
        case("a vector, first step", (5,), {"learning_rate": 3 * learning_rate}, note="the first step, a vector"),
        case("4x3, other settings", (4, 3), {**other_settings, **state((4, 3))}, "edge", OTHER_SETTINGS),
        case("2x3, empty config", (2, 3), {}, "edge", "an empty config"),
        case("2x3x2x4, first step", (2, 3, 2, 4), dict(first), "edge", "weights with four dimensions"),
    ]
