"""What a sandbox that was taken over may claim instead of what was asked for: nothing raises on the trusted side."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from grader.core.checks.fitting import load
from grader.core.checks.found import Found, Thing
from grader.core.checks.model import Built, Model, build_one
from grader.core.checks.technique import Point
from grader.core.observation import Outcome, Reply
from grader.core.result import Status

NET = Thing(name="Net", form="class", framework="torch", file="net.py", line=1, parameters=(), required=(), parts=())
MANY = np.zeros(3)


def answered(check, *values):
    """What the check makes of these values, whatever it asks."""
    try:
        next(check)
        while True:
            check.send(Reply(Outcome.OK, values))
    except StopIteration as ended:
        return ended.value


@pytest.mark.parametrize("values", [(), ("torch",), (MANY, MANY), ("torch", 7)])
def test_a_model_of_no_known_kind(values):
    built = answered(build_one(Model(), Found(things=(NET,)), NET, "model"), *values)
    assert isinstance(built, Built) and built.framework == "torch"


@pytest.mark.parametrize("said", [{"refused": MANY}, {"refused": None, "whole": MANY}, MANY, None])
def test_weights_that_say_nothing_plain(said):
    assert answered(load("base.pt", None, None, (), "weights"), said).status is Status.ERROR


def test_units_without_end():
    with pytest.raises(ValidationError):
        Point(units=10**4000, dropped=10**4200, scale=(1.0, 1.0), own=True)
