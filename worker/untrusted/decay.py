"""How strongly weights are pulled to zero: measured on an optimizer's steps, or on the gradient of a penalty."""

from collections import defaultdict

from . import building, definitions
from .anatomy import first_taken

SECONDS = 60.0
LEAST, MOST = 1e-9, 10.0
STEPS = 60


class NoDecay(TypeError):
    """What was called gives neither an optimizer nor a penalty."""


def of_thing(index, model, arguments):
    """{"form": "optimizer" or "penalty", "type", "weights": [decay of each weight], "biases": [...]} of what stands at `index` of
    `definitions.collect`: an optimizer, or a function that makes one for the model, or a penalty of it.

    Decay is λ of the gradient λ·w, None where a weight is pulled in another way.
    """
    import torch

    thing = definitions.thing(index)
    with definitions.inside(), building.at_most(SECONDS):
        value = thing.value if thing.form == "optimizer" else _called(thing.value, model, arguments)
    if isinstance(value, torch.optim.Optimizer):
        return _measured("optimizer", value, _of_optimizer(value))
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        parameters = list(torch.nn.Module.parameters(model))
        return _measured("penalty", value, _of_penalty(value, parameters))
    raise NoDecay(f"{thing.name} gives {type(value).__name__}, neither an optimizer nor a penalty")


def of_keras(model, inputs):
    """As `of_thing`, for the regularizers of a Keras model's layers: λ of the penalty λ·w², and the decay of the optimizer it
    was compiled with, if it has one. inputs: shapes to show it, channels first, if it has no weights yet."""
    with definitions.inside(), building.at_most(SECONDS):
        if not model.built:
            first_taken(model, inputs)
        values = [variable.value for variable in model.trainable_variables]
        penalties = _of_penalty(sum(model.losses), values) if model.losses else [(value, 0.0) for value in values]
        halved = [(value, None if decay is None else decay / 2) for value, decay in penalties]
        found = [_measured("penalty", model, halved)]
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None:
            found.append(_measured("optimizer", optimizer, _of_keras_optimizer(optimizer, model)))
        return found


def _called(function, model, arguments):
    try:
        return function(model, **arguments)
    except (TypeError, AttributeError):  # it may want the parameters instead of the model
        return function(model.parameters(), **arguments)


def _measured(form, of, decays):
    weights = [decay for tensor, decay in decays if tensor.dim() > 1]
    biases = [decay for tensor, decay in decays if tensor.dim() <= 1]
    return {"form": form, "type": type(of).__name__[:60], "weights": weights[:500], "biases": biases[:500]}


def _of_penalty(value, tensors):
    """[(tensor, λ)]: the gradient of the penalty divided by the weight, where that is one number."""
    import torch

    gradients = torch.autograd.grad(value, tensors, allow_unused=True)
    return [(t, 0.0 if g is None else _ratio(g, t.detach())) for t, g in zip(tensors, gradients, strict=True)]


def _ratio(numerator, weight):
    """What `numerator` is of `weight`, if it is the same everywhere; None if not."""
    there = weight.abs() > 1e-3 * weight.abs().max()
    if not bool(there.any()):
        return 0.0 if float(numerator.abs().max()) == 0 else None
    ratio = (numerator[there] / weight[there]).double()
    least, most = float(ratio.min()), float(ratio.max())
    return float(ratio.median()) if most - least <= 0.02 * max(abs(least), abs(most)) + 1e-12 else None


def _of_optimizer(optimizer):
    """[(weight, λ)]. With the gradient -c·w a weight shrinks while c < λ and grows after, whatever the optimizer makes of
    gradients (Adam only looks at their sign): λ is found by halving. Where decay is no gradient (AdamW), a step without
    gradient tells it.
    """
    import torch

    tensors = [p for group in optimizer.param_groups for p in group["params"]]
    rates = [group["lr"] for group in optimizer.param_groups]
    saved = [p.detach().clone() for p in tensors]
    gradients, state = [p.grad for p in tensors], optimizer.state

    def moved(factors):
        """The change of each weight in the first step under the gradients -factor·weight."""
        optimizer.state = defaultdict(dict)
        for p, before, factor in zip(tensors, saved, factors, strict=True):
            p.data.copy_(before)
            p.grad = -factor * before
        optimizer.step()
        return [p.detach() - before for p, before in zip(tensors, saved, strict=True)]

    try:
        with torch.enable_grad():
            for group in optimizer.param_groups:
                group["lr"] = 1.0  # a real one moves a weight by less than its last digits tell
            without = moved([0.0] * len(tensors))
            still = [_shift(change) for change in without]
            free = [_ratio(-change, before) for change, before in zip(without, saved, strict=True)]
            low, high = [LEAST] * len(tensors), [MOST] * len(tensors)
            for _ in range(STEPS):
                middle = [(a * b) ** 0.5 for a, b in zip(low, high, strict=True)]
                for index, (change, before) in enumerate(zip(moved(middle), saved, strict=True)):
                    (low if float((change * before).sum()) < 0 else high)[index] = middle[index]
    finally:
        optimizer.state = state
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        for p, before, gradient in zip(tensors, saved, gradients, strict=True):
            p.data.copy_(before)
            p.grad = gradient
    found = []
    for index, p in enumerate(tensors):
        coupled = middle[index] if middle[index] > 10 * LEAST else None
        found.append((p, 0.0 if still[index] == 0 else coupled if coupled is not None else free[index]))
    return found


def _shift(change):
    return float(change.abs().max()) if change.numel() else 0.0


def _of_keras_optimizer(optimizer, model):
    """[(weight, λ)] of a step without gradient, at a learning rate of 1; Keras' optimizers decay apart from the gradient."""
    import torch

    variables = model.trainable_variables
    saved = [variable.value.detach().clone() for variable in variables]
    rate = optimizer._learning_rate  # a variable, or a schedule
    with torch.no_grad():
        optimizer._learning_rate = 1.0
        try:
            optimizer.apply([torch.zeros_like(before) for before in saved], variables)
            found = [(v.value, _ratio(before - v.value.detach(), before)) for v, before in zip(variables, saved, strict=True)]
        finally:
            optimizer._learning_rate = rate
        for variable, before in zip(variables, saved, strict=True):
            variable.value.copy_(before)
    return found
