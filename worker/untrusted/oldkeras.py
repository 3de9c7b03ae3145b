"""`tensorflow.keras` and the module paths of Keras 1 and 2, which nearly all homework imports, mean Keras 3 on PyTorch.

Only where TensorFlow is not installed and Keras is. Of TensorFlow itself there is what a model is written with (`tf.nn.relu`,
`tf.reshape`, `tf.float32`); everything else is a stand-in that computes nothing (`stubs.py`).
"""

import importlib
import importlib.machinery
import importlib.util
import sys

from .elsewhere import AliasLoader
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
        return importlib.util.spec_from_loader(fullname, AliasLoader(self.present(parts)), is_package=True)

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
            if name != "Dataset":
                return super().__getattr__(name)
            from . import tfdata

            return tfdata.make(keras)
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
        if not fullname.startswith(("keras.", "tensorflow.keras.")):
            return None
        from .keras2 import CORRECTIONS

        if fullname not in CORRECTIONS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = _CorrectedLoader(fullname, spec.loader.path)
        return spec


class _CorrectedLoader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        from .keras2 import CORRECTIONS

        super().exec_module(module)
        CORRECTIONS[module.__name__](module)


def install(owned):
    """owned: tells whether the submission has a top-level module of a name."""
    sys.meta_path.insert(0, CorrectedFinder())
    sys.meta_path.append(OldKerasFinder(owned))
