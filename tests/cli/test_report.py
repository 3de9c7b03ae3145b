"""A result on a terminal: exhibits as tables, and no student's text that rules the terminal."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.core.exhibit import Plot, Series, Table
from grader.core.result import CheckResult, ItemResult, QuestionResult, Result, Status
from grader.report import BLOCKS, SPARK, print_result, sparkline


def printed(message, *exhibits, status=Status.FAIL, **given):
    check = CheckResult(
        id="layers", kind="architecture", scope="core", status=status, points=0, max_points=1, message=message,
        exhibits=exhibits, **{"function": None, **given},
    )  # fmt: skip
    return print_question(QuestionResult(id="q", title="LeNet", score=0, max_score=1, status="graded", checks=(check,)))


def print_question(question):
    result = Result(
        pack="p", rubric_hash="0", score=0, max_score=1, awaiting_review=0, seconds=1, questions=(question,)
    )  # fmt: skip
    console = Console(file=io.StringIO(), width=120, force_terminal=False)
    print_result(result, console)
    return console.file.getvalue()


def test_tables_and_plots_are_shown():
    table = Table(
        title="Declared and found", header=("layer", "found"), rows=(("conv1", "6@5×5"), ("fc", "84")), wrong=(1,)
    )
    plot = Plot(
        title="Accuracy", x_label="epoch", y_label="accuracy",
        series=(Series(name="baseline", x=(1, 2, 3), y=(0.5, 0.9, 0.75)),),
    )  # fmt: skip
    text = printed("no", table, plot)
    assert "Declared and found" in text and "6@5×5" in text
    assert "baseline" in text and "0.75" in text and "▁█▅" in text


def test_a_check_of_no_function_bears_its_place_in_the_rubric():
    text = printed("no", Table(title="T", header=("a",), rows=()), remarks=("logits",))
    assert "fail q.layers: no" in text and "remark q.layers: logits" in text and "q.layers: T" in text
    assert "None" not in text

    text = printed("no", remarks=("in place",), function="adam")
    assert "fail adam layers: no" in text and "remark adam: in place" in text


def test_what_a_machine_cannot_judge_is_no_fault_of_the_service():
    text = printed("a TA looks", status=Status.OURS, unread=True)
    assert text.count("unread") == 2 and "ours" not in text


def test_what_is_suggested_for_an_answer():
    items = (
        ItemResult(id="u", label="U is wrong", points=-1, suggested="deduct", reason="given as 64×27"),
        ItemResult(id="v", label="V is wrong", points=-1, reason="two shapes"),
        ItemResult(id="b", label="b is wrong", points=-1, suggested="clear", reason="fits"),
    )
    question = QuestionResult(
        id="q", title="Shapes", score=0, max_score=3, status="needs_review", items=items, answer="U: 64×27"
    )
    text = print_question(question)
    assert "1 to deduct, 1 open; a TA decides" in text
    assert "-1 q.u: U is wrong: given as 64×27" in text and "? q.v: V is wrong: two shapes" in text and "q.b" not in text
    assert "to deduct" not in print_question(question.model_copy(update={"answer": None}))


def test_nobody_rules_the_terminal():
    text = printed("\x1b[2J\x1b]0;owned\x07 [red]", Table(title="\x1b[31m", header=("\x9bx",), rows=(("\x1b[1A",),)))
    assert "\x1b" not in text and "\x9b" not in text and "\x07" not in text and "[red]" in text


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=200))
def test_sparklines_are_short_and_ordered(values):
    line = sparkline(values)
    assert len(line) == min(len(values), SPARK)
    if values and len(values) <= SPARK and max(values) > min(values):
        assert line[values.index(max(values))] == BLOCKS[-1] and line[values.index(min(values))] == BLOCKS[0]
