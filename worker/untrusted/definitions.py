"""What a submission defines, without training it: the classes, functions and models of its files and notebooks.

Each file becomes a module; its top-level statements run one after another, as `building.py` lets them: those that train,
load or save do nothing. `if __name__ == "__main__":` counts as top level, since scripts build their model there. A
statement that fails, or takes longer than `STATEMENT` seconds, is noted with the names it would have set, and the next one
runs. Modules read so are taken out of `sys.modules` afterwards: who imports them later gets them as they are.
"""

import ast
import contextlib
import importlib
import importlib.machinery
import os
import sys
import time
import types

from . import assigned, building, choices, notebooks, recover
from .claims import type_name

STATEMENT = 6.0
ALL = 40.0
"""Seconds of the processor for one statement and for all of them."""

DEFINING = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)
"""Statements without which a model may not be defined; `Pass` stands for a file that could not be read."""

MAX_FAILURES = 200
MAX_THINGS = 1000


class Reading:
    """What has been read. `things`: classes, functions and models in the order in which they came to be."""

    def __init__(self, root):
        self.root = root
        self.files = None
        self.modules = {}  # by name
        self.things = []
        self.failures = []
        self.end = time.process_time() + ALL
        self.patience = time.monotonic() + building.PATIENCE * ALL
        self.place = None
        self.again = False  # with other choices: what fails then failed before, or is another matter

    def run(self, module, file, statements):
        """Each statement; and with the other choices of its command line again those from the one on that asks for them."""
        statements, first = list(statements), None
        for index, pair in enumerate(statements):
            self._run(module, file, [pair])
            if first is None and (choices.asked() or choices.reads_arguments(pair[0])):
                first = index
        for chosen in choices.others([pair[0] for pair in statements]) if first is not None else ():
            self.again = True
            with choices.giving(chosen):
                self._run(module, file, statements[first:])
            self.again = False

    def _run(self, module, file, statements):
        namespace = vars(module)
        seen = {id(value) for value in namespace.values()}
        for statement, code in statements:
            self.place = namespace["__name__"], file, statement.lineno
            left = min(self.end - time.process_time(), self.patience - time.monotonic())
            try:
                if left <= 0:
                    raise building.TooLong(f"no time was left: {ALL:g} seconds for all files")
                with building.at_most(min(left, STATEMENT)):
                    exec(code, namespace)
            except BaseException as error:
                self.note(file, statement, error)
            self.look(namespace, seen, file, statement.lineno)

    def note(self, file, statement, error):
        if len(self.failures) < MAX_FAILURES and not self.again:
            self.failures.append(
                {
                    "file": file,
                    "line": statement.lineno,
                    "names": sorted(assigned.bound(statement))[:50],
                    "uses": sorted(assigned.used(statement))[:200],
                    "defines": isinstance(statement, DEFINING),
                    "error": type_name(error),
                    "message": _text(error),
                }
            )

    def look(self, namespace, seen, file, line):
        """Notes what the last statement brought: also a model that a later one puts another in the place of."""
        for name, value in list(namespace.items()):
            if id(value) in seen or type(name) is not str:
                continue
            form = _form(value, namespace["__name__"])
            if form is not None:
                seen.add(id(value))
                self.add(Thing(name, form, value, file, line))
            for held in assigned.held(value):
                if id(held) not in seen and _form(held, namespace["__name__"]) == "model":
                    seen.add(id(held))
                    self.add(Thing(type(held).__name__, "model", held, file, line))

    def made(self, value):
        """Told of models and optimizers that are made, used or trained inside a function."""
        form = _form(value, self.place[0]) if self.place else None
        if form is not None and len(self.things) < MAX_THINGS:
            self.add(Thing(type(value).__name__, form, value, *self.place[1:]))

    def add(self, thing):
        """Nothing twice; what has a variable is called by that."""
        known = next((other for other in self.things if other.value is thing.value), None)
        if known is None:
            self.things.append(thing)
        elif known.name == type(thing.value).__name__ and known.file == thing.file:
            known.name = thing.name


class Thing:
    """form: "class" (of a model), "function", "model" or "optimizer"."""

    def __init__(self, name, form, value, file, line):
        self.name, self.form, self.value, self.file, self.line = name, form, value, file, line


_reading = None


def collect(files):
    """Reads `files`, paths below the code folder, once per session. Returns {"things": [{"name", "form", "framework", "file",
    "line", "parameters", "required", …}], "failures": [{"file", "line", "names", "uses", "defines", "error", "message"}]}."""
    global _reading
    root = _root()
    if _reading is None or _reading.files != list(files):
        _reading = Reading(root)
        _reading.files = list(files)
        if any(_mentions_keras(os.path.join(root, file)) for file in files):
            importlib.import_module("keras")
        with inside(), building.briefly(_reading.made):
            for file in files:
                _read(_reading, file)
        _reading.place = None
    from . import models

    return {"things": [models.described(thing) for thing in _reading.things], "failures": _reading.failures}


