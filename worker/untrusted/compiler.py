"""torch's compiler, `torch._dynamo`, is not read until somebody wants to compile.

Every optimizer and Keras import it only to be left alone by it, and it takes as long to read as all the rest of torch.
So a stand-in does what they ask of it, which is nothing; whoever asks for more gets the compiler itself.
"""

import importlib
import importlib.util
import sys
import types

from . import elsewhere

NAME = "torch._dynamo"


class Compiler(types.ModuleType):
    """In the compiler's place."""

    __path__ = ()  # its parts are found by `Parts`

    @staticmethod
    def disable(function=None, *args, **kwargs):
        """Leaves a function uncompiled. It is a decorator, too."""
        return function if function is not None else lambda decorated: decorated

    @staticmethod
    def graph_break(*args, **kwargs):
        """Ends what is compiled at once, where anything is."""

    def __getattr__(self, name):
        if name.startswith("__"):  # whoever goes through all modules asks for these
            raise AttributeError(name)
        return getattr(itself(), name)


class Parts:
    """First on `sys.meta_path`: whoever imports a part of the compiler wants all of it."""

    @staticmethod
    def find_spec(fullname, path=None, target=None):
        if fullname.startswith(f"{NAME}.") and isinstance(sys.modules.get(NAME), Compiler):
            return importlib.util.spec_from_loader(fullname, PartLoader(fullname))
        return None


class PartLoader(elsewhere.AliasLoader):
    """Gives the part that the compiler itself has."""

    def create_module(self, spec):
        itself()
        return super().create_module(spec)


def itself():
    """The compiler; from now on everybody gets it."""
    if isinstance(sys.modules.get(NAME), Compiler):
        del sys.modules[NAME]
    return importlib.import_module(NAME)


def leave_aside():
    """To be called when torch has been imported and nobody has compiled yet."""
    if "torch" in sys.modules and NAME not in sys.modules:
        sys.modules[NAME] = Compiler(NAME)
        sys.meta_path.insert(0, Parts)
