"""Names that older NumPy and Python 2 had, put back on request, so that a submission of an older edition runs."""

import builtins
import functools

import numpy as np

from .equivalents import FUNCTIONS, TYPES

NUMPY = {
    "int": int,
    "float": float,
    "complex": complex,
    "object": object,
    "str": str,
    "long": int,
    "unicode": str,
    "bool": bool,
    "bool8": np.bool_,
    "float_": np.float64,
    "complex_": np.complex128,
    "unicode_": np.str_,
    "string_": np.bytes_,
    "Inf": np.inf,
    "Infinity": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "NaN": np.nan,
    "NAN": np.nan,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "sometrue": np.any,
    "alltrue": np.all,
    "row_stack": np.vstack,
    "round_": np.round,
    "rank": np.ndim,
    "in1d": lambda a, b, *args, **kwargs: np.isin(np.ravel(a), b, *args, **kwargs),
    "asscalar": lambda a: np.asarray(a).item(),
    "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype=dtype),
    "msort": lambda a: np.sort(a, axis=0),
    "trapz": getattr(np, "trapezoid", None),
}


def put_back():
    """Only what is not there; `reshape(newshape=...)` is understood again."""
    for name, value in NUMPY.items():
        if name not in vars(np):
            setattr(np, name, value)
    for name, value in {**TYPES, **FUNCTIONS}.items():
        if not hasattr(builtins, name):
            setattr(builtins, name, value)
    np.reshape = _reshape(np.reshape)
    np.random.random_integers = lambda low, high=None, size=None: (
        np.random.randint(1, low + 1, size) if high is None else np.random.randint(low, high + 1, size)
    )


def _reshape(original):
    @functools.wraps(original)
    def reshape(a, *args, **kwargs):
        if "newshape" in kwargs:
            kwargs["shape"] = kwargs.pop("newshape")
        return original(a, *args, **kwargs)

    return reshape
