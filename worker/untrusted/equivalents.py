"""Working equivalents of what `past`, `future`, `six` and Python 2's own library offered: {module: {name: value}}."""

import builtins
import configparser
import copyreg
import functools
import io
import itertools
import pickle
import queue


def _listing(function):
    return lambda *args: list(function(*args))


def _with_metaclass(meta, *bases):
    return meta("temporary", bases or (object,), {})


def _add_metaclass(meta):
    def rebuild(cls):
        body = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
        return meta(cls.__name__, cls.__bases__, body)

    return rebuild


TYPES = {"basestring": str, "unicode": str, "long": int, "unichr": chr}
FUNCTIONS = {
    "xrange": range,
    "raw_input": input,
    "reduce": functools.reduce,
    "cmp": lambda a, b: (a > b) - (a < b),
    "intern": str,
}
LISTS = {name: _listing(getattr(builtins, name)) for name in ("range", "map", "filter", "zip")}
DICTS = {
    "iteritems": lambda d, **k: iter(d.items()),
    "iterkeys": lambda d, **k: iter(d.keys()),
    "itervalues": lambda d, **k: iter(d.values()),
    "viewitems": lambda d, **k: d.items(),
    "viewkeys": lambda d, **k: d.keys(),
    "viewvalues": lambda d, **k: d.values(),
    "listitems": lambda d: list(d.items()),
    "listvalues": lambda d: list(d.values()),
    "lrange": LISTS["range"],
    "lmap": LISTS["map"],
    "lzip": LISTS["zip"],
    "lfilter": LISTS["filter"],
}
VERSIONS = {"PY2": False, "PY3": True, "with_metaclass": _with_metaclass, "add_metaclass": _add_metaclass}
PUBLIC = {name: value for name, value in vars(builtins).items() if not name.startswith("_")}
MOVES = {
    **{name: getattr(builtins, name) for name in ("range", "map", "filter", "zip", "input")},
    **FUNCTIONS,
    "zip_longest": itertools.zip_longest,
    "cPickle": pickle,
    "StringIO": io.StringIO,
    "cStringIO": io.StringIO,
    "queue": queue,
    "configparser": configparser,
    "copyreg": copyreg,
    "builtins": builtins,
}
SIX = {
    **VERSIONS,
    **DICTS,
    "string_types": (str,),
    "integer_types": (int,),
    "text_type": str,
    "binary_type": bytes,
    "class_types": (type,),
    "MAXSIZE": 2**63 - 1,
    "b": lambda text: text.encode("latin-1"),
    "u": str,
    "print_": print,
    "StringIO": io.StringIO,
    "BytesIO": io.BytesIO,
    "next": next,
}

EQUIVALENTS = {
    "past.builtins": {**TYPES, **FUNCTIONS, **LISTS, "str": str, "dict": dict, "chr": chr, "input": input},
    "past.utils": {"old_div": lambda a, b: a // b if isinstance(a, int) and isinstance(b, int) else a / b},
    "future.utils": {**VERSIONS, **DICTS, "string_types": (str,), "integer_types": (int,)},
    "future.builtins": PUBLIC,
    "six": SIX,
    "six.moves": MOVES,
    "__builtin__": {**PUBLIC, **TYPES, **FUNCTIONS, **LISTS},
    "cPickle": {name: value for name, value in vars(pickle).items() if not name.startswith("__")},
    "StringIO": {"StringIO": io.StringIO},
    "cStringIO": {"StringIO": io.StringIO},
    "Queue": {name: value for name, value in vars(queue).items() if not name.startswith("__")},
}
