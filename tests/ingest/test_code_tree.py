"""The package is found wherever a student put it."""

from __future__ import annotations

import pytest

from grader.core.submission import Layout
from grader.ingest.code import code_tree
from grader.ingest.package import named_after
from worker.trusted.tree import assemble

FILES = {
    "layers.py": b"def affine_forward(x): pass\n",
    "layer_utils.py": b"from cs231n.layers import *\n",
    "optim.py": b"def sgd(w): pass\n",
    "classifiers/fc_net.py": b"class FullyConnectedNet: pass\n",
    "classifiers/cnn.py": b"class ThreeLayerConvNet: pass\n",
}
WANTED = {f"cs231n/{path}": data for path, data in FILES.items()}


def below(folder: str, files: dict[str, bytes] = FILES) -> dict[str, bytes]:
    return {f"{folder}{path}": data for path, data in files.items()}


@pytest.mark.parametrize(
    "folder",
    [
        "cs231n/",
        "assignment2/cs231n/",
        "a/b/c/assignment2/cs231n/",
        "hw.zip/cs231n/",
        "CS231N/",
        "cs231n/a2/cs231n/",
        "",
        "hw/",
    ],
)
def test_any_depth(folder: str) -> None:
    tree = code_tree(below(folder))
    assert dict(tree.files) == WANTED
    assert tree.missing == ()
    assert tree.remarks == ()
    assert tree.origin["cs231n/classifiers/cnn.py"] == f"{folder}classifiers/cnn.py"


def test_loose_files() -> None:
    loose = {path.rpartition("/")[2]: data for path, data in FILES.items()}
    assert dict(code_tree(loose).files) == WANTED
    assert dict(code_tree(below("my homework/", loose)).files) == WANTED


def test_loose_files_in_folders_of_their_own() -> None:
    files = {f"{i}/{path.rpartition('/')[2]}": data for i, (path, data) in enumerate(FILES.items())}
    assert dict(code_tree(files).files) == WANTED


def test_classifiers_at_the_top_of_the_package_or_beside_it() -> None:
    files = {"cs231n/layers.py": b"1", "cs231n/fc_net.py": b"2", "classifiers/cnn.py": b"3", "optim.py": b"4"}
    tree = code_tree(files)
    assert tree.origin["cs231n/classifiers/fc_net.py"] == "cs231n/fc_net.py"
    assert tree.origin["cs231n/classifiers/cnn.py"] == "classifiers/cnn.py"
    assert tree.origin["cs231n/optim.py"] == "optim.py"
    assert tree.missing == ("cs231n/layer_utils.py",)
    assert any("cs231n/fc_net.py" in remark for remark in tree.remarks)


def test_single_file() -> None:
    tree = code_tree({"layers.py": b"1"})
    assert dict(tree.files) == {"cs231n/layers.py": b"1"}
    assert "cs231n/optim.py" in tree.missing


@pytest.mark.parametrize("name", ["layers (1).py", "Layers.py", "layers copy.py", "layers - Copy.py"])
def test_copies_made_by_browsers_and_file_managers(name: str) -> None:
    assert code_tree({name: b"1"}).origin == {"cs231n/layers.py": name}


def test_nothing() -> None:
    tree = code_tree({"README.md": b"hello"})
    assert not tree.files
    assert len(tree.missing) == 5


def test_the_assignment_is_chosen_by_its_name() -> None:
    files = below("repo/assignment1/cs231n/", {**FILES, "extra.py": b"def f(): pass\n" * 50})
    files |= below("repo/assignment2/cs231n/") | below(
        "repo/assignment3/cs231n/", dict.fromkeys(FILES, b"def g(): 1\n" * 9)
    )
    tree = code_tree(files)
    assert dict(tree.files) == WANTED
    assert "“repo/assignment2/cs231n” (it is named after the assignment)" in tree.remarks[0]


def test_without_a_name_the_one_with_most_of_the_code() -> None:
    tree = code_tree(below("x/cs231n/") | {"y/cs231n/layers.py": b"def f(): pass\n" * 40, "y/cs231n/rnn.py": b""})
    assert dict(tree.files) == WANTED
    assert "most of the code" in tree.remarks[0]


def test_a_named_folder_without_code_does_not_win() -> None:
    assert dict(code_tree(below("w/cs231n/") | {"assignment2/cs231n/notes.py": b"1"}).files) == WANTED


def test_solved_before_template_of_the_same_name() -> None:
    solved = {path: data + b"def more(): pass\n" for path, data in FILES.items()}
    tree = code_tree(below("a/cs231n/") | below("b/cs231n/", solved))
    assert tree.origin["cs231n/layers.py"] == "b/cs231n/layers.py"


def test_backup_is_not_preferred() -> None:
    longer = dict.fromkeys(FILES, b"def f(): pass\n" * 99)
    tree = code_tree(below("assignment2_backup/cs231n/", longer) | below("assignment2/cs231n/"))
    assert dict(tree.files) == WANTED


