"""`tensorflow.keras` and the module paths of Keras 1 and 2, which nearly all homework imports, mean Keras 3 on PyTorch.

Only where TensorFlow is not installed and Keras is. Of TensorFlow itself there is what a model is written with (`tf.nn.relu`,
`tf.reshape`, `tf.float32`); everything else is a stand-in that computes nothing (`stubs.py`).
"""

import importlib
import importlib.machinery
import importlib.util
import sys

from . import tfdata
from .stubs import StubModule

MOVED = {
    "preprocessing.image": "src.legacy.preprocessing.image",
    "preprocessing.text": "src.legacy.preprocessing.text",
    "utils.np_utils": "utils",
    "utils.vis_utils": "utils",
    "utils.generic_utils": "utils",
    "engine": "layers",
    "engine.topology": "layers",
    "engine.training": "models",
    "layers.experimental": "layers",
    "layers.experimental.preprocessing": "layers",
}
"""Where names of Keras 2 are now; any other submodule that Keras 3 lacks means the package it was in (`layers.core`)."""

PACKAGES = {
    *("layers", "models", "optimizers", "losses", "metrics", "utils", "preprocessing", "regularizers"),
    *("engine", "callbacks", "initializers", "activations"),
}
RENAMED = {
    "reduce_mean": "mean",
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
    "concat": "concatenate",
    "range": "arange",
    "Tensor": "KerasTensor",
}
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "string")


class OldKerasFinder:
    """On `sys.meta_path` before the finder of stand-ins."""

    def __init__(self, owned):
        self.owned = owned  # whether the submission has a top-level module of this name
        self.seeking = False  # Keras itself is asked what it has

    def find_spec(self, fullname, path=None, target=None):
        parts = fullname.split(".")
        if parts[0] not in ("tensorflow", "keras") or self.owned(parts[0]) or self.seeking:
            return None
        if parts[0] == "keras":
            return self.alias(fullname, parts[1:]) if len(parts) > 1 and parts[1] in PACKAGES else None
        if importlib.util.find_spec("keras") is None:
            return None
        if parts[1:2] == ["python"] or parts[1:3] == ["compat", "v1"] or parts[1:3] == ["compat", "v2"]:
            parts = ["tensorflow", *parts[2 if parts[1] == "python" else 3 :]]
        if parts[1:2] == ["keras"]:
            return self.alias(fullname, parts[2:])
        return importlib.util.spec_from_loader(fullname, _TensorFlowLoader(), is_package=True)

    def alias(self, fullname, parts):
        return importlib.util.spec_from_loader(fullname, _AliasLoader(self.present(parts)), is_package=True)

    def present(self, parts):
        """The dotted name that Keras 3 gives to the submodule `parts` of Keras 2."""
        name = MOVED.get(".".join(parts), ".".join(parts))
        self.seeking = True
        try:
            while name:
                try:
                    importlib.import_module("keras." + name)
                    return "keras." + name
                except ModuleNotFoundError:
                    name = name.rpartition(".")[0]
            return "keras"
        finally:
            self.seeking = False


class _AliasLoader:
    def __init__(self, real):
        self.real = real

    def create_module(self, spec):
        module = importlib.import_module(self.real)
        self.spec = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = self.spec


class _TensorFlowLoader:
    def create_module(self, spec):
        return TensorFlow(spec.name)

    def exec_module(self, module):
        pass


class TensorFlow(StubModule):
    """`tensorflow` and its submodules but `keras`."""

    __version__ = "2.16.0"

    def __getattr__(self, name):
        inside = self.__name__.partition(".")[2]
        if name.startswith("__"):
            raise AttributeError(name)
        if not inside and name in ("keras", "nn", "math", "random", "linalg", "compat", "python"):
            return importlib.import_module(f"tensorflow.{name}")
        if not inside and name in DTYPES:
            return name
        if not inside and name == "newaxis":
            return None
        if not inside and name == "executing_eagerly":  # Keras asks: else it thinks that it is in a graph
            return lambda: True
        if not inside and name in ("config", "data", "image", "io", "train"):  # Keras has others by these names
            return importlib.import_module(f"tensorflow.{name}")
        keras = importlib.import_module("keras")
        if inside == "data":
            return tfdata.make(keras) if name == "Dataset" else super().__getattr__(name)
        if inside == "random" and name == "set_seed":
            return keras.utils.set_random_seed
        if inside in ("", "nn", "math", "linalg"):
            found = getattr(keras.ops, RENAMED.get(name, name), None) or getattr(keras, RENAMED.get(name, name), None)
            if found is not None:
                return found
        return super().__getattr__(name)


