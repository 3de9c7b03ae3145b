"""The Python of a notebook's cells, as IPython would run it."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.untrusted.notebooks import code_cells, python


def notebook(*sources: str, **document: object) -> bytes:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "x = 1"}, *cells], **document}).encode()


def test_cells_keep_their_numbers() -> None:
    assert code_cells(notebook("a = 1", "b = 2")) == [(2, "a = 1"), (3, "b = 2")]


def test_format_3() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1\n", "b = 2"]}]}]}

    assert code_cells(json.dumps(old).encode()) == [(1, "a = 1\nb = 2")]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\x80\x04"])
def test_what_is_no_notebook_says_so(data: bytes) -> None:
    with pytest.raises(ValueError):
        code_cells(data)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("%matplotlib inline\nx = 1", ["x"]),
        ("!pip install keras\nx = 1", ["x"]),
        ("files = !ls\nx = 1", ["x"]),
        ("a, b = %timeit f()\nx = 1", ["x"]),
        ("keras.layers.Dense?\nx = 1", ["x"]),
        ("if True:\n    !ls\nx = 1", ["x"]),
        ("%%time\nx = 1", ["x"]),
        ("%%writefile net.py\nx = 1", ["x"]),
        ("%%bash\nx = 1", []),
        ("%%writefile notes.txt\nx = 1", []),
        ("y = (7\n% 4)\nx = 1", ["y", "x"]),
    ],
)
def test_magics_are_left_out(cell: str, names: list[str]) -> None:
    tree = ast.parse(python(cell))

    assert [node.targets[0].id for node in tree.body if isinstance(node, ast.Assign)] == names


@given(st.lists(st.sampled_from(["x = 1", "%magic", "!ls -l", "    y", "'''", "z?", "", "%%time"]), max_size=8))
def test_lines_keep_their_numbers(lines: list[str]) -> None:
    source = "\n".join(lines)

    assert python(source) == "" or python(source).count("\n") == source.count("\n")
