"""The student's nets. `from cs231n.classifiers import FullyConnectedNet` finds them in their modules, and nothing is
imported before it is asked for, so that one broken file does not break the other."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

_NETS = {
    "TwoLayerNet": "fc_net",
    "FullyConnectedNet": "fc_net",
    "ThreeLayerConvNet": "cnn",
    "SqueezeNet": "squeezenet",
}


def __getattr__(name):
    module = f"{__name__}.{_NETS.get(name)}"
    if name not in _NETS or find_spec(module) is None:
        raise AttributeError(f"cs231n.classifiers has no {name!r}")
    return getattr(import_module(module), name)