class CorrectedFinder:
    """First on `sys.meta_path`: modules of Keras that are corrected as soon as they have been read."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in CORRECTIONS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = _CorrectedLoader(fullname, spec.loader.path)
        return spec


class _CorrectedLoader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        super().exec_module(module)
        CORRECTIONS[module.__name__](module)


def _tell_what_is_installed(module):
    """Keras looks whether TensorFlow, pandas and others can be imported, and must not find stand-ins."""
    for lazy in vars(module).values():
        if isinstance(lazy, module.LazyModule):
            top = lazy.name.partition(".")[0]
            if importlib.machinery.PathFinder.find_spec(top) is None:
                lazy._available = False


def _understand_lr(module):
    """`Adam(lr=0.001)` is `learning_rate`."""
    original = module.BaseOptimizer.__init__

    def __init__(self, learning_rate, *args, lr=None, **kwargs):
        original(self, learning_rate if lr is None else lr, *args, **kwargs)

    module.BaseOptimizer.__init__ = __init__


def _understand_third(module):
    """`compile(optimizer, loss, ["accuracy"])`: in Keras 2 the third were the metrics."""
    original = module.Trainer.compile

    def compile(self, optimizer="rmsprop", loss=None, third=None, *args, **kwargs):
        named = third if isinstance(third, (list, tuple)) else [third]
        if not args and "metrics" not in kwargs and third is not None and any(type(one) is str for one in named):
            return original(self, optimizer, loss, metrics=third, **kwargs)
        return original(self, optimizer, loss, *(() if third is None and not args else (third, *args)), **kwargs)

    module.Trainer.compile = compile


def _without_refusals(module):
    """`keras.optimizers.legacy`, whose classes only refuse in Keras 3, has today's."""
    present = importlib.import_module("keras.src.optimizers")
    for name in vars(module):
        if isinstance(getattr(present, name, None), type):
            setattr(module, name, getattr(present, name))


def _with_generators(module):
    """`ImageDataGenerator` and what else Keras 3 keeps of Keras 2's readers of images."""
    legacy = importlib.import_module("keras.src.legacy.preprocessing.image")
    for name, value in vars(legacy).items():
        if isinstance(value, type) and not hasattr(module, name):
            setattr(module, name, value)


def _without_boards(module):
    """The callback that writes for TensorBoard needs TensorFlow; what is watched here is not read from there."""

    class TensorBoard(importlib.import_module("keras.src.callbacks.callback").Callback):
        def __init__(self, *args, **kwargs):
            super().__init__()

    module.TensorBoard = TensorBoard


def _halving(module):
    """`AveragePooling2D()` takes 2 by 2, as in Keras 2 and as `MaxPooling2D()` still does."""
    for kind in [value for name, value in vars(module).items() if name.startswith("AveragePooling")]:
        original = kind.__init__

        def __init__(self, pool_size=2, *args, original=original, **kwargs):
            original(self, pool_size, *args, **kwargs)

        kind.__init__ = __init__


CORRECTIONS = {
    **{f"keras.src.layers.pooling.average_pooling{n}d": _halving for n in (1, 2, 3)},
    "keras.preprocessing.image": _with_generators,
    "tensorflow.keras.preprocessing.image": _with_generators,
    "keras.src.callbacks.tensorboard": _without_boards,
    "keras.src.trainers.trainer": _understand_third,
    "keras.optimizers.legacy": _without_refusals,
    "tensorflow.keras.optimizers.legacy": _without_refusals,
    "keras.src.utils.module_utils": _tell_what_is_installed,
    "keras.src.optimizers.base_optimizer": _understand_lr,
}


def install(owned):
    """owned: tells whether the submission has a top-level module of a name."""
    sys.meta_path.insert(0, CorrectedFinder())
    sys.meta_path.append(OldKerasFinder(owned))
