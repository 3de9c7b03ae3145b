"""Whether a claimed shape is a right one: symbol by symbol, with what broadcasting makes equal.

Broadcasting as NumPy defines it: shapes are aligned at their last dimension, a missing dimension counts as 1, and 1 fits
any size. A claim between `is` and what it is combined with changes nothing that is computed: (50,), (1, 50) and (m, 50) for
a bias that is added to (m, 50).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.core.answers.shapes.declaration import Form
from grader.core.answers.shapes.notation import Dim, shown


@dataclass(frozen=True, slots=True)
class Fit:
    """value: None when it cannot be said. remark: what is worth saying of it. concrete: numbers that stand for symbols."""

    value: bool | None
    remark: str = ""
    concrete: tuple[tuple[str, int], ...] = ()


def fit(dims: Sequence[Dim], form: Form, number: bool = False) -> Fit:
    """number: the claim is a mere number, not spelt as a shape."""
    wanted: tuple[Dim, ...] = form.is_
    if any(isinstance(one, str) and one.startswith("?") for one in dims):
        unknown = next(str(one)[1:] for one in dims if isinstance(one, str) and one.startswith("?"))
        return Fit(None, f"it is not said what {unknown} stands for")
    concrete = _match(dims, wanted)
    if concrete is not None:
        return Fit(True, "", concrete)
    concrete = _broadcast(dims, _bare(wanted), form.broadcast or ((1, *wanted) if len(wanted) == 1 else wanted))
    if concrete is not None:
        return Fit(True, f"given as {shown(dims)}, which broadcasting makes equal to {shown(wanted)}", concrete)
    if len(wanted) == 2 and wanted[1] == 1 and (concrete := _match(dims, wanted[:1])) is not None:
        return Fit(True, f"given as {shown(dims)}, which is meant as {shown(wanted)}", concrete)
    if len(dims) == 2 and dims[1] == 1 and _match(dims[:1], wanted) is not None:
        return Fit(None, f"a column of {shown(dims)} is not broadcast as {shown(wanted)} is")
    sizes = tuple(one for one in wanted if isinstance(one, int))
    if len(sizes) < len(wanted) and tuple(dims) == sizes:
        return Fit(None, f"{shown(dims)} leaves out {' and '.join(str(one) for one in wanted if isinstance(one, str))}")
    if number and len(wanted) > 1 and wanted[1:] != (1,):
        return Fit(None, "only one number is given")
    return Fit(False)


def _match(dims: Sequence[Dim], wanted: Sequence[Dim]) -> tuple[tuple[str, int], ...] | None:
    """The numbers that stand for symbols if the shapes are equal; None if they are not."""
    if len(dims) != len(wanted) or not all(map(_equal, dims, wanted)):
        return None
    return tuple((str(w), d) for d, w in zip(dims, wanted, strict=True) if isinstance(d, int) and isinstance(w, str))


def _equal(claimed: Dim, wanted: Dim) -> bool:
    return claimed == wanted or (isinstance(claimed, int) and isinstance(wanted, str))


def _bare(dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """Without leading ones, which broadcasting adds."""
    while len(dims) > 1 and dims[0] == 1:
        dims = dims[1:]
    return dims


def _broadcast(dims: Sequence[Dim], wanted: Sequence[Dim], to: Sequence[Dim]) -> tuple[tuple[str, int], ...] | None:
    """Whether `wanted` broadcasts to `dims`, and `dims` to `to`; the numbers that stand for symbols, or None."""
    if not len(wanted) <= len(dims) <= max(len(to), len(wanted)):
        return None
    concrete: list[tuple[str, int]] = []
    for at in range(1, len(dims) + 1):
        claimed, low, high = dims[-at], wanted[-at] if at <= len(wanted) else 1, to[-at] if at <= len(to) else 1
        if claimed == low:
            continue
        right = low if low != 1 else high
        if not _equal(claimed, right):
            return None
        if isinstance(claimed, int) and isinstance(right, str):
            concrete.append((right, claimed))
    return tuple(concrete)
