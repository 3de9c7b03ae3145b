"""Stand-ins for modules that are not installed in the sandbox.

Importing, calling, indexing, decorating and deriving work and do nothing; computing with one raises ModuleNotFoundError
with the module's name. A few modules of the Python 2 days get real equivalents (`equivalents.py`), and so do those that training
scripts cannot do without; these are read when they are asked for.
"""

import importlib
import sys
import types

from .equivalents import EQUIVALENTS

ON_REQUEST = {
    "torchvision.datasets": ("vision", "NAMES"),
    "torchvision.datasets.mnist": ("vision", "NAMES"),
    "torchvision.datasets.cifar": ("vision", "NAMES"),
    "torchvision.utils": ("vision", "UTILS"),
    "torchvision.transforms": ("transforms", "NAMES"),
    "torchvision.transforms.v2": ("transforms", "NAMES"),
    "torchvision.transforms.functional": ("functional", "NAMES"),
    "torchvision.transforms.v2.functional": ("functional", "NAMES"),
    "PIL.Image": ("pictures", "NAMES"),
    **dict.fromkeys(("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.autonotebook", "tqdm.std"), ("showing", "BARS")),
    "matplotlib.pyplot": ("showing", "FIGURES"),
    "sklearn.model_selection": ("splitting", "NAMES"),
}
"""Which file of ours has the names of a module, and in which of its dicts."""

NEEDED = ("torchvision.datasets", "torchvision.models", "torchvision.transforms")
"""Modules whose names are always computed with: what is lacking there is said when it is called."""

asked = set()
"""Modules whose stand-ins were asked what they hold (how many, whether any) or what a function shall be, which may have led a
script astray."""


class Stub:
    """What an attribute of a missing module is: it takes everything and gives nothing."""

    def __init__(self, module):
        object.__setattr__(self, "_module", module)

    def __getattr__(self, name):
        return _attribute(self, self._module, name)

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
            asked.add(self._module)  # used as a decorator, which may have given other arguments
            return args[0]
        return Stub(self._module)

    def __mro_entries__(self, bases):
        return ()

    def __getitem__(self, key):
        return Stub(self._module)

    def __setitem__(self, key, value):
        pass

    def __delitem__(self, key):
        pass

    def __setattr__(self, name, value):
        pass

    def __iter__(self):
        asked.add(self._module)
        return iter(())

    def __instancecheck__(self, instance):
        return False

    def __contains__(self, item):
        asked.add(self._module)
        return False

    def __len__(self):
        asked.add(self._module)
        return 0

    def __bool__(self):
        asked.add(self._module)
        return False

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    def __repr__(self):
        return f"<stand-in for the missing module {self._module!r}>"


def _refuse(self, *args, **kwargs):
    raise ModuleNotFoundError(f"No module named {self._module!r}", name=self._module)


_CONVERTING = "array float int index complex round neg pos abs invert lt le gt ge"
_COMPUTING = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift divmod"
for _name in f"{_CONVERTING} {_COMPUTING}".split():
    setattr(Stub, f"__{_name}__", _refuse)
for _name in _COMPUTING.split():
    setattr(Stub, f"__r{_name}__", _refuse)


class Lacking(Stub):
    """Of a module that is needed: whoever calls it or derives from it is told that it is not here."""

    def __init__(self, module, name):
        super().__init__(module)
        object.__setattr__(self, "_name", name)

    def __call__(self, *args, **kwargs):
        from .data import NotOffered

        raise NotOffered(f"{self._module}.{object.__getattribute__(self, '_name')} is not available in this check")

    def __mro_entries__(self, bases):
        self()


class StubModule(types.ModuleType):
    """A missing module. `real` names are those of its equivalent, if it has one."""

    def __init__(self, name):
        super().__init__(name)
        self.__path__ = []
        self.__dict__.update(EQUIVALENTS.get(name, {}))
        if name in ON_REQUEST:
            file, names = ON_REQUEST[name]
            self.__dict__.update(getattr(importlib.import_module(f"_sandbox.{file}"), names))

    def __getattr__(self, name):
        inside = f"{self.__name__}.{name}"
        if inside in ON_REQUEST or inside in NEEDED:  # `import torchvision` alone gives `torchvision.datasets` too
            return sys.modules.get(inside) or sys.modules.setdefault(inside, StubModule(inside))
        return _attribute(self, self.__name__, name)


def _attribute(owner, module, name):
    if name == "__version__":
        return "0"
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)  # protocols of Python, NumPy and `inspect` are not there
    if module.startswith(NEEDED):
        return Lacking(module, name)
    return Stub(module)


def stand_in(name):
    return StubModule(name)
