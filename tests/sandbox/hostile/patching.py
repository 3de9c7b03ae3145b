"""Changing NumPy, the builtins and time under the runner's feet."""

import builtins
import json
import os
import random
import struct
import time

import numpy as np


def numpy_functions():
    for name in ("max", "abs", "allclose", "array_equal", "isfinite", "asarray", "ascontiguousarray", "array"):
        setattr(np, name, lambda *args, **kwargs: True)
    np.testing.assert_allclose = lambda *args, **kwargs: None
    return np.ones(2)


def everything():
    builtins.isinstance = lambda *args: True
    builtins.len = lambda value: 0
    builtins.type = lambda value: float
    os.read = os.write = os.readv = lambda *args: 0
    json.dumps = json.loads = lambda *args, **kwargs: "{}"
    struct.Struct = None
    time.time = lambda: 0
    return 1


def seeds():
    np.random.seed = random.seed = None
    np.random.rand = lambda *shape: np.ones(shape)
    return 1


def draws():
    return [float(np.random.uniform()), random.random()]


def change_arguments(x, config):
    x[:] = 42
    config["beta"][0] = 7
    return x.sum()


def remember(x):
    """Results kept by the identity of the argument: every call has new arrays."""
    known = remember.__dict__.setdefault("known", {})
    fresh = id(x) not in known
    known[id(x)] = x
    return fresh
