"""The runner: what it may import, and how it serves requests."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.core.calls import Call, Describe, Opaque, Put, Ref, Take
from grader.core.observation import Missing
from worker.trusted.sandbox.backend import RUNNER_FOLDER

ALLOWED = set(sys.stdlib_module_names) | {"numpy", "_sandbox"}
BY_REQUEST = {"torch", "keras", "h5py", "safetensors"}


def imports(path: Path, anywhere: bool) -> tuple[set[str], set[str]]:
    """(others' top-level names, our files) that a file imports: when it is read, or anywhere in it."""
    others: set[str] = set()
    ours: set[str] = set()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree) if anywhere else tree.body:
        if isinstance(node, ast.Import):
            others |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if node.level == 0:
                others.add(node.module.split(".")[0])
            if node.level == 1 or (node.module or "").startswith("_sandbox"):
                inside = (node.module or "").removeprefix("_sandbox").strip(".")
                ours |= {inside} if inside else names
    return others, ours


def read_at_the_start() -> set[Path]:
    """The runner, and all that is read before a student's file is: what it imports anywhere, and what that imports at once."""
    runner = RUNNER_FOLDER / "runner.py"
    found, waiting = {runner}, imports(runner, anywhere=True)[1]
    while waiting:
        path = RUNNER_FOLDER / f"{waiting.pop()}.py"
        if path.exists() and path not in found:
            found.add(path)
            waiting |= imports(path, anywhere=False)[1]
    return found


