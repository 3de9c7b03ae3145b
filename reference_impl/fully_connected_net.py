"""A fully connected net of any depth: {affine - [batch or layer norm] - relu - [dropout]} x (L - 1) - affine - softmax.

Shapes: x (N, ...) flattened to (N, D); y (N,) integer labels; params W1 (D, H1), b1 (H1,), …, WL (H, C), bL (C,), and with
normalization gamma1, beta1 (H1,), … for every hidden layer; all float64.
Loss: softmax loss plus 0.5 * reg * the sum of squares of all W (not of biases, gammas or betas).
Source: the chain rule over the layers of this folder; the assignment's own description of the net.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reference_impl import affine, batchnorm, l2_penalty, layernorm, relu, softmax_loss
from reference_impl.l2_penalty import PENALTY, Penalty
from reference_impl.operation import Mistake

Array = np.ndarray
Params = Mapping[str, Array]
Running = list[dict[str, Array]]
"""Running mean and variance of every batch normalization, after a pass in training."""

EPS = 1e-5
MOMENTUM = 0.9


@dataclass(frozen=True)
class Habits:
    """What a net does besides its layers; the defaults are right, each known mistake changes one.

    skipped_backward: kinds of steps that the gradient passes as if they were not there ("relu", "norm", "dropout").
    """

    penalty: Penalty = PENALTY
    biases: bool = True
    hidden_relu: bool = True
    last_relu: bool = False
    normalizes: bool = True
    first_without_norm: bool = False
    relu_before_norm: bool = False
    layer_norm_over_batch: bool = False
    batch_statistics_at_test_time: bool = False
    skipped_backward: tuple[str, ...] = ()
    summed: bool = False
    averaged_twice: bool = False


RIGHT = Habits()


def scores(
    params: Params,
    x: Array,
    *,
    normalization: str | None = None,
    running: Running | None = None,
    habits: Habits = RIGHT,
) -> Array:
    """(N, C) scores at test time: no dropout, batch normalization by its running averages (zero mean, zero variance if
    there was no training pass)."""
    out, _, _ = _forward(params, x, normalization, "test", running, None, habits)
    return out


def loss_and_gradients(
    params: Params,
    x: Array,
    y: Array,
    *,
    reg: float = 0.0,
    normalization: str | None = None,
    dropout_masks: Sequence[Array] | None = None,
    habits: Habits = RIGHT,
) -> tuple[float, dict[str, Array], Running]:
    """The loss in training, its gradient by every parameter, and the running averages after this one pass.

    dropout_masks: for every hidden layer what its units are multiplied with, (N, H), already scaled.
    """
    out, caches, running = _forward(params, x, normalization, "train", None, dropout_masks, habits)
    result = softmax_loss.forward(out, y)
    factor = len(y) if habits.summed else 1.0
    loss, upstream = float(result["loss"]) * factor, result["dx"] * factor
    upstream = upstream / len(y) if habits.averaged_twice else upstream
    gradients: dict[str, Array] = {}
    for layer in range(len(caches), 0, -1):
        upstream, here = _backward(params, layer, upstream, caches[layer - 1], habits)
        gradients |= here
    loss, gradients = habits.penalty.add(loss, gradients, params, reg, len(y))
    return loss, gradients, running


def losses_over_masks(
    params: Params, x: Array, y: Array, masks: Sequence[Array], habits: Habits = RIGHT
) -> Array:
    """(K,) losses, one for each of K combinations of masks; masks: for every hidden layer (K, N, H), already scaled.

    No normalization, no penalty: the examples of all K batches are independent of one another, and are one large batch.
    """
    k, n = len(masks[0]), len(y)
    large = np.tile(affine.rows(np.asarray(x, dtype=np.float64)), (k, 1))
    flat = [layer.reshape(k * n, -1) for layer in masks]
    out, _, _ = _forward(params, large, None, "train", None, flat, habits)
    losses = -softmax_loss.log_softmax(out)[np.arange(k * n), np.tile(y, k)].reshape(k, n)
    return losses.sum(axis=1) if habits.summed else losses.mean(axis=1)


def depth(params: Params) -> int:
    """The number of affine layers."""
    return sum(name.startswith("W") for name in params)


@dataclass
class _Cache:
    affine_input: Array
    before_relu: Array | None = None
    norm_inputs: dict[str, Any] = field(default_factory=dict)
    norm: Any = None
    mask: Array | None = None


def _forward(
    params: Params,
    x: Array,
    normalization: str | None,
    mode: str,
    running: Running | None,
    masks: Sequence[Array] | None,
    habits: Habits,
) -> tuple[Array, list[_Cache], Running]:
    caches: list[_Cache] = []
    after: Running = []
    layers = depth(params)
    hidden = affine.rows(np.asarray(x, dtype=np.float64))
    for layer in range(1, layers + 1):
        cache = _Cache(hidden)
        bias = params[f"b{layer}"] if habits.biases else np.zeros_like(params[f"b{layer}"])
        hidden = affine.forward(hidden, params[f"W{layer}"], bias)["out"]
        if layer < layers or habits.last_relu:
            hidden = _hidden_layer(params, layer, hidden, cache, normalization, mode, running, after, habits, layers)
            if masks is not None and layer < layers:
                cache.mask = masks[layer - 1]
                hidden = hidden * cache.mask
        caches.append(cache)
    return hidden, caches, after


def _hidden_layer(
    params: Params, layer: int, hidden: Array, cache: _Cache, normalization: str | None, mode: str,
    running: Running | None, after: Running, habits: Habits, layers: int,
) -> Array:  # fmt: skip
    skipped = not habits.normalizes or layer == layers or (habits.first_without_norm and layer == 1)
    normalize = normalization is not None and not skipped
    if habits.layer_norm_over_batch and normalization == "layernorm":
        normalization = "batchnorm"
    relu_first = habits.relu_before_norm and normalize
    if relu_first:
        hidden = relu.forward(hidden)["out"]
    if normalize:
        cache.norm = batchnorm if normalization == "batchnorm" else layernorm
        cache.norm_inputs = _norm_inputs(params, layer, hidden, normalization, mode, running, habits)
        result = cache.norm.forward(**cache.norm_inputs)
        after.append({name: result[name] for name in ("running_mean", "running_var") if name in result})
        hidden = result["out"]
    else:
        after.append({})
    if relu_first or (layer < layers and not habits.hidden_relu):
        return hidden
    cache.before_relu = hidden
    return relu.forward(hidden)["out"]


def _norm_inputs(
    params: Params,
    layer: int,
    hidden: Array,
    normalization: str | None,
    mode: str,
    running: Running | None,
    habits: Habits,
) -> dict[str, Any]:
    inputs = {"x": hidden, "gamma": params[f"gamma{layer}"], "beta": params[f"beta{layer}"]}
    if normalization == "layernorm":
        return inputs | {"ln_param": {"eps": EPS}}
    if habits.batch_statistics_at_test_time:
        mode = "train"
    parameters: dict[str, Any] = {"mode": mode, "eps": EPS, "momentum": MOMENTUM}
    return inputs | {"bn_param": parameters | (running[layer - 1] if running else {})}


def _backward(
    params: Params, layer: int, upstream: Array, cache: _Cache, habits: Habits
) -> tuple[Array, dict[str, Array]]:
    gradients: dict[str, Array] = {}
    if cache.mask is not None and "dropout" not in habits.skipped_backward:
        upstream = upstream * cache.mask
    if cache.before_relu is not None and "relu" not in habits.skipped_backward:
        upstream = relu.backward(upstream, cache.before_relu)["dx"]
    if cache.norm is not None:
        normed = cache.norm.backward(upstream, **cache.norm_inputs)
        upstream = upstream if "norm" in habits.skipped_backward else normed["dx"]
        gradients |= {f"gamma{layer}": normed["dgamma"], f"beta{layer}": normed["dbeta"]}
    if habits.relu_before_norm and cache.norm is not None:
        upstream = upstream * (cache.norm_inputs["x"] > 0)
    result = affine.backward(upstream, cache.affine_input, params[f"W{layer}"], params[f"b{layer}"])
    db = result["db"] if habits.biases else np.zeros_like(result["db"])
    return result["dx"], gradients | {f"W{layer}": result["dw"], f"b{layer}": db}


@dataclass(frozen=True)
class _Variant:
    """A net with other habits, called as `loss_and_gradients` is; its other functions are methods."""

    habits: Habits

    def __call__(self, *args: Any, **options: Any) -> tuple[float, dict[str, Array], Running]:
        return loss_and_gradients(*args, **options, habits=self.habits)

    def scores(self, *args: Any, **options: Any) -> Array:
        return scores(*args, **options, habits=self.habits)

    def losses_over_masks(self, *args: Any) -> Array:
        return losses_over_masks(*args, habits=self.habits)


WITHOUT_DROPOUT_BACKWARD = _Variant(Habits(skipped_backward=("dropout",)))
"""Called as `loss_and_gradients` is: the gradients do not pass through the dropout."""

NORMALIZATION = (
    "penalty-on-normalization",
    "normalization-ignored",
    "normalization-after-relu",
    "first-layer-without-normalization",
    "layernorm-over-batch",
    "backward-without-normalization",
    "batchnorm-in-training-mode-at-test-time",
)
"""Mistakes that a net without normalization cannot show; their part is "normalization", that of all others "network"."""


def _mistake(identifier: str, label: str, **habits: Any) -> Mistake:
    part = "normalization" if identifier in NORMALIZATION else "network"
    return Mistake(identifier, label, part, forward=_Variant(Habits(**habits)))


MISTAKES = (
    *(_mistake(name, label, penalty=penalty) for name, label, penalty in l2_penalty.MISTAKES),
    _mistake(
        "penalty-on-everything",
        "all parameters are penalized, not only the weights",
        penalty=Penalty(kinds=("W", "b", "gamma", "beta")),
    ),
    _mistake(
        "penalty-on-normalization",
        "the normalizations' gammas and betas are penalized too",
        penalty=Penalty(kinds=("W", "gamma", "beta")),
    ),
    _mistake("loss-summed", "the loss is the sum over the batch, not its average", summed=True),
    _mistake(
        "gradients-averaged-twice",
        "the gradients are divided by the number of examples once more",
        averaged_twice=True,
    ),
    _mistake("bias-missing", "the biases are not used", biases=False),
    _mistake("hidden-relu-missing", "no ReLU follows the hidden layers", hidden_relu=False),
    _mistake("last-layer-relu", "a ReLU follows the last layer", last_relu=True),
    _mistake("backward-without-relu", "the gradients ignore the ReLUs", skipped_backward=("relu",)),
    _mistake("normalization-ignored", "the normalization that was asked for is not applied", normalizes=False),
    _mistake("normalization-after-relu", "the normalization follows the ReLU", relu_before_norm=True),
    _mistake("first-layer-without-normalization", "the first layer is not normalized", first_without_norm=True),
    _mistake("layernorm-over-batch", "batch normalization stands in for layer normalization", layer_norm_over_batch=True),
    _mistake("backward-without-normalization", "the gradients skip the normalization", skipped_backward=("norm",)),
    _mistake(
        "batchnorm-in-training-mode-at-test-time",
        "batch normalization still uses the batch's own statistics at test time",
        batch_statistics_at_test_time=True,
    ),
)
