"""The offered images under `keras.datasets`, whose own loaders would download."""

import importlib.machinery
import importlib.util
import types

LOADERS = {
    "keras.datasets.mnist": (28, 28),
    "keras.datasets.fashion_mnist": (28, 28),
    "keras.datasets.cifar10": (32, 32, 3),
}
"""The sizes of their images."""


class KerasDataFinder:
    """First on `sys.meta_path`."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in LOADERS:
            return None
        return importlib.util.spec_from_loader(fullname, KerasDataLoader())


class KerasDataLoader(importlib.machinery.BuiltinImporter):
    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        name = module.__name__.rpartition(".")[2]
        column = name == "cifar10"  # whose labels Keras gives as (N, 1)

        def load_data(path=None):
            """((x_train, y_train), (x_test, y_test)), uint8, as Keras documents it."""
            from .data import part

            parts = [part(name, train, LOADERS[module.__name__]) for train in (True, False)]
            return tuple((x, y.astype("uint8").reshape(-1, 1) if column else y.astype("uint8")) for x, y in parts)

        module.load_data = load_data
