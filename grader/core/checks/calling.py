"""How a reference's cases become calls of a student's function, and claims become outputs by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.core.calls import Call, Path, Ref
from grader.core.observation import Missing, Reply

CALL_SECONDS = 10.0

FLOAT64 = Ref("float64", ("return", "type"))
"""`numpy.float64` itself, after `FETCH_FLOAT64` in the same session: a net may compare or call its `dtype`."""

FETCH_FLOAT64 = Call("numpy.dtype", ("float64",), {}, "float64", ())


def single(values: np.ndarray) -> np.ndarray:
    """float64 numbers that float32 holds exactly: a net that reads its input as float32 still computes the same."""
    return values.astype(np.float32).astype(np.float64)


def forward_call(
    reference: Any, function: str, case: Any, keep: str, seed: int, overrides: Mapping[str, Any] = {}
) -> Call:
    """The call of a forward function on a case; `overrides` replaces inputs by name."""
    inputs = {**case.inputs, **overrides}
    return Call(
        function,
        args=tuple(inputs[name] for name in reference.arguments),
        keep=keep,
        take=forward_paths(reference),
        seed=seed,
        seconds=CALL_SECONDS,
    )


def forward_paths(reference: Any) -> tuple[Path, ...]:
    """Where the outputs stand: in the returned tuple, then those read from an argument afterwards."""
    returned = returned_paths(reference.outputs, bare=not reference.has_cache and len(reference.outputs) == 1)
    after = [("args", reference.arguments.index(path[0]), *path[1:]) for path in reference.after.values()]
    return (*returned, *after)


def forward_names(reference: Any) -> tuple[str, ...]:
    return (*reference.outputs, *reference.after)


def returned_paths(names: tuple[str, ...], bare: bool) -> tuple[Path, ...]:
    return (("return",),) if bare else tuple(("return", index) for index in range(len(names)))


def backward_call(reference: Any, function: str, upstream: np.ndarray, kept_forward: str, keep: str, seed: int) -> Call:
    """The call of a backward function with the cache that the student's own forward function returned."""
    cache = Ref(kept_forward, ("return", len(reference.outputs)))
    return Call(
        function,
        args=(upstream, cache),
        keep=keep,
        take=returned_paths(reference.gradients, bare=len(reference.gradients) == 1),
        seed=seed,
        seconds=CALL_SECONDS,
    )


def claims(names: tuple[str, ...], reply: Reply) -> dict[str, Any]:
    """The reply's values by output name; what did not arrive is `Missing`. A one-tuple around a single value is opened."""
    values = list(reply.values) + [Missing()] * (len(names) - len(reply.values))
    if len(names) == 1 and isinstance(values[0], tuple) and len(values[0]) == 1:
        values = [values[0][0]]
    return dict(zip(names, values, strict=False))


def nothing(value: Any) -> bool:
    """None, absent, or a tuple of nothing but None: what an untouched function returns."""
    if isinstance(value, tuple):
        return all(nothing(part) for part in value)
    return value is None or isinstance(value, Missing)


def case_text(case: Any) -> str:
    """The case in words: shapes of its arrays, parameters, and what is special about it."""
    parts = []
    for name, value in case.inputs.items():
        if isinstance(value, np.ndarray) and value.ndim:
            parts.append(f"{name} {value.shape}")
        elif isinstance(value, dict):
            parts += [
                f"{key} {entry!r}"
                for key, entry in value.items()
                if isinstance(entry, (str, int, float)) and key != "seed"
            ]
        elif isinstance(value, int):
            parts.append(f"{name} {value}")
    note = f"{case.note}: " if case.note else ""
    return f"on {note}{', '.join(parts)}"


def changed_inputs(reference: Any, changed: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the caller's arrays that a forward call changed, without those that it is asked to update."""
    updated = {f"args[{reference.arguments.index(path[0])}]" for path in reference.after.values()}
    names = []
    for place in changed:
        for index, name in enumerate(reference.arguments):
            here = f"args[{index}]"
            if place.startswith(here) and here not in updated:
                names.append(name)
    return tuple(dict.fromkeys(names))