@pytest.mark.parametrize("path", sorted(RUNNER_FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_the_standard_library_numpy_and_on_request_torch_and_keras_are_imported(path) -> None:
    assert imports(path, anywhere=True)[0] <= ALLOWED | BY_REQUEST


def test_every_sandbox_starts_without_torch() -> None:
    assert {path.name for path in read_at_the_start()} > {
        "runner.py",
        "serve.py",
        "loading.py",
        "stubs.py",
        "frames.py",
    }
    assert set().union(*(imports(path, anywhere=False)[0] for path in read_at_the_start())) <= ALLOWED


def test_the_runner_is_no_package_and_small_enough_to_audit() -> None:
    def lines(paths):
        return sum(len(path.read_text().splitlines()) for path in paths)

    assert not (RUNNER_FOLDER / "__init__.py").exists()
    assert lines(read_at_the_start()) < 2000
    assert lines(RUNNER_FOLDER.glob("*.py")) < 6100  # with all that looks at models, weights and training


def test_alone_it_waits_for_the_first_frame_and_ends_with_the_pipe() -> None:
    done = subprocess.run([sys.executable, "-I", str(RUNNER_FOLDER / "runner.py")], input=b"", capture_output=True)

    assert b"EOFError" in done.stderr and done.stdout == b""


def test_arguments_are_fresh_and_changes_are_named(runner) -> None:
    runner.write(
        a="""
        def f(x, config, *, more):
            x *= 2
            config["mean"] = config["mean"] + 1
            config["list"][0][0] = 5
            config["t"] = 1
            return x
    """
    )
    x, config = np.ones(2), {"mean": np.zeros(2), "list": [np.zeros(1)], "var": np.ones(2), "nan": np.array(np.nan)}

    reply = runner.send(Call("a.f", (x, config), {"more": np.ones(1)}))

    assert np.array_equal(reply.values[0], [2, 2])
    assert reply.changed == ("args[0]", "args[1]['mean']", "args[1]['list'][0]")
    assert runner.value("a.f", x, config, kwargs={"more": x}).tolist() == [2, 2]


def test_kept_values_are_taken_put_and_used(runner) -> None:
    runner.write(
        a="""
        class Net:
            def __init__(self, size):
                self.params = {"W1": size}
                self.layers = [1, 2]
            def loss(self, x):
                return self.params["W1"] * x, {"W1": x}
    """
    )
    runner.call("a.Net", 3, keep="net")
    net = Ref("net", ("return",))

    assert runner.send(Call(Ref("net", ("return", "loss")), (2,))).values == ((6, {"W1": 2}),)
    assert runner.send(Put(Ref("net", ("return", "params", "W1")), np.arange(2.0))).error is None
    assert runner.send(Put(Ref("net", ("return", "layers", 1)), 7)).error is None
    assert runner.send(Put(Ref("net", ("return", "mode")), "test")).error is None
    reply = runner.send(Take(net, (("params", "W1"), ("layers",), ("mode",), ("params", "b9"), ("nothing",), ())))
    assert np.array_equal(reply.values[0], [0, 1])
    assert reply.values[1:] == ([1, 7], "test", Missing(), Missing(), Opaque("Net"))


def test_what_a_call_keeps(runner) -> None:
    runner.write(
        a="""
        def f(x, param):
            param["running_mean"] = x + 1
            return x, (x, "cache")
    """
    )
    reply = runner.call(
        "a.f", np.zeros(1), {}, keep="bn", take=(("return", 0), ("args", 1, "running_mean"), ("return", 5))
    )

    assert [value.tolist() for value in reply.values[:2]] == [[0], [1]] and reply.values[2] == Missing()
    assert runner.value("builtins.len", Ref("bn", ("return", 1))) == 2


def test_an_unknown_name_kept(runner) -> None:
    assert runner.call("builtins.len", Ref("nothing")).error.type == "LookupError"


def test_numbers_are_seeded_for_each_call(runner) -> None:
    runner.write(
        a="""
        import random
        import numpy as np
        def f():
            return float(np.random.rand()), random.random()
    """
    )

    assert runner.value("a.f", seed=1) == runner.value("a.f", seed=1) != runner.value("a.f", seed=2)


def test_numbers_of_numpy_cross_as_pythons_where_nothing_is_lost(runner) -> None:
    runner.write(
        a="""
        import numpy as np
        def f():
            return np.float64(1.5), np.int32(2), np.bool_(True), np.float32(0.1)
    """
    )

    *plain, single = runner.value("a.f")

    assert plain == [1.5, 2, True] and [type(value) for value in plain] == [float, int, bool]
    assert single.dtype == np.float32 and single.shape == ()


def test_where_an_exception_came_from(runner) -> None:
    runner.write(
        pkg__layers="""
            import numpy as np

            def outer(x):
                return inner(x)

            def inner(x):
                return np.reshape(x, (7, 7))
        """
    )

    error = runner.call("pkg.layers.outer", np.ones(3)).error

    assert (error.type, error.file, error.line, error.function) == ("ValueError", "pkg/layers.py", 7, "inner")
    assert "reshape" in error.message and not error.importing


def test_an_error_while_importing(runner) -> None:
    runner.write(pkg__bad="import numpy\n\nx = 1 / 0\n", pkg__user="from pkg.bad import x\n")

    for target in ("pkg.bad.f", "pkg.user.f"):
        error = runner.call(target).error
        assert (error.type, error.file, error.line, error.importing) == ("ZeroDivisionError", "pkg/bad.py", 3, True)


def test_a_missing_function_and_a_missing_module(runner) -> None:
    runner.write(pkg__a="x = 1\n")

    assert runner.call("pkg.a.f").error.type == "AttributeError"
    missing = runner.call("pkg.b.f").error
    assert (missing.type, missing.importing) == ("ModuleNotFoundError", True)


@pytest.mark.parametrize(
    "source, kind", [("import sys; sys.exit(1)", "SystemExit"), ("raise KeyboardInterrupt", "KeyboardInterrupt")]
)
def test_leaving_while_importing_is_an_error(runner, source: str, kind: str) -> None:
    runner.write(a=source)

    assert runner.call("a.f").error.type == kind
    assert runner.value("builtins.abs", -1) == 1


def test_describe(runner) -> None:
    runner.write(pkg__a="""
        import numpy as np
        LIMIT = 3
        def f(x, w, *, stride=1): pass
        class Net:
            def __init__(self, hidden, dropout=1): pass
    """, pkg__broken="import numpy\n1 / 0\n")  # fmt: skip

    def describe(target: str) -> dict:
        return runner.send(Describe(target)).values[0]

    missing = {"found": False, "kind": "other", "parameters": [], "names": []}
    assert describe("pkg.a") == {
        "found": True,
        "kind": "module",
        "parameters": [],
        "names": ["np", "LIMIT", "f", "Net"],
    }
    assert describe("pkg.a.f") == {"found": True, "kind": "function", "parameters": ["x", "w", "stride"], "names": []}
    assert describe("pkg.a.Net") == {"found": True, "kind": "class", "parameters": ["hidden", "dropout"], "names": []}
    assert describe("pkg.a.LIMIT")["kind"] == "other"
    assert describe("pkg.a.g") == describe("pkg.b") == describe("nothing.at.all") == missing
    assert runner.send(Describe("pkg.broken.f")).error.type == "ZeroDivisionError"


def test_a_missing_import_inside_the_package_is_an_error(runner) -> None:
    runner.write(pkg__a="from pkg.nonexistent import f\n", pkg__b="from .gone import f\n")

    for target in ("pkg.a", "pkg.b"):
        error = runner.send(Describe(target)).error
        assert error.type == "ModuleNotFoundError" and error.importing


def test_prints_do_not_reach_the_exchange(runner) -> None:
    runner.write(
        a="""
        import os
        def f():
            print("hello")
            os.write(1, b"below")
            return 1
    """
    )

    assert runner.value("a.f") == 1
    assert runner.exchange.printed() == "hello\nbelow"


def test_tensors_cross_as_arrays(runner) -> None:
    runner.write(
        a="""
        import torch
        def f(x):
            t = torch.tensor(x, requires_grad=True)
            return t * 2, torch.ones(3, dtype=torch.bfloat16), torch.ones(1).expand(10**12), t.shape
    """
    )
    runner.options["imports"] = ["torch"]

    double, half, huge, shape = runner.value("a.f", np.ones((2, 3)))

    assert double.tolist() == [[2] * 3] * 2 and half.dtype == np.float32
    assert huge == Opaque("array too large") and shape == (2, 3)


def test_student_modules_named_like_ours_do_not_meet_ours(runner) -> None:
    runner.write(frames="def f(): return 'mine'\n", claims="from frames import f\n", runner="from claims import f\n")

    assert runner.value("runner.f") == "mine"


def test_mere_folders_do_not_hide_installed_modules(runner) -> None:
    (runner.folder / "scipy").mkdir()
    (runner.folder / "datasets").mkdir()
    runner.write(a="import scipy.linalg\nimport datasets\ndef f(): return scipy.linalg.det([[2.0]])\n")

    assert runner.value("a.f") == 2.0


def test_values_that_are_too_much_together(runner) -> None:
    runner.write(a="def f(): return ['x' * 10_000] * 1000\n")

    assert runner.value("a.f") == Opaque("too much for one reply")
    assert runner.value("builtins.abs", -1) == 1
