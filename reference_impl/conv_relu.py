"""A convolution followed by a ReLU, as one layer: out = max(conv(x, w, b), 0). Shapes as in `conv.py`."""

from __future__ import annotations

import numpy as np

from reference_impl import conv, relu
from reference_impl.operation import Case, Mistake, Operation, but

Array = np.ndarray


def forward(x: Array, w: Array, b: Array, conv_param: dict[str, int]) -> dict[str, Array]:
    """out (N, F, H', W'), not negative."""
    return relu.forward(conv.forward(x, w, b, conv_param)["out"])


def backward(upstream: Array, x: Array, w: Array, b: Array, conv_param: dict[str, int]) -> dict[str, Array]:
    """dx like x, dw like w, db like b; upstream (N, F, H', W')."""
    scores = conv.forward(x, w, b, conv_param)["out"]
    return conv.backward(relu.backward(upstream, scores)["dx"], x, w, b, conv_param)


def draw(rng: np.random.Generator, convention: str = "") -> list[Case]:
    """The convolution's cases: about half of its outputs are negative."""
    return conv.draw(rng)


def _mask_from_upstream(upstream: Array, x: Array, w: Array, b: Array, conv_param: dict[str, int]) -> dict[str, Array]:
    return conv.backward(upstream * (upstream > 0), x, w, b, conv_param)


FORWARD_MISTAKES = (
    Mistake("relu-missing", "the ReLU is not applied", "forward", conv.forward),
    Mistake(
        "relu-first",
        "the ReLU is applied before the convolution",
        "forward",
        lambda x, w, b, conv_param: conv.forward(np.maximum(x, 0.0), w, b, conv_param),
    ),
    Mistake(
        "bias-missing",
        "the bias is not added",
        "forward",
        lambda x, w, b, conv_param: forward(x, w, np.zeros_like(b), conv_param),
    ),
)

BACKWARD_MISTAKES = (
    Mistake("relu-missing", "the gradient ignores the ReLU", "backward", backward=conv.backward),
    Mistake(
        "mask-from-upstream",
        "the gradient is stopped by the sign of the upstream gradient, not by that of the scores",
        "backward",
        backward=_mask_from_upstream,
    ),
    Mistake(
        "order-swapped",
        "the two layers are gone through backwards in the wrong order",
        "backward",
        backward=lambda upstream, x, w, b, conv_param: (
            (gradients := conv.backward(upstream, x, w, b, conv_param)) | {"dx": gradients["dx"] * (x > 0)}
        ),
    ),
    Mistake(
        "db-not-masked",
        "the bias gradient ignores the ReLU",
        "backward",
        backward=but(backward, db=lambda upstream, x, w, b, conv_param: upstream.sum(axis=(0, 2, 3))),
    ),
)

OPERATION = Operation(
    name="conv_relu",
    forward=forward,
    backward=backward,
    arguments=("x", "w", "b", "conv_param"),
    outputs=("out",),
    gradients=("dx", "dw", "db"),
    draw=draw,
    mistakes=FORWARD_MISTAKES + BACKWARD_MISTAKES,
    depends_on=("conv", "relu"),
)