def thing(index):
    """What stands at `index` of the things that `collect` returned."""
    return _reading.things[index]


@contextlib.contextmanager
def inside():
    """Within, the submission's modules are those that were read here, and more are read the same way."""
    global _reading
    if _reading is None:  # a saved model that came without code
        _reading = Reading(_root())
    finder = _DefinitionsFinder(_reading)
    hidden = {name: module for name, module in sys.modules.items() if _is_theirs(module, _reading.root)}
    for name in hidden:
        del sys.modules[name]
    sys.modules.update(_reading.modules)
    sys.meta_path.insert(0, finder)
    try:
        with building.only():
            yield
    finally:
        sys.meta_path.remove(finder)
        for name, module in list(sys.modules.items()):
            if _is_theirs(module, _reading.root) or name in _reading.modules:
                _reading.modules[name] = module
                del sys.modules[name]
        sys.modules.update(hidden)


def _read(reading, file):
    path = os.path.join(reading.root, file)
    if file.endswith(".ipynb"):
        module = _module("notebook_" + str(len(reading.modules)), path)
        reading.modules[module.__name__] = sys.modules[module.__name__] = module
        for number, source in _cells(reading, path, file):
            cell = f"{file}, cell {number}"
            reading.run(module, cell, _statements(reading, source.encode(), f"{path}, cell {number}", cell))
        return
    dotted = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if all(part.isidentifier() for part in dotted.split(".")):
        try:
            if getattr(importlib.import_module(dotted), "__file__", None) == path:
                return
        except BaseException:  # such as a package above it that cannot be read: it is read by itself
            sys.modules.pop(dotted, None)
    module = _module("file_" + str(len(reading.modules)), path)
    reading.modules[module.__name__] = sys.modules[module.__name__] = module
    reading.run(module, file, _file_statements(reading, path, file))


def _module(name, path):
    module = types.ModuleType(name)
    module.__file__ = path
    return module


def _file_statements(reading, path, file):
    with open(path, "rb") as opened:
        data = opened.read()
    yield from _statements(reading, data, path, file)


def _cells(reading, path, file):
    try:
        with open(path, "rb") as opened:
            return notebooks.code_cells(opened.read())
    except (ValueError, AttributeError, TypeError) as error:
        reading.note(file, ast.Pass(lineno=1), error)
        return []


def _statements(reading, data, path, file):
    try:
        yield from recover.statements(data, path, _with_main)
    except (SyntaxError, ValueError, RecursionError) as error:
        reading.note(file, ast.Pass(lineno=getattr(error, "lineno", None) or 1), error)


def _with_main(statements):
    """What stands under `if __name__ == "__main__":` in its place."""
    for statement in statements:
        if isinstance(statement, ast.If) and "__name__" in {
            node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)
        }:
            yield from statement.body
        else:
            yield statement


class _DefinitionsFinder:
    """First on `sys.meta_path` while reading: the submission's modules, found as always, read statement by statement."""

    def __init__(self, reading):
        self.reading = reading
        self.code = next(finder for finder in sys.meta_path if hasattr(finder, "substitutes"))

    def find_spec(self, fullname, path=None, target=None):
        spec = self.code.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _DefinitionsLoader(self.reading, fullname, spec.loader.path)
        return spec


class _DefinitionsLoader(importlib.machinery.SourceFileLoader):
    def __init__(self, reading, fullname, path):
        super().__init__(fullname, path)
        self.reading = reading

    def get_code(self, fullname):
        return None

    def exec_module(self, module):
        file = os.path.relpath(self.path, self.reading.root)
        self.reading.run(module, file, _file_statements(self.reading, self.path, file))


def _form(value, module):
    from . import models

    kind = type(value)
    if models.is_model(value):
        return "model"
    if models.is_optimizer(value):
        return "optimizer"
    if issubclass(kind, type):
        return "class" if value.__module__ == module and models.is_model_class(value) else None
    return "function" if kind is types.FunctionType and value.__module__ == module else None


def _text(error):
    try:
        return str(error)[:500]
    except BaseException:  # a __str__ may raise anything
        return ""


def _mentions_keras(path):
    with open(path, "rb") as opened:
        data = opened.read()
    return b"keras" in data or b"tensorflow" in data


def _is_theirs(module, root):
    file = getattr(module, "__file__", None)
    return type(file) is str and file.startswith(root + "/")


def _root():
    return next(finder for finder in sys.meta_path if hasattr(finder, "substitutes")).root
