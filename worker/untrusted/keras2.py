"""What Keras 2 took and Keras 3 refuses, put back into Keras' own modules as they are read (`oldkeras.py`)."""

import functools
import importlib
import importlib.machinery


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


def _without_workers(module):
    """`fit(…, workers=4, use_multiprocessing=True)`: the reading of data is the generator's own matter in Keras 3."""
    for name in ("fit", "evaluate", "predict"):
        original = getattr(module.TorchTrainer, name)

        def called(self, *args, original=original, workers=1, use_multiprocessing=False, max_queue_size=10, **kwargs):
            return original(self, *args, **kwargs)

        setattr(module.TorchTrainer, name, functools.wraps(original)(called))


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
    "keras.src.backend.torch.trainer": _without_workers,
    "keras.optimizers.legacy": _without_refusals,
    "tensorflow.keras.optimizers.legacy": _without_refusals,
    "keras.src.utils.module_utils": _tell_what_is_installed,
    "keras.src.optimizers.base_optimizer": _understand_lr,
}
