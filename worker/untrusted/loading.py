"""How the submission's modules are imported: what still compiles, substituted functions, missing modules.

Two finders. `CodeFinder`, first on `sys.meta_path`, finds modules of the code tree. `MissingFinder`, last, supplies a
stand-in for a module that is neither installed nor part of the submission: an unused `import matplotlib` must not cost
a grade.
"""

import builtins
import importlib.machinery
import importlib.util
import os
import sys

from . import elsewhere, kerasdata, oldkeras, recover
from .stubs import Stub, stand_in


class CodeLoader(importlib.machinery.SourceFileLoader):
    """Reads the source only (a student's `__pycache__` may be anything) and puts the substitutes in after execution.

    A statement that raises (a file that is not here, a test of the student's own) is noted in `failures`, {module: the first
    exception}, and the rest of the file is executed: what still runs is graded.
    """

    def __init__(self, fullname, path, substitutes, failures):
        super().__init__(fullname, path)
        self.substitutes = substitutes
        self.failures = failures

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        data = self.get_data(path)
        if b"set_trace" in data:
            nobody_debugs()
        return recover.compile_source(data, path)

    def exec_module(self, module):
        try:
            super().exec_module(module)
        except (Exception, SystemExit) as error:
            line = _line(error, self.path)
            if line is not None:
                self.note(module, error)
                self._resume(module, line)
            elif not self.substitutes:
                raise
        place(module, self.substitutes)

    def _resume(self, module, line):
        for code in recover.statements_after(self.get_data(self.path), self.path, line):
            self.run(code, module)

    def run(self, code, module):
        try:
            exec(code, vars(module))
        except (Exception, SystemExit) as error:
            self.note(module, error)

    def note(self, module, error):
        """The first exception; for a name that another broken file lacks, what broke that file."""
        if isinstance(error, ImportError):
            error = self.failures.get(error.name, error)
        self.failures.setdefault(module.__name__, error)


def _line(error, path):
    """The line of the module's own body that raised; None if it did not come to run (a SyntaxError)."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path and trace.tb_frame.f_code.co_name == "<module>":
            return trace.tb_lineno
        trace = trace.tb_next
    return None


class EmptyLoader(importlib.machinery.BuiltinImporter):
    """A module that the submission lacks, holding nothing but its substitutes."""

    def __init__(self, substitutes):
        self.substitutes = substitutes

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        place(module, self.substitutes)


def nobody_debugs():
    """A debugger that was left in goes on at once: nobody is there to ask it anything."""
    import bdb
    import pdb

    pdb.set_trace = bdb.set_trace = lambda *args, **kwargs: None


def place(module, substitutes):
    for name, proxy in substitutes.items():
        original = getattr(module, name, None)
        if callable(original):
            proxy.__wrapped__ = original  # so that `inspect.signature` still tells the student's parameters
        setattr(module, name, proxy)
    names = getattr(module, "__all__", None)
    if type(names) is list:
        names.extend(name for name in substitutes if name not in names)


class CodeFinder:
    """`substitutes`: {module: {function: proxy}}."""

    def __init__(self, root, substitutes):
        self.root = root
        self.substitutes = substitutes
        self.failures = {}

    def find_spec(self, fullname, path=None, target=None):
        if path is None:
            path = [self.root]
        elif not any(self.owns(folder) for folder in path):
            return None
        else:
            real = self.dotted(path, fullname)
            if real is not None and real != fullname:
                return elsewhere.alias(fullname, real)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        substitutes = self.substitutes.get(fullname, {})
        if spec is not None and spec.loader is None and fullname == fullname.split(".")[0]:
            return None  # a mere folder never hides an installed module; `sys.path` finds it last
        if spec is None:
            spec = self.in_notebook(fullname, path, substitutes)
        if spec is None:
            return importlib.util.spec_from_loader(fullname, EmptyLoader(substitutes)) if substitutes else None
        if type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = CodeLoader(fullname, spec.loader.path, substitutes, self.failures)
        return spec

    def in_notebook(self, fullname, path, substitutes):
        files = (os.path.join(str(folder), fullname.rpartition(".")[2] + ".ipynb") for folder in path)
        file = next((file for file in files if self.owns(file) and os.path.isfile(file)), None)
        if file is None:
            return None
        from .cells import NotebookLoader

        return importlib.util.spec_from_loader(fullname, NotebookLoader(fullname, file, substitutes, self.failures))

    def dotted(self, path, fullname):
        """The name that the code folder itself gives to a module of the package at `path`."""
        inside = next(
            (str(folder)[len(self.root) + 1 :] for folder in path if str(folder).startswith(self.root + "/")), ""
        )
        return ".".join([*inside.split("/"), fullname.rpartition(".")[2]]) if inside else None

    def owns(self, folder):
        return folder == self.root or str(folder).startswith(self.root + "/")

    def has(self, top):
        """Whether the submission has a top-level module or package of this name."""
        return any(name == top or name.startswith(top + ".") for name in os.listdir(self.root)) or any(
            module.split(".")[0] == top for module in self.substitutes
        )


class MissingFinder:
    """`asked`: names that the host asked for; those are missing if they are missing."""

    def __init__(self, code):
        self.code = code
        self.asked = set()

    def find_spec(self, fullname, path=None, target=None):
        top, importer = fullname.split(".")[0], self.importer()
        if top == "numpy" or fullname in self.asked or importer is None:
            return None
        real = elsewhere.real_name(self.code.root, fullname, importer)
        if real is not None and real != fullname:
            return elsewhere.alias(fullname, real)
        if self.code.has(top):
            return None
        return importlib.util.spec_from_loader(fullname, _StandInLoader(), is_package=True)

    def importer(self):
        """The student's file that imports; None for installed libraries, which try imports to see what there is: they
        are told the truth."""
        frame = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
            frame = frame.f_back
        file = frame.f_code.co_filename if frame is not None else None
        return file if file is not None and self.code.owns(file) else None


class BoardFinder:
    """First on `sys.meta_path`: what torch writes for TensorBoard, which is not installed, goes nowhere."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "torch.utils.tensorboard":
            return None
        return importlib.util.spec_from_loader(fullname, _StandInLoader(), is_package=True)


class _StandInLoader:
    def create_module(self, spec):
        return stand_in(spec.name)

    def exec_module(self, module):
        pass


def install(root, substitutes):
    """Makes the code tree importable; returns the `MissingFinder`."""
    code = CodeFinder(root, substitutes)
    missing = MissingFinder(code)
    sys.path.insert(0, root)
    sys.meta_path[:0] = [code, kerasdata.KerasDataFinder(), BoardFinder()]
    oldkeras.install(code.has)
    sys.meta_path.append(missing)
    sys.breakpointhook = lambda *args, **kwargs: None
    builtins.get_ipython = builtins.display = Stub("IPython")  # as in a notebook, where they were written
    return missing
