"""A submission's modules under names that only another search path knew.

`from layers import *` beside or below `cs231n/layers.py` (Python 2, or a path that a notebook appended), `from .layers`
in a file that has moved since, `from assignment2.cs231n.layers`: each means the one module that is there.
"""

import importlib
import importlib.machinery
import importlib.util
import os


def real_name(root, fullname, importer):
    """The dotted name under which the code folder has what `fullname` means in the file `importer`, or None."""
    parts = fullname.split(".")
    tops = {name.split(".")[0] for name in os.listdir(root)}
    if len(parts) > 1 and parts[0] not in tops:
        tail = next((parts[i:] for i in range(1, len(parts)) if parts[i] in tops), None)
        return ".".join(tail) if tail and _exists(os.path.join(root, *tail)) else None
    folder = os.path.dirname(importer)
    while folder.startswith(root + "/"):
        if _exists(os.path.join(folder, parts[-1])):
            return ".".join([*os.path.relpath(folder, root).split("/"), parts[-1]])
        folder = os.path.dirname(folder)
    return None


def _exists(path):
    return os.path.isfile(path + ".py") or os.path.isfile(os.path.join(path, "__init__.py"))


def alias(fullname, real):
    """The spec of `fullname` that gives the module `real` itself, not a copy: substituted functions stay in it."""
    return importlib.util.spec_from_loader(fullname, AliasLoader(real))


class AliasLoader:
    """Gives the module `real` under another name."""

    def __init__(self, real):
        self.real = real
        self.spec = None

    def create_module(self, spec):
        module = importlib.import_module(self.real)
        self.spec = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = self.spec
