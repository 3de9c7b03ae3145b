"""While a submission is read for its models: training, saving and downloading do nothing, data sets are a few blank
images of the right shape, and no statement takes long. So a script runs through up to its last `model.add(...)`.

What a call that does nothing returns is a stand-in (`stubs.py`), so that `history.history["loss"]` after it works, too.
"""

import argparse
import contextlib
import signal
import sys
import time

import numpy as np

from . import choices, data, rehearsal, scripts
from .stubs import Stub

KERAS_METHODS = (
    *("train_on_batch", "test_on_batch", "predict_on_batch", "predict_generator", "predict_classes"),
    *("save", "save_weights", "load_weights", "export"),
)
FITS = ("fit", "fit_generator")
IMAGES = 64
PATIENCE = 4
"""How much longer than its processor time something may take."""


class TooLong(BaseException):
    """A statement was stopped; no `except Exception` of the student's holds it."""


@contextlib.contextmanager
def only():
    """Within, models are built and nothing is trained."""
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    changes = []
    if torch is not None:
        changes += [(torch.Tensor, "backward"), (torch.autograd, "backward"), (torch, "save")]
        if not torch.cuda.is_available():
            scripts.on_this_cpu(torch)
    if keras is not None:
        changes += [(keras.Model, name) for name in KERAS_METHODS]
        changes += [(keras.utils, "plot_model"), (keras.utils, "get_file")]
    replaced = [(owner, name, _nothing) for owner, name in changes]
    if keras is not None:
        replaced += [(keras.Model, name, lambda model, *args, **kwargs: History("what was not trained")) for name in FITS]
        replaced += [(keras.Model, name, lambda model, *args, **kwargs: [0.0, 0.0]) for name in ("evaluate", "evaluate_generator")]
        replaced.append((keras.Model, "predict", _scores))
    replaced += [(data, "part", blank_images), (data, "remember_transform", _nothing)]
    with put(replaced):
        yield


@contextlib.contextmanager
def briefly(told):
    """Within, scripts that train are through in no time (`rehearsal.py`). told: a function that is given the models and
    optimizers that they make."""
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    parser = argparse.ArgumentParser
    replaced = [(parser, "parse_known_args", choices.forgiving(parser.parse_known_args)), (time, "sleep", _nothing)]
    if torch is not None:
        replaced += rehearsal.replacements(torch, told)
        data.read_in_this_process()

    def fit(model, *args, **kwargs):
        told(model)
        return History("what was not trained")

    if keras is not None:
        replaced += [(keras.Model, name, fit) for name in FITS]
    with put(replaced):
        yield


@contextlib.contextmanager
def put(replaced):
    """Attributes as [(owner, name, value)] says; afterwards as they were."""
    before = [(owner, name, vars(owner).get(name)) for owner, name, _ in replaced]
    for owner, name, instead in replaced:
        setattr(owner, name, instead)
    try:
        yield
    finally:
        for owner, name, original in before:
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)


def _nothing(*args, **kwargs):
    return Stub("what was not trained")


class History(Stub):
    """What `fit` gives: a number for whatever is asked for, since a script takes the best of it and draws it."""

    class Numbers(dict):
        def __missing__(self, key):
            return [0.0]

    history = Numbers()
    epoch = (0,)


def _scores(model, x, *args, **kwargs):
    """As `predict`, of a model that is not asked."""
    shape = getattr(model, "output_shape", None)
    known = isinstance(shape, tuple) and isinstance(shape[-1], int) and hasattr(x, "shape")
    return np.zeros((len(x), *shape[1:])) if known else _nothing()


def blank_images(name, train, size):
    """As `data.part`: images that show nothing, with labels of every class. Not all of one colour: whoever divides by the standard
    deviation would give nets NaN, which batch normalization remembers."""
    labels = np.arange(IMAGES, dtype=np.int64) % 10
    stripes = np.arange(IMAGES * int(np.prod(size))) % 251
    return stripes.astype(np.uint8).reshape(IMAGES, *size), labels


@contextlib.contextmanager
def at_most(seconds):
    """Raises TooLong in what takes more of the processor, or `PATIENCE` times as long by the clock, since a machine may be
    busy with others. The timers keep ringing in case something swallows it."""

    def ring(number, frame):
        raise TooLong(f"stopped after {seconds:g} seconds")

    before = [(number, signal.signal(number, ring)) for number in (signal.SIGPROF, signal.SIGALRM)]
    timers = ((signal.ITIMER_PROF, seconds), (signal.ITIMER_REAL, PATIENCE * seconds))
    outer = [(timer, signal.setitimer(timer, limit, 0.5)) for timer, limit in timers]
    try:
        yield
    finally:
        for timer, left in outer:
            signal.setitimer(timer, *left)
        for number, handler in before:
            signal.signal(number, handler)
