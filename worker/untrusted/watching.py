"""Watches a forward pass. Imported when torch is there."""

import contextlib
import itertools
import sys

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from .activations import activation_of
from .kerasrows import keras_border, keras_row

MAX_ROWS = 2000


class Watching(TorchFunctionMode):
    """rows: one per layer called. `after` (a function of row, input and output) sees the values themselves."""

    def __init__(self, model, operations, after=None):
        super().__init__()
        self.model, self.operations, self.after = model, operations, after
        self.rows = []
        self.inside = 0  # a layer of Keras: what it calls itself is its own matter
        self.result = None  # of the last layer: what follows may be an activation in the student's own words
        self.bordered = {}  # id: (a tensor that zeros were put around, how many by axis); it is kept, so that its id is
        self.touched, self.explained = set(), set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        out = function(*args, **kwargs)
        given = [*args, *kwargs.values()]
        lists = [value for value in given if isinstance(value, (list, tuple))]  # the weights of a recurrent layer
        used = {id(value) for value in itertools.chain(given, *lists) if isinstance(value, Tensor)}
        self.touched |= used
        if self.inside:
            self.explained |= used
            return out
        if self.operations.adds_bias(function, args, out):
            self.explained |= used
            self.result = out.clone()
            return out
        if border := self.operations.border(function, args, kwargs):
            self.bordered[id(out)] = out, border
        given = args[0] if args else None
        made = given if out is None and isinstance(given, Tensor) else out  # x[x < 0] = 0 gives nothing and changes x
        row = self.operations.row(function, args, kwargs, made)
        if row is not None:
            if row["kind"] != "step":
                self.explained |= used
            self.add(row, args[0] if args else kwargs.get("input"), made)
        return out

    def add(self, row, before, after):
        if row["kind"] == "step":
            name = activation_of(self.result, after)
            row = {"kind": "activation", "name": name, "output": row["output"]} if name else row
        elif isinstance(after, Tensor):
            self.result = after.clone()  # what follows may change it in place
        if row["kind"] == "conv" and id(before) in self.bordered:
            row = {**row, "border": self.bordered[id(before)][1]}
        if len(self.rows) < MAX_ROWS:
            self.rows.append(row)
            if self.after is not None:
                self.after(row, before, after)

    @contextlib.contextmanager
    def keras_layers(self):
        """Within, calls of Keras' own layers are rows."""
        keras = sys.modules.get("keras")
        if keras is None or not isinstance(self.model, keras.layers.Layer):
            yield
            return
        layer = keras.layers.Layer
        original = layer.__call__

        def called(this, *args, **kwargs):
            if self.inside or not type(this).__module__.startswith("keras.src.layers."):
                return original(this, *args, **kwargs)
            self.inside += 1
            try:
                out = original(this, *args, **kwargs)
            finally:
                self.inside -= 1
            if border := keras_border(this):
                self.bordered[id(out)] = out, border
            for row in keras_row(this, args[0] if args else None, out):
                self.add(row, args[0] if args else None, out)
            return out

        layer.__call__ = called
        try:
            yield
        finally:
            layer.__call__ = original

    def parameters(self):
        """Counts: all, those that training changes, those used in no layer that is known."""
        every = list(nn.Module.parameters(self.model))
        unseen = sum(p.numel() for p in every if id(p) in self.touched - self.explained)
        counts = {"total": sum(p.numel() for p in every), "unseen": unseen}
        counts["unused"] = sum(p.numel() for p in every if id(p) not in self.touched)
        counts["trainable"] = sum(p.numel() for p in every if p.requires_grad)
        keras = sys.modules.get("keras")
        if keras is not None and isinstance(self.model, keras.Model):
            counts["total"] = self.model.count_params()
            counts["trainable"] = sum(int(w.value.numel()) for w in self.model.trainable_weights)
        return counts

    def unused(self):
        """Names of the modules whose own parameters the forward pass did not touch."""
        found = []
        for name, module in nn.Module.named_modules(self.model):
            own = list(module._parameters.values())
            if any(p is not None for p in own) and not any(id(p) in self.touched for p in own if p is not None):
                found.append(f"{name} ({type(module).__name__})"[:100])
        return found[:50]
