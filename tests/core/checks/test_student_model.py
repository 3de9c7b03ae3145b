"""A student's model, found and built without training anything."""

from __future__ import annotations

from grader.core.checks.kind import Context
from grader.core.checks.model import Built, Found, Model, Thing, alternatives, build, build_each, choose, files_of, look
from grader.core.result import Status
from grader.core.submission import Submission


def thing(name: str, form: str = "class", **details: object) -> Thing:
    given = {"framework": "torch", "file": "a.py", "line": 1, "parameters": (), "required": (), "parts": ()}
    return Thing(name=name, form=form, **{**given, **details})


def test_names_are_compared_without_case_and_underscores(driven) -> None:
    built = driven(
        lambda context: build(Model(named=("LeNet5",), arguments=({"Num_Classes": 10},)), context),
        "functional_style.py",
    )

    assert isinstance(built, Built)
    assert (built.framework, built.name, built.line, built.given) == ("torch", "Le_Net5", 8, {"num_classes": 10})


def test_a_training_script_is_read_to_its_end(driven) -> None:
    found = driven(
        lambda context: look(Model(), context), "functional_style.py", "sequential_style.py", "trains_twice.py"
    )

    assert {(item.name, item.form) for item in found.things} >= {
        ("Le_Net5", "class"), ("main", "function"), ("SGD", "optimizer"), ("model", "model"), ("Adam", "optimizer"),
    }  # fmt: skip
    assert {(item.file, item.error) for item in found.failures} == {
        ("functional_style.py", "SystemExit"), ("sequential_style.py", "FileNotFoundError"),
    }  # fmt: skip


def test_both_models_of_a_notebook_that_share_a_name(driven) -> None:
    built = driven(lambda context: build_each(Model(named=("model",)), context), "keras_notebook.ipynb")

    assert [(one.framework, one.file, one.line) for one in built] == [
        ("keras", "keras_notebook.ipynb, cell 3", 3),
        ("keras", "keras_notebook.ipynb, cell 4", 2),
    ]


def test_a_model_that_only_a_function_sees(driven) -> None:
    built = driven(lambda context: build(Model(), context), "keras_functional.py")

    assert isinstance(built, Built) and built.framework == "keras"


def test_a_block_is_not_the_model(driven) -> None:
    built = driven(lambda context: build_each(Model(), context), "three_mistakes.py")

    assert [one.name for one in built] == ["Net"]


def test_what_only_the_whole_script_sets_is_named_and_costs_nothing(driven) -> None:
    judgement = driven(lambda context: build(Model(), context), "needs_script.py")

    assert judgement.unread
    assert "`HIDDEN`" in judgement.message and "Line 3 of needs_script.py" in judgement.message


def test_a_constructor_that_raises_is_an_error_with_its_line(driven) -> None:
    judgement = driven(lambda context: build(Model(named=("Net",)), context), "breaks.py")

    assert judgement.status is Status.ERROR and "breaks.py, line 7" in judgement.message


def test_no_model_at_all(driven) -> None:
    assert driven(lambda context: build(Model(files=("*.c",)), context), "breaks.py").status is Status.MISSING


def test_files_of_others_are_not_read() -> None:
    names = ("b.ipynb", "a/net.py", "venv/lib/x.py", "__MACOSX/a/net.py", "a/.ipynb_checkpoints/b.ipynb", "report.pdf")
    context = Context(None, "core", 0, submission=Submission(dict.fromkeys(names, b""), {}))

    assert files_of(Model(), context) == ["a/net.py", "b.ipynb"]


def test_a_constructor_gets_the_names_that_it_has() -> None:
    options = ({"dropout": 0.2, "bn": True}, {"p": 0.2}, {})

    assert alternatives(options, thing("A", parameters=("Drop_Out",))) == [{"Drop_Out": 0.2}, {}]
    assert alternatives(options, thing("A", parameters=("**",))) == [{"dropout": 0.2, "bn": True}, {"p": 0.2}, {}]


def test_a_declared_name_comes_before_everything_else() -> None:
    found = Found(things=(thing("Other"), thing("net", "model"), thing("le_net", "function")))

    assert [one.name for one in choose(found, ("Missing", "LeNet"))] == ["le_net"]
    assert [one.name for one in choose(found, ())] == ["net", "Other"]
