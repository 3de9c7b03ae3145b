"""Which known mistake produces what was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.core.compare import Agreement, agree, as_array, compare
from grader.core.observation import Missing

Outputs = Mapping[str, Any]


def name_mistakes(
    observed: Sequence[Outputs],
    expected: Sequence[Outputs],
    mistakes: Iterable[Any],
    produce: Callable[[Any, int], Outputs | None],
    rtol: float,
    partly: bool = True,
) -> list[Any]:
    """The mistakes that explain the observed outputs, the best first; empty when none does.

    observed, expected: outputs by name, case by case. `produce(mistake, case index)` gives what that mistake would return.
    One mistake that explains every output of every case stands alone. Else those that explain at least one wrong output
    in every case where it is wrong, each wrong output counted for the first mistake that explains it.
    """
    wrong = _wrong_outputs(observed, expected, rtol)
    if not wrong:
        return []
    partial: dict[str, Any] = {}
    for mistake in mistakes:
        produced = [_produce(produce, mistake, index) for index in range(len(observed))]
        if any(outputs is None for outputs in produced):
            continue
        names = {name for outputs in observed for name in outputs}
        explained = {name for name in names if _explains(name, observed, produced, rtol)}
        if explained == names:
            return [mistake]
        for name in wrong & explained if partly else ():
            partial.setdefault(name, mistake)
    return list({mistake.id: mistake for mistake in partial.values()}.values())


def _wrong_outputs(observed: Sequence[Outputs], expected: Sequence[Outputs], rtol: float) -> set[str]:
    return {
        name
        for claims, right in zip(observed, expected, strict=True)
        for name in claims
        if not isinstance(compare(name, claims[name], right[name], rtol), Agreement)
    }


def _produce(produce: Callable[[Any, int], Outputs | None], mistake: Any, index: int) -> Outputs | None:
    """A variant that cannot be evaluated on a case (it may raise, as the mistake itself would) explains nothing there."""
    try:
        return produce(mistake, index)
    except (ValueError, IndexError, ZeroDivisionError, FloatingPointError, KeyError, TypeError):
        return None


def _explains(name: str, observed: Sequence[Outputs], produced: Sequence[Outputs | None], rtol: float) -> bool:
    return all(
        outputs is not None and _same_output(claims[name], outputs, name, rtol)
        for claims, outputs in zip(observed, produced, strict=True)
        if name in claims
    )


def _same_output(claimed: Any, outputs: Outputs, name: str, rtol: float) -> bool:
    """A mistake that gives no such output at all explains that none was given."""
    return _same(claimed, outputs[name], rtol) if name in outputs else claimed is None or isinstance(claimed, Missing)


def _same(observed: Any, produced: Any, rtol: float) -> bool:
    """Equal, where a mistake that produces NaN or infinity is recognised by where it does (never so in a verdict)."""
    claimed, wrong = as_array(observed), np.asarray(produced)
    if claimed is None or wrong.dtype.kind not in "biuf" or claimed.shape != wrong.shape:
        return False
    finite = np.isfinite(wrong)
    return np.array_equal(np.isfinite(claimed), finite) and agree(claimed[finite], wrong[finite], rtol)
