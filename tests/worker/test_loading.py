"""Importing what students hand in: missing modules, Python 2, odd encodings, old names, substituted functions."""

from __future__ import annotations

import numpy as np
import pytest

from grader.core.calls import Call, Ref
from worker.trusted.exchange import message
from worker.untrusted import recover


@pytest.mark.parametrize(
    "line",
    [
        "import matplotlib.pyplot as plt; plt.rcParams['figure.figsize'] = (10.0, 8.0); plt.figure().add_subplot(1)",
        "from IPython import display",
        "from turtle_missing import forward, Screen; Screen().bgcolor('black')",
        "import tensorflow as tf; tf.keras.layers.Dense(3)",
        "import h5py, cv2, imageio, past, future, six",
        "from future import standard_library; standard_library.install_aliases()",
        "from numba_missing import jit\n@jit\ndef g(): return 2\nassert g() == 2",
        "from numba_missing import njit\n@njit(parallel=True)\ndef g(): return 2\nassert g() == 2",
        "import missing.nn as nn\nclass Net(nn.Module):\n    def __init__(self): super().__init__()\nNet()",
        "from missing import *\nfor item in __import__('missing').things(): pass",
        "import missing\nwith missing.no_grad() as x: pass\nif missing.cuda.is_available(): raise SystemExit",
        "assert __import__('missing').__version__",
    ],
)
def test_an_unused_import_of_something_missing_costs_nothing(runner, line: str) -> None:
    runner.write(a=f"{line}\ndef f(): return 1\n")

    assert runner.value("a.f") == 1


@pytest.mark.parametrize(
    "use",
    [
        "missing.x + 1",
        "1 * missing.x",
        "np.array(missing.x)",
        "x @ missing.y(x)",
        "float(missing.x)",
        "np.exp(missing.x)",
    ],
)
def test_computing_with_something_missing_names_it(runner, use: str) -> None:
    runner.write(a=f"import missing\nimport numpy as np\ndef f(x): return {use}\n")

    error = runner.call("a.f", np.ones((2, 2))).error

    assert error.type == "ModuleNotFoundError" and "'missing'" in error.message and error.line == 3


def test_installed_libraries_are_told_the_truth(runner) -> None:
    """scipy and torch try imports to see what there is."""
    runner.write(
        a="""
        import json, importlib.util
        def f():
            try:
                importlib.import_module("cupy_missing")
            except ModuleNotFoundError:
                return "truth"
    """
    )

    assert runner.value("a.f") == "truth"


@pytest.mark.parametrize(
    "line, value",
    [
        ("from past.builtins import xrange; value = list(xrange(3))", [0, 1, 2]),
        (
            "from past.builtins import basestring, unicode; value = [isinstance('a', basestring), unicode(1)]",
            [True, "1"],
        ),
        ("from builtins import range, object, str; value = list(range(2))", [0, 1]),
        ("from future.utils import iteritems; value = list(iteritems({'a': 1}))", [("a", 1)]),
        (
            "from six.moves import cPickle as pickle, xrange; value = pickle.loads(pickle.dumps(list(xrange(2))))",
            [0, 1],
        ),
        ("import six; value = [list(six.iteritems({'a': 1})), six.PY2]", [[("a", 1)], False]),
        ("import cPickle as pickle; value = pickle.loads(pickle.dumps(5))", 5),
        ("from six.moves import reduce; value = reduce(lambda a, b: a * b, [2, 3])", 6),
    ],
)
def test_equivalents_of_python_2_work(runner, line: str, value: object) -> None:
    runner.write(a=f"{line}\ndef f(): return value\n")

    assert runner.value("a.f") == value


