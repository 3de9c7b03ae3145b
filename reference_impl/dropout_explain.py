"""Which mistake a dropout layer's output shows, judged by which values occur, how often, and in which pattern."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np

from reference_impl.dropout_probability import scales

Array = np.ndarray
DEVIATIONS = 5.0
"""A share of kept units fits a probability within this many standard deviations (missed once in two million)."""


def explain(x: Array, out: Array, p: float, convention: str = "keep", mode: str = "train") -> str | None:
    """The id of the mistake that fits, or None: for a right output, and for a wrong one that no known mistake explains.

    x: all nonzero; out: finite, in the shape of x; p and convention as in `scales`.
    """
    kept = out != 0
    ratio = out / x
    if mode == "test":
        return _at_test_time(ratio, kept)
    factor, keep = scales(p, convention)
    if not kept.any():
        return "everything-dropped"
    sizes = ratio[kept]
    if not np.allclose(sizes, sizes[0], rtol=1e-6, atol=0):
        return "numbers-for-mask" if kept.mean() > 0.98 else None
    if kept.all() and keep < 1:
        return "nothing-dropped" if np.isclose(sizes[0], 1.0, rtol=1e-6) else "scaled-not-dropped"
    return _pattern(kept) or _share_and_size(kept, float(sizes[0]), p, factor, keep)


def _at_test_time(ratio: Array, kept: Array) -> str | None:
    if not kept.all():
        return "dropped-at-test-time"
    if np.allclose(ratio, 1.0, rtol=1e-6, atol=0):
        return None
    return "scaled-at-test-time" if np.allclose(ratio, ratio.flat[0], rtol=1e-6, atol=0) else None


def _pattern(kept: Array) -> str | None:
    if len(kept) > 1 and (kept == kept[:1]).all():
        return "one-mask-for-the-batch"
    flat = kept.reshape(len(kept), -1)
    if flat.shape[1] > 1 and (flat == flat[:, :1]).all():
        return "one-draw-per-example"
    return None


def _share_and_size(kept: Array, size: float, p: float, factor: float, keep: float) -> str | None:
    """The first known pair of (share of kept units, their factor) that fits."""
    below_p = 0.5 * (1 + erf(p / sqrt(2)))  # share of standard normal numbers below p
    drop = max(1 - keep, 1e-12)
    known: list[tuple[str | None, float, float]] = [
        (None, keep, factor),
        ("other-convention", drop, 1 / drop),
        ("unscaled", keep, 1.0),
        ("mask-inverted", drop, factor),
        ("unscaled-other-convention", drop, 1.0),
        ("scaled-by-other-probability", keep, 1 / drop),
        ("scaled-down", keep, keep),
        ("scaled-twice", keep, factor**2),
        ("probability-fixed", 0.5, 2.0),
        *(("randn", share, s) for share in (below_p, 1 - below_p) for s in (factor, 1 / drop, 1.0)),
    ]
    fitting = (name for name, share, s in known if np.isclose(size, s, rtol=1e-6) and _share_fits(kept, share))
    return next(fitting, None)


def _share_fits(kept: Array, share: float) -> bool:
    return bool(abs(kept.mean() - share) <= DEVIATIONS * np.sqrt(share * (1 - share) / kept.size))