def test_other_assignments_do_not_lend_files() -> None:
    files = below("assignment2/cs231n/", {"layers.py": b"1"}) | {"assignment1/cs231n/optim.py": b"2"}
    assert "cs231n/optim.py" in code_tree(files).missing


def test_equal_copies_need_no_remark() -> None:
    assert code_tree(below("a/cs231n/") | below("b/cs231n/")).remarks == ()


def test_two_loose_files_of_one_name() -> None:
    tree = code_tree({"v1/optim.py": b"old", "v2/optim.py": b"new"})
    assert tree.origin["cs231n/optim.py"] in ("v1/optim.py", "v2/optim.py")
    assert "v1/optim.py" in tree.remarks[0] and "v2/optim.py" in tree.remarks[0]


def test_blank_file_gives_way_to_a_written_one() -> None:
    tree = code_tree({"cs231n/optim.py": b" \n", "cs231n/layers.py": b"1", "optim.py": b"real"})
    assert tree.files["cs231n/optim.py"] == b"real"


def test_helpers_come_along() -> None:
    helpers = {"__init__.py": b"", "my_ops.py": b"1", "classifiers/__init__.py": b"", "sub/deep.py": b"2"}
    tree = code_tree(below("assignment2/cs231n/", {**FILES, **helpers, "data.csv": b"x"}))
    assert dict(tree.files) == WANTED | below("cs231n/", helpers)


def test_modules_beside_the_package_come_along_if_imported() -> None:
    files = {
        "hw/cs231n/layers.py": b"import os, my_math as m\nfrom tools.deep import f\nimport random\n",
        "hw/my_math.py": b"from another import g\n",
        "hw/another.py": b"1",
        "hw/tools/deep.py": b"2",
        "hw/random.py": b"shadows the standard library",
        "hw/unused.py": b"3",
    }
    tree = code_tree(files)
    assert set(tree.files) == {"cs231n/layers.py", "my_math.py", "another.py", "tools/deep.py"}


def test_writefile_cells(notebook) -> None:
    cells = [
        ("code", "%%writefile cs231n/layers.py\nfirst\n"),
        ("code", "%%writefile -a cs231n/layers.py\nsecond\n"),
        ("markdown", "%%writefile cs231n/optim.py\nno code\n"),
        ("code", "%%file '/content/drive/My Drive/optim.py'\nthird\n"),
    ]
    tree = code_tree({"hw/A2.ipynb": notebook(*cells), "classifiers/cnn.py": b"x"})
    assert tree.files["cs231n/layers.py"] == b"first\nsecond\n"
    assert tree.files["cs231n/optim.py"] == b"third\n"
    assert tree.origin["cs231n/layers.py"] == "hw/A2.ipynb, %%writefile"
    assert "writefile" in tree.remarks[0]


def test_files_come_before_writefile_cells(notebook) -> None:
    cell = ("code", "%%writefile layers.py\nfrom the notebook")
    assert code_tree({"a.ipynb": notebook(cell), "layers.py": b"file"}).files["cs231n/layers.py"] == b"file"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        ("# привет\n".encode("cp1251"), "is not UTF-8: byte 0xef in line 1"),
        ("x = 1\n".encode("utf-16"), "NUL"),
    ],
)
def test_odd_text_is_kept_and_said(data: bytes, words: str) -> None:
    tree = code_tree({"layers.py": data})
    assert tree.files["cs231n/layers.py"] == data
    assert words in tree.remarks[0]


def test_declared_encoding_is_fine() -> None:
    assert code_tree({"layers.py": "# -*- coding: cp1251 -*-\n# привет\n".encode("cp1251")}).remarks == ()


def test_another_layout() -> None:
    layout = Layout(package="nets", files=("model.py",), assignment=("hw1",))
    assert code_tree({"x/hw1/nets/model.py": b"1", "layers.py": b"2"}, layout).origin == {
        "nets/model.py": "x/hw1/nets/model.py"
    }


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("assignment2", True),
        ("Assignment-2", True),
        ("Assignment 2", True),
        ("spring1617_assignment2", True),
        ("assignment2_colab", True),
        ("a2_code_submission", True),
        ("HW2", True),
        ("homework_2", True),
        ("cs231n-a2-main", True),
        ("assignment1", False),
        ("assignment22", False),
        ("a3", False),
        ("data2", False),
        ("sha256", False),
    ],
)
def test_names_of_the_assignment(folder: str, expected: bool) -> None:
    assert named_after(folder, Layout().assignment) is expected


def test_folder_called_like_a_file_does_not_collide(tmp_path) -> None:
    files = {"cs231n/fc_net.py": b"1", "cs231n/classifiers/fc_net.py/x.py": b"2", "cs231n/layers.py": b"3"}
    tree = code_tree(files)
    assemble(tree.files, Layout(), None, tmp_path)
    assert (tmp_path / "cs231n/classifiers/fc_net.py").read_bytes() == b"1"
