"""Whether dropout and batch normalization are in force, seen on the values that a model computes in training and in evaluation
mode. No name of a layer is believed: shares of zeros, and what an output depends on, are measured.
"""

import contextlib

from . import building, definitions
from .anatomy import call, channels_last, first_taken, is_keras, keras_leaves, random_input, watcher

SECONDS = 60.0
BATCH = 64
CHANGE = 1e-4
"""Of the largest output: a difference beyond rounding."""


def dropout(model, inputs):
    """{"input", "training": [point], "evaluation": [point], "random_in_training", "random_in_evaluation", "ungiven"}.

    A point is a place that sets random numbers to zero: {"units": how many could be, "dropped": how many were, "scale": the
    factor of the kept ones, least and largest}. Whole channels that go together count as one unit.
    """
    with _observing(model):
        shape = first_taken(model, inputs)
        x = random_input(model, shape, BATCH)
        training, first = _points(model, x, True, 1)
        second = _points(model, x, True, 2)[1]
        evaluation, one = _points(model, x, False, 1)
        other = _points(model, x, False, 2)[1]
        return {
            "input": list(shape),
            "training": training,
            "evaluation": evaluation,
            "random_in_training": _differ(first, second),
            "random_in_evaluation": _differ(one, other),
        }


def batch_norm(model, inputs):
    """{"input", "rows": kinds of layers in the order of their use, "companions_in_training", "companions_in_evaluation": whether
    an output depends on what else is in the batch, "follows": whether the output in evaluation changes once other data went
    through in training, "unused": as `anatomy.observe` has it}."""
    import torch

    with _observing(model), _without_dropout(model):
        shape = first_taken(model, inputs)
        x = random_input(model, shape, 8)
        other = torch.cat([x[:1], 3 * random_input(model, shape, 7) + 1])
        seen = watcher(model)
        with seen, seen.keras_layers():
            _run(model, x, True, 1)
        in_training = _differ(_run(model, x, True, 1)[0], _run(model, other, True, 1)[0])
        before = _run(model, x, False, 1)
        in_evaluation = _differ(before[0], _run(model, other, False, 1)[0])
        for _ in range(5):
            _run(model, 2 * x + 1, True, 1)
        return {
            "input": list(shape),
            "rows": [" ".join((row["kind"], row.get("how", ""))).strip() for row in seen.rows][:500],
            "companions_in_training": in_training,
            "companions_in_evaluation": in_evaluation,
            "follows": _differ(before, _run(model, x, False, 1)),
            "unused": seen.unused(),
        }


@contextlib.contextmanager
def _observing(model):
    """Leaves weights, statistics and modes as they were. Statistics that are no numbers, as of data that are not here, begin
    anew."""
    import torch

    for module in torch.nn.Module.modules(model):
        mean = getattr(module, "running_mean", None)
        if isinstance(mean, torch.Tensor) and not bool(torch.isfinite(mean).all()) and hasattr(module, "reset_running_stats"):
            module.reset_running_stats()
    modes = [(module, module.training) for module in torch.nn.Module.modules(model)]
    with definitions.inside(), building.at_most(SECONDS), torch.no_grad():
        state = torch.nn.Module.state_dict(model)
        saved = {name: value.clone() for name, value in state.items() if isinstance(value, torch.Tensor)}
        try:
            yield
        finally:
            for name, value in saved.items():
                state[name].copy_(value)
            for module, training in modes:
                module.training = training


@contextlib.contextmanager
def _without_dropout(model):
    """Keras draws other masks at each call, whatever the seed."""
    layers = [layer for layer in keras_leaves(model) if "Dropout" in type(layer).__name__] if is_keras(model) else []
    rates = [layer.rate for layer in layers]
    for layer in layers:
        layer.rate = 0.0
    try:
        yield
    finally:
        for layer, rate in zip(layers, rates, strict=True):
            layer.rate = rate


def _run(model, x, training, seed):
    import torch

    torch.manual_seed(seed)
    return call(model, x, training)


def _differ(a, b):
    largest = max(float(a.abs().max()), float(b.abs().max()), 1e-12)
    return bool(float((a - b).abs().max()) > CHANGE * largest)


def _points(model, x, training, seed):
    """(points, output) of one pass."""
    points, last = [], None

    def after(row, before, out):
        nonlocal last
        if row["kind"] in ("dropout", "step"):
            point = _point(row, before, out, is_keras(model) and channels_last(model))
            if point is not None:
                points.append(point)
            elif points and before is last:  # a mask first, and then what is kept is scaled
                points[-1]["scale"] = [
                    side * factor for side, factor in zip(points[-1]["scale"], _scale(before, out), strict=True)
                ]
            last = out

    watch = watcher(model, after)
    with watch, watch.keras_layers():
        out = _run(model, x, training, seed)
    return points, out


def _scale(before, out):
    """[least, largest] factor of what is not zero."""
    kept = (before != 0) & (out != 0)
    ratio = (out[kept] / before[kept]).double()
    return [float(ratio.min()), float(ratio.max())] if ratio.numel() else [0.0, 0.0]


def _point(row, before, out, last):
    """None for a step that drops nothing, or does more than dropping, or drops what is small (an activation)."""
    import torch

    if not isinstance(before, torch.Tensor) or before.shape != out.shape or before.is_complex():
        return None
    there = before != 0
    kept = there & (out != 0)
    units, dropped = int(there.sum()), int((there & (out == 0)).sum())
    scale = _scale(before, out)
    if row["kind"] == "step":
        if dropped in (0, units) or scale[1] - scale[0] > 1e-3 or scale[0] < 1.0 - 1e-3:
            return None
        if float(before[there & (out == 0)].max()) <= float(before[kept].min()):
            return None
    if before.dim() == 4 and dropped:
        axes = (1, 2) if last else (2, 3)
        some, every = kept.any(axes), there.any(axes)
        if bool((kept == (there & some.unsqueeze(axes[0]).unsqueeze(axes[1]))).all()):  # whole channels
            units, dropped = int(every.sum()), int((every & ~some).sum())
    return {"units": units, "dropped": dropped, "scale": scale, "own": row["kind"] == "step"}
