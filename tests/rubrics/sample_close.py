"""Closeness of a student's array to the truth; torch's leaves."""

from __future__ import annotations

import numpy as np
import torch


def close(got, want, rtol=1e-7):
    got = np.asarray(got)
    assert got.shape == want.shape, f"shape {got.shape} instead of {want.shape}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-9)


def leaf(array):
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)
