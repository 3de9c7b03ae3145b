"""What a model is made of, seen in one forward pass on random input in evaluation mode.

torch: every function that is called is seen (`TorchFunctionMode`), so layers count where they are used, in this order, with
the weights' real shapes, modules and functions alike. Keras: every call of one of Keras' own layers; what is called between
them is seen as torch's functions. Shapes are given without the batch and with the channels first.
"""

import contextlib
import sys

from . import building, definitions
from .operations import Operations

SECONDS = 30.0
BATCH = 3


def observe(model, inputs):
    """inputs: shapes without batch, channels first; the first that the model takes is used.

    Returns {"rows": the layers in the order of their use, "input": that shape, "parameters": {"total", "trainable", "unseen",
    "unused"}, "unused": names of parts with parameters that the forward pass does not touch}. unseen: parameters that were
    used, but in no layer that is known here. Raises what the model raises on the first shape.
    """
    import torch

    with definitions.inside(), building.at_most(SECONDS), evaluating(model), torch.no_grad():
        shape = first_taken(model, inputs)
        watch = watcher(model)
        x = random_input(model, shape)
        with watch, watch.keras_layers():
            model(x)
        return {
            "rows": watch.rows,
            "input": list(shape),
            "parameters": watch.parameters(),
            "unused": watch.unused(),
        }


def first_taken(model, inputs):
    """The first shape that the model takes, in evaluation mode; one that has no weights yet has them then. Raises what the
    model raises on the first of all."""
    first = None
    for shape in own_input(model) or inputs:
        try:
            call(model, random_input(model, shape), False)
        except Exception as error:
            first = first or error
        else:
            return shape
    raise first


def call(model, x, training):
    """What the model gives, the first if it gives several."""
    import torch

    model.train(training)
    out = model(x, training=training) if is_keras(model) else model(x)
    while isinstance(out, (tuple, list)):
        out = out[0]
    return out if isinstance(out, torch.Tensor) else next(iter(out.values()))


def random_input(model, shape, batch=BATCH, positive=False):
    """(batch, *shape) as the model takes it: with the channels last for Keras, of the type of its first weight."""
    import torch

    x = torch.rand(batch, *shape) if positive else torch.randn(batch, *shape)
    if is_keras(model):
        return x.movedim(1, -1) if channels_last(model) and len(shape) > 1 else x
    first = next(torch.nn.Module.parameters(model), None)
    return x if first is None or not first.is_floating_point() else x.to(first.dtype)


def is_keras(model):
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.layers.Layer)


def channels_last(model):
    formats = {getattr(layer, "data_format", None) for layer in keras_leaves(model)} - {None}
    return formats != {"channels_first"}


def own_input(model):
    """The shape that a Keras model was declared with, channels first; [] where it has none."""
    shape = getattr(model, "input_shape", None) if is_keras(model) else None
    if not isinstance(shape, tuple) or len(shape) < 2 or any(size is None for size in shape[1:]):
        return []
    shape = tuple(int(size) for size in shape[1:])
    return [(shape[-1], *shape[:-1])] if channels_last(model) and len(shape) > 1 else [shape]


@contextlib.contextmanager
def evaluating(model):
    """In evaluation mode, and as it was afterwards."""
    import torch

    modes = [(module, module.training) for module in torch.nn.Module.modules(model)]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def keras_leaves(model):
    """Keras' own layers in a model, nested ones too."""
    keras = sys.modules["keras"]
    layers = model._flatten_layers(include_self=False) if isinstance(model, keras.layers.Layer) else []
    return [layer for layer in layers if is_keras_leaf(layer)]


def is_keras_leaf(layer):
    return type(layer).__module__.startswith("keras.src.layers.")


def watcher(model, after=None):
    """See `watching.Watching`, a class of torch's, which is not there yet when this file is imported."""
    from .watching import Watching

    return Watching(model, Operations(sys.modules["torch"]), after)
