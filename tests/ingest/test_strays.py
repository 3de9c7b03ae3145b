"""Functions in notebooks and in files of other names, in the place of a file that was not handed in."""

from __future__ import annotations

import json

from grader.core.submission import Layout
from grader.ingest.code import code_tree

LAYOUT = Layout(package="cs231n", files=("layers.py", "optim.py", "classifiers/cnn.py"))
ASKED = {
    "cs231n/layers.py": frozenset({"relu_forward"}),
    "cs231n/optim.py": frozenset({"adam"}),
    "cs231n/classifiers/cnn.py": frozenset({"ConvNet"}),
}
RELU, ADAM = "def relu_forward(x):\n    return x, x\n", "def adam(w, dw, config=None):\n    return w, config\n"


def notebook(*cells: str) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}).encode()


def test_a_notebook_stands_for_the_files_whose_functions_it_defines():
    tree = code_tree({"hw.ipynb": notebook("import numpy as np", RELU, "print(1)", ADAM)}, LAYOUT, ASKED)
    assert set(tree.files) == {"cs231n/layers.ipynb", "cs231n/optim.py"}
    cells = [cell["source"] for cell in json.loads(tree.files["cs231n/layers.ipynb"])["cells"]]
    assert cells == ["import numpy as np", RELU, ADAM]
    assert tree.files["cs231n/optim.py"] == b"from cs231n.layers import *\n"
    assert tree.missing == ("cs231n/classifiers/cnn.py",)
    assert "hw.ipynb" in tree.remarks[0]


def test_a_file_of_another_name_does_too():
    tree = code_tree({"my answers.py": RELU.encode()}, LAYOUT, ASKED)
    assert set(tree.files) == {"cs231n/layers.ipynb"}


def test_what_was_handed_in_as_asked_is_not_looked_for_elsewhere():
    files = {"cs231n/layers.py": RELU.encode(), "tries.ipynb": notebook(RELU), "old.py": RELU.encode()}
    tree = code_tree(files, LAYOUT, ASKED)
    assert set(tree.files) == {"cs231n/layers.py"}
    assert not tree.remarks


def test_notebooks_without_the_functions_asked_for_stand_for_nothing():
    files = {"course.ipynb": notebook("def rel_error(x, y):\n    return 0\n"), "broken.ipynb": b"{"}
    assert not code_tree(files, LAYOUT, ASKED).files
    assert not code_tree({"hw.ipynb": notebook(RELU)}, LAYOUT).files
