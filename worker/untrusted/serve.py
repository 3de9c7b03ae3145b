"""Answers the host's requests: call, take, put, describe."""

import importlib
import inspect
import random
import sys

import numpy as np

from . import errors
from .claims import Claims, Token, changed, fresh
from .frames import Leaf

MISSING = Leaf("missing")
_seed_numpy = np.random.seed
_seed_python = random.seed


class Server:
    """root: the code folder. missing: the finder of stand-ins. max_bytes: of the arrays in one reply."""

    def __init__(self, channel, root, max_bytes):
        self.channel = channel
        self.root = root
        self.max_bytes = max_bytes
        self.missing = None  # set once the finders are installed
        self.kept = {}
        self.importing = False

    def reply(self, request):
        """The reply's dict. What the student's code raises is part of it."""
        self.importing = False
        serve = {"call": self.call, "take": self.take, "put": self.put, "describe": self.describe}[request["kind"]]
        try:
            values, touched = serve(request)
            claims = Claims(self.max_bytes)
            values = [claims.claim(value) for value in values]
            return {"kind": "reply", "values": values, "changed": touched, "error": None}
        except BaseException as error:
            return self.failed(error)

    def failed(self, error):
        described = errors.describe(error, self.root, self.importing)
        return {"kind": "reply", "values": [], "changed": [], "error": described}

    # --- requests ---------------------------------------------------------------------------------------------------

    def call(self, request):
        target = request["target"]
        function = self.resolve(target) if type(target) is Leaf else self.find(target)
        sent = self.filled(request["args"]), self.filled(request["kwargs"])
        args, kwargs = fresh(sent[0]), fresh(sent[1])
        if request["seed"] is not None:
            seed(request["seed"])
        result = function(*args, **kwargs)
        kept = {"return": result, "args": args, "kwargs": kwargs}
        if request["keep"] is not None:
            self.kept[request["keep"]] = kept
        touched = [name for i, item in enumerate(sent[0]) for name in changed(item, args[i], f"args[{i}]")]
        touched += [name for key, item in sent[1].items() for name in changed(item, kwargs[key], f"kwargs[{key!r}]")]
        return [follow(kept, path) for path in request["take"]], touched

    def take(self, request):
        source = self.resolve(request["source"])
        return [follow(source, path) for path in request["paths"]], []

    def put(self, request):
        name, path = request["into"].data
        owner = self.resolve(Leaf("ref", name, path[:-1])) if path else None
        value = fresh(self.filled(request["value"]))
        if not path:
            self.kept[name] = value
        elif issubclass(type(owner), (dict, list)) or type(path[-1]) is int:
            owner[path[-1]] = value
        else:
            setattr(owner, path[-1], value)
        return [], []

    def describe(self, request):
        try:
            thing = self.find(request["target"], as_module=True)
        except ModuleNotFoundError as error:
            if not self.importing or not is_part(error.name, request["target"]):
                raise
            return [{"found": False, "kind": "other", "parameters": [], "names": []}], []
        except AttributeError:
            if self.importing:
                raise
            return [{"found": False, "kind": "other", "parameters": [], "names": []}], []
        if inspect.ismodule(thing):
            self.blame(thing.__name__)
        return [description(thing)], []

    # --- finding ----------------------------------------------------------------------------------------------------

    def find(self, target, as_module=False):
        """What a dotted name means; its module is imported. An exception of an import leaves `self.importing` True."""
        module, _, name = target.rpartition(".")
        if not module:
            return self.imported(target)
        owner = self.imported(module)
        try:
            return getattr(owner, name)
        except AttributeError:
            if not as_module:
                self.blame(module)
                raise
        try:
            return self.imported(target)
        except ModuleNotFoundError as error:
            if error.name != target:
                raise
        self.blame(module)
        self.importing = False
        raise AttributeError(name)

    def blame(self, module):
        """Raises what stopped a module's execution, if that is why a name is not there."""
        failure = self.missing.code.failures.get(module)
        if failure is not None:
            self.importing = True
            raise failure

    def imported(self, module):
        """The module, or the class in a module (`package.module.Class`)."""
        parts = module.split(".")
        self.missing.asked.update(".".join(parts[: i + 1]) for i in range(len(parts)))
        self.importing = True
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            owner = sys.modules.get(".".join(parts[:-1]))
            if error.name != module or owner is None or not isinstance(getattr(owner, parts[-1], None), type):
                raise
            found = getattr(owner, parts[-1])
        self.importing = False
        return found

    def resolve(self, ref):
        name, path = ref.data
        if name not in self.kept:
            raise LookupError(f"nothing was kept as {name!r}")
        found = follow(self.kept[name], path)
        if found is MISSING:
            raise LookupError(f"{name!r} has no {path!r}")
        return found

    def filled(self, value):
        """The value with its references and tokens replaced by what they mean here."""
        if type(value) is Leaf:
            return self.resolve(value) if value.kind == "ref" else Token(*value.data)
        if type(value) is list:
            return [self.filled(item) for item in value]
        if type(value) is tuple:
            return tuple([self.filled(item) for item in value])
        if type(value) is dict:
            return {key: self.filled(item) for key, item in value.items()}
        return value

    # --- substituted functions --------------------------------------------------------------------------------------

    def proxy(self, module, function):
        """A function that the host answers."""

        def substituted(*args, **kwargs):
            claims = Claims(self.max_bytes, tokens=True)
            self.channel.send(
                {
                    "kind": "upcall",
                    "module": module,
                    "function": function,
                    "args": tuple([claims.claim(arg) for arg in args]),
                    "kwargs": {key: claims.claim(arg) for key, arg in kwargs.items()},
                }
            )
            answer = self.channel.receive()
            if answer["kind"] == "refusal":
                raise ValueError(answer["message"])
            for path, value in answer["updates"]:
                update(args if type(path[0]) is int else kwargs, path, self.filled(value))
            return self.filled(answer["value"])

        substituted.__name__ = substituted.__qualname__ = function
        return substituted


def update(owner, path, value):
    """Sets `owner[path[0]][path[1]]...` in place; a path of one element means the content of an array."""
    if len(path) == 1:
        owner[path[0]][...] = value
        return
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value


def follow(value, path):
    """What lies at `path`, or MISSING. An int indexes a tuple or list, a str is a key of a dict, else an attribute."""
    for step in path:
        try:
            if type(step) is int:
                if not issubclass(type(value), (tuple, list)):
                    return MISSING
                value = value[step]
            elif issubclass(type(value), dict):
                value = value[step]
            else:
                value = getattr(value, step)
        except (LookupError, AttributeError):
            return MISSING
    return value


def seed(number):
    _seed_numpy(number % 2**32)
    _seed_python(number)
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "manual_seed"):
        torch.manual_seed(number)


def is_part(name, target):
    """Whether the missing module is the one asked for or a package above it, not one that it imports itself."""
    return name is not None and (target + ".").startswith(name + ".")


def description(thing):
    if inspect.ismodule(thing):
        names = [name for name in vars(thing) if type(name) is str and not name.startswith("_")]
        return {"found": True, "kind": "module", "parameters": [], "names": names[:1000]}
    kind = "class" if isinstance(thing, type) else "function" if callable(thing) else "other"
    return {"found": True, "kind": kind, "parameters": parameters(thing), "names": []}


def parameters(thing):
    try:
        return list(inspect.signature(thing).parameters)
    except (TypeError, ValueError):
        return []