PYTHON_2 = '''
import numpy as np

def good(x):
    """A docstring
that goes back to the margin (
"""
    return x + 1

def bad(x):
    print "in bad"
    return x

@staticmethod
def worse(x):
    exec "x = 1" in {}

print "at the top"

try:
    import cPickle
except ImportError:
    cPickle = None
else:
    pass

TABLE = [
    1,
]

class Net(object):
    """A net."""
    rate = 3

    def fine(self):
        return self.rate

    def broken(self):
        raise ValueError, "old"

    def after(self):
        return 2

class Hopeless:
    raise ValueError, "old"

def last(x):
    return good(x) * len(TABLE)
'''


def test_what_still_runs_is_graded(runner) -> None:
    runner.write(a=PYTHON_2.encode())
    runner.call("a.Net", keep="net")

    assert runner.value("a.last", 1) == 2
    assert runner.value("a.Net.fine", _ref("net")) == 3
    assert runner.value("a.Net.after", _ref("net")) == 2


@pytest.mark.parametrize("function, line", [("bad", 11), ("worse", 16)])
def test_what_does_not_compile_says_so_with_its_line(runner, function: str, line: int) -> None:
    runner.write(a=PYTHON_2.encode())

    error = runner.call(f"a.{function}", 1).error

    assert (error.type, error.file, error.line, error.importing) == ("SyntaxError", "a.py", line, False)
    assert error.function == function


def test_a_method_that_does_not_compile(runner) -> None:
    runner.write(a=PYTHON_2.encode())
    runner.call("a.Net", keep="net")

    error = runner.call("a.Net.broken", _ref("net")).error

    assert (error.type, error.line) == ("SyntaxError", 39)
    assert runner.call("a.Hopeless").error.type == "SyntaxError"


def test_a_file_of_which_nothing_compiles(runner) -> None:
    runner.write(a="this is not\npython at all\n")

    error = runner.call("a.f").error

    assert (error.type, error.file, error.line, error.importing) == ("SyntaxError", "a.py", 1, True)


def test_an_unfinished_function_does_not_take_its_neighbours_along(runner) -> None:
    runner.write(
        a="""
        def first(x):
            return x

        def todo(x):
            # TODO: write this

        def unbalanced(x):
            y = (x + 1
            return y

        def second(x):
            return x
    """
    )

    assert runner.value("a.first", 1) == runner.value("a.second", 1) == 1
    assert [runner.call(f"a.{name}", 1).error.type for name in ("todo", "unbalanced")] == ["SyntaxError"] * 2


@pytest.mark.parametrize(
    "data",
    [
        "# café\ndef f(): return 'é'\n".encode("latin-1"),
        "# “quoted”\ndef f(): return 'é'\n".encode("cp1252"),
        "def f(): return 'é'\n".encode("utf-8-sig"),
        "def f(): return 'é'\n".encode("utf-16"),
        "def f(): return 'é'\n".encode("utf-16-le"),
        "# -*- coding: latin-1 -*-\ndef f(): return 'é'\n".encode("latin-1"),
        "# -*- coding: no-such -*-\ndef f(): return 'é'\n".encode(),
        "def f():\r\n    return 'é'\r\n".encode(),
        "def f():\r    return 'é'\r".encode(),
        "def f():\n    if True:\n\treturn 'é'\n".encode(),
        "def f():\n    return 'é'\0\n".encode(),
    ],
)
def test_files_are_read_whatever_their_encoding(runner, data: bytes) -> None:
    runner.write(a=data)

    assert runner.value("a.f") == "é"


def test_recovering_keeps_line_numbers() -> None:
    source = b"def a():\n    print 1\n\n\ndef b():\n    return (1,\n  2)\n"

    code = recover.compile_source(source, "/x.py")

    names = {}
    exec(code, names)
    assert names["b"].__code__.co_firstlineno == 5 and names["b"]() == (1, 2)


def test_old_names_are_put_back_on_request_only(runner) -> None:
    runner.write(
        a="""
        import numpy as np
        def f(x):
            total = np.product(x.shape) + np.int(2) + sum(xrange(3))
            return np.reshape(x, newshape=(-1,)).astype(np.float), total, np.Inf, unicode(1)
    """
    )

    assert runner.call("a.f", np.ones((2, 3))).error.type == "AttributeError"


