"""The nets of this folder by name, as checks see them: functions, and the mistakes that are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reference_impl import fully_connected_net, three_layer_conv_net
from reference_impl.operation import Mistake


@dataclass(frozen=True)
class Net:
    """loss_and_gradients(params, x, y, *, reg, normalization, dropout_masks) -> (loss, gradients, running averages);
    scores(params, x, *, normalization, running) -> (N, C); losses_over_masks(params, x, y, masks) -> (K,), or None.
    without_dropout_backward: as loss_and_gradients, of a net whose gradients do not pass through its dropout; or None."""

    name: str
    loss_and_gradients: Callable[..., Any]
    scores: Callable[..., Any]
    mistakes: tuple[Mistake, ...]
    losses_over_masks: Callable[..., Any] | None = None
    without_dropout_backward: Callable[..., Any] | None = None


def nets() -> dict[str, Net]:
    fully, conv = fully_connected_net, three_layer_conv_net
    return {
        "fully_connected_net": Net(
            "fully_connected_net",
            fully.loss_and_gradients,
            fully.scores,
            fully.MISTAKES,
            fully.losses_over_masks,
            fully.WITHOUT_DROPOUT_BACKWARD,
        ),
        "three_layer_conv_net": Net("three_layer_conv_net", conv.loss_and_gradients, conv.scores, conv.MISTAKES),
    }
