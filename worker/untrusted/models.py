"""Building a model out of what `definitions.py` found."""

import inspect
import sys

from . import building, definitions

BUILD = 30.0
"""Seconds for one constructor."""


class NotAModel(TypeError):
    """What a function returned is neither a torch module nor a Keras model."""


def is_model(value):
    return issubclass(type(value), _module_types()) and not _is_loss(type(value))


def is_model_class(value):
    return issubclass(value, _module_types()) and not _is_loss(value)


def is_optimizer(value):
    return issubclass(type(value), sys.modules["torch"].optim.Optimizer)


def framework(kind):
    """ "keras" or "torch", for a model's class. Keras models on this backend are torch modules, too."""
    keras = sys.modules.get("keras")
    return "keras" if keras is not None and issubclass(kind, keras.layers.Layer) else "torch"


def described(thing):
    """A thing of `definitions.collect` as it crosses the wall."""
    parameters, required = _parameters(thing.value) if thing.form in ("class", "function") else ([], [])
    kind = thing.value if thing.form == "class" else type(thing.value)
    return {
        "name": thing.name,
        "form": thing.form,
        "type": type(thing.value).__name__ if thing.form == "model" else "",
        "framework": framework(kind) if thing.form in ("class", "model") else "",
        "file": thing.file,
        "line": thing.line,
        "parameters": parameters,
        "required": required,
        "parts": _parts(thing),
    }


def build(index, arguments, weights=()):
    """{"model", "framework", "type": its class's name}: what the thing at `index` gives when called with `arguments`; of a
    function of an input and a list of weights, a net with weights of these shapes."""
    thing = definitions.thing(index)
    model = thing.value
    if thing.form == "function" and weights:
        model = _of_function(thing.value, weights)
    elif thing.form != "model":
        with definitions.inside(), building.at_most(BUILD):
            model = _first_model(thing.value(**arguments), thing.name)
    return {"model": model, "framework": framework(type(model)), "type": type(model).__name__}


def _of_function(function, shapes):
    """A torch module that computes function(x, weights). Each weight is a module, so that one that is not used has a name."""
    torch = sys.modules["torch"]

    class Weight(torch.nn.Module):
        def __init__(self, shape):
            super().__init__()
            self.value = torch.nn.Parameter(torch.randn(*shape) / 10)

    class OfFunction(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weights = torch.nn.ModuleList(map(Weight, shapes))

        def forward(self, x):
            return function(x, [weight.value for weight in self.weights])

    return OfFunction()


def _first_model(value, name):
    for item in value if type(value) in (tuple, list) else (value,):
        if is_model(item):
            return item
    raise NotAModel(f"{name} returns {type(value).__name__}, not a model")


def _module_types():
    """Keras layers that are not models, and torch's own losses, are none."""
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    return tuple(kind for kind in (torch and torch.nn.Module, keras and keras.Model) if kind)


def _is_loss(kind):
    torch, keras = sys.modules["torch"], sys.modules.get("keras")
    if keras is not None and issubclass(kind, keras.layers.Layer):
        return not issubclass(kind, keras.Model)
    return issubclass(kind, torch.nn.modules.loss._Loss)


def _parameters(function):
    """(names of the parameters, of those without a default); "**" where any name is taken."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return [], []
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    names = [p.name for p in named] + ["**" for p in parameters if p.kind is p.VAR_KEYWORD]
    return names, [p.name for p in named if p.default is p.empty]


def _parts(thing):
    """Names that the code of a class or of a function mentions: a block is no model of its own, and what mentions a model's class
    or a layer makes models."""
    if thing.form not in ("class", "function"):
        return []
    found = set()
    for member in vars(thing.value).values() if thing.form == "class" else [thing.value]:
        code = getattr(member, "__code__", None)
        if code is not None:
            found |= set(code.co_names)
    return sorted(found)[:200]