def test_old_names(runner) -> None:
    runner.write(
        a="""
        import numpy as np
        def f(x):
            total = np.product(x.shape) + np.int(2) + sum(xrange(3))
            kinds = [np.bool, np.object, np.float_, np.alltrue, np.in1d, np.row_stack, np.asscalar, np.NaN, np.infty]
            return np.reshape(x, newshape=(-1,)).astype(np.float), total, np.Inf, unicode(len(kinds))
    """
    )
    runner.options["compat"] = True

    flat, total, infinite, text = runner.value("a.f", np.ones((2, 3)))

    assert (flat.shape, total, infinite, text) == ((6,), 11, np.inf, "9")


def test_substitutes_stand_wherever_the_name_is_bound(runner) -> None:
    runner.write(
        pkg__layers="""
            __all__ = ["affine", "both"]
            def affine(x, w): raise NotImplementedError
            def both(x, w): return affine(x, w)
        """,
        pkg__net="from .layers import *\nfrom .gone import relu\ndef f(x, w): return relu(both(x, w))\n",
        pkg__bad="1 / 0\n",
    )
    runner.options["substitutions"] = [["pkg.layers", "affine"], ["pkg.gone", "relu"], ["pkg.bad", "g"]]
    runner.start()

    upcall = runner.ask(message(Call("pkg.net.f", (2, 3))))
    assert (upcall["module"], upcall["function"], upcall["args"]) == ("pkg.layers", "affine", (2, 3))
    upcall = runner.ask_again({"kind": "answer", "value": 6, "updates": []})
    assert (upcall["module"], upcall["function"], upcall["args"]) == ("pkg.gone", "relu", (6,))
    assert runner.ask_again({"kind": "answer", "value": 7, "updates": []})["values"] == [7]
    assert runner.ask(message(Call("pkg.bad.g", ())))["kind"] == "upcall"


def _ref(name: str) -> Ref:
    return Ref(name, ("return",))


@pytest.mark.parametrize(
    "line",
    [
        "from layers import *",
        "import layers as l; f = l.f",
        "from .layers import *",
        "from assignment2.cs231n.layers import f",
        "import assignment2.cs231n.layers as l; f = l.f",
        "import work.cs231n.layers; f = work.cs231n.layers.f",
    ],
)
def test_modules_of_the_submission_under_names_of_another_search_path(runner, line: str) -> None:
    count = "count = 0\ndef f():\n    global count\n    count += 1\n    return count\n"
    runner.write(cs231n__layers=count, cs231n__classifiers__net=f"{line}\ndef g(): return f()\n")
    (runner.folder / "cs231n" / "__init__.py").write_text("")

    assert runner.value("cs231n.layers.f") == 1
    assert runner.value("cs231n.classifiers.net.g") == 2, "the same module, not a copy"


def test_what_only_a_notebook_has_does_no_harm(runner) -> None:
    runner.write(a="get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(1)\ndef f(): return 1\n")

    assert runner.value("a.f") == 1


def test_a_statement_that_raises_leaves_the_rest_of_the_file(runner) -> None:
    runner.write(
        a="""
        from __future__ import annotations
        def before(): return 1
        from os import no_such_name
        data = open("images/cat.jpg").read()
        @staticmethod
        def after(x: no_such_type = 2): return x
        class Net:
            size = len(data)
        assert after() == 3, "a test of the student's own"
        def last(): return 3
    """
    )

    assert [runner.value(f"a.{name}") for name in ("before", "after", "last")] == [1, 2, 3]
    error = runner.call("a.Net").error
    assert error.type == "ImportError" and error.importing and error.line == 3
    assert runner.call("a.nothing").error.type == "ImportError"
