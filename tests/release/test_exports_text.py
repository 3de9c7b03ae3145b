"""What other systems read: exact columns, parsed back as it was, no formulas, no zero that nobody gave."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.core.result import CheckResult, ItemResult, QuestionResult, Result, Status
from grader.release.canvas import NotAGradebook, canvas, fill
from grader.release.grades import ClassGrades, Grade, Part, split_name
from grader.release.gradescope_results import gradescope_results
from grader.release.gradescope_scores import gradescope_scores
from grader.release.nbgrader import nbgrader
from grader.release.table import BOM, neutral, table

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
PARTS = (Part("a", "Softmax, and SVM", 2.0), Part("b", "Why ReLU", 0.5))


def grade(name="Ada Okafor", email="ada@example.edu", *, late=timedelta(), **scores):
    return Grade(name, email, 12, DUE + late - timedelta(hours=1) if not late else DUE + late, 2, scores)


def missing(name="Mei", email="mei@example.edu"):
    return Grade(name, email, None, None, 0, {})


def class_of(*grades):
    return ClassGrades("a2", "Assignment 2", DUE, PARTS, grades)


def parsed(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


CLASS = class_of(
    grade(a=1.5, b=0.5),
    grade("Léa van der Berg", "lea@example.edu", late=timedelta(days=2, minutes=3, seconds=4), a=2.0),
    missing(),
)


def test_gradescopes_header_is_exact():
    assert gradescope_scores(CLASS).splitlines()[0] == (
        "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,Submission Time,"
        'Lateness (H:M:S),View Count,Submission Count,"1: Softmax, and SVM (2.0 pts)",2: Why ReLU (0.5 pts)'
    )


def test_gradescope_rows_are_graded_ungraded_or_missing():
    text = gradescope_scores(CLASS)
    assert text.splitlines()[1] == (
        "Ada,Okafor,,ada@example.edu,,2.0,2.5,Graded,12,2026-11-20 22:59:00 +0000,00:00:00,0,2,1.5,0.5"
    ), "numbers are not quoted"
    _, ungraded, absent = parsed(text)
    assert (ungraded["First Name"], ungraded["Last Name"]) == ("Léa van der", "Berg")
    assert (ungraded["Status"], ungraded["Total Score"]) == ("Ungraded", "")
    assert ungraded["Lateness (H:M:S)"] == "48:03:04"
    assert ungraded["1: Softmax, and SVM (2.0 pts)"] == "2.0" and ungraded["2: Why ReLU (0.5 pts)"] == ""
    assert (absent["Status"], absent["Total Score"], absent["Submission ID"]) == ("Missing", "", "")


def test_nbgraders_columns_are_exact():
    text = nbgrader(CLASS)
    assert text.splitlines()[:2] == [
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,"
        "max_score",
        "a2,2026-11-20 23:59:00,2026-11-20 22:59:00,ada@example.edu,Okafor,Ada,ada@example.edu,2.0,0.0,2.0,2.5",
    ]
    _, ungraded, absent = parsed(text)
    assert ungraded["score"] == ungraded["raw_score"] == "" and absent["score"] == "0.0" and absent["timestamp"] == ""


def test_canvas_has_the_points_row():
    assert canvas(CLASS).splitlines() == [
        "Student,ID,SIS User ID,SIS Login ID,Section,Assignment 2",
        "    Points Possible,,,,,2.5",
        '"Okafor, Ada",,,ada@example.edu,,2.0',
        '"Berg, Léa van der",,,lea@example.edu,,',
        "Mei,,,mei@example.edu,,",
    ]


GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Assignment 1 (41),Assignment 2 (42),Final Score
    Points Possible,,,,,10,2.5,(read only)
"Okafor, Ada",7001,ada,ada@example.edu,Lab 1,9,,90
"Berg, Léa",7002,5,LEA,Lab 2,-1,1.0,80
"Student, Test",7003,9,x@y.z,Lab 2,,,
"""


def test_a_gradebook_of_canvas_keeps_everything_else():
    filled = fill(GRADEBOOK, CLASS)
    rows = list(csv.reader(io.StringIO(filled.text, newline="")))
    before = list(csv.reader(io.StringIO(GRADEBOOK)))
    assert filled.column == "Assignment 2 (42)" and filled.absent == ()
    assert rows[2][6] == "2.0"
    assert rows[3][6] == "1.0", "found by the name before the @; not decided yet, so what was there stays"
    for row, was in zip(rows, before, strict=True):
        assert [*row[:6], *row[7:]] == [*was[:6], *was[7:]]


def test_a_new_column_and_who_is_not_there():
    filled = fill("Student;ID;SIS Login ID\r\nX;1;nobody\r\n", CLASS)
    assert filled.text == "Student;ID;SIS Login ID;Assignment 2\r\nX;1;nobody;\r\n"
    assert [one.email for one in filled.absent] == ["ada@example.edu"]
    assert fill(BOM + GRADEBOOK, CLASS).text.startswith(BOM)


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("", "", "columns Student"),
        ("Name,Mail\nA,b\n", "", "columns Student"),
        ('Student,ID,SIS Login ID\n"A', "", "no CSV"),
        (GRADEBOOK, "Nothing", "no column 'Nothing'"),
        (GRADEBOOK, "ID", "no column of scores"),
        (GRADEBOOK.replace("Assignment 1 (41)", "Assignment 2 (41)"), "", "several columns"),
    ],
)
def test_what_is_no_gradebook_is_refused(text, column, why):
    with pytest.raises(NotAGradebook, match=why):
        fill(text, CLASS, column)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", '"=1', "'=1", '"\'=1', "＝1+1", "＋1", "－1+1",
        "＠SUM", "\ufeff=1", "\u200b=1", "\u00a0=1", "“=1", "−1+1", "\x00=1", "﹦1",
    ],
)  # fmt: skip
def test_formulas_are_made_harmless(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-1", "-1.50", "12", "Ada", "    Points Possible", "Ада", "עדה", "a=b", "3 - 1"])
def test_plain_text_and_numbers_stay(text):
    assert neutral(text) == text


hostile = st.text(max_size=12) | st.sampled_from("=+-@\t\r＝＋－＠'\"").flatmap(
    lambda sign: st.text("=1A\"'+ \t,;\n", max_size=6).map(lambda rest: sign + rest)
)


@given(st.lists(st.lists(hostile, min_size=1, max_size=4), max_size=5), st.sampled_from(",;\t"))
def test_every_cell_comes_back_and_none_starts_a_formula(rows, delimiter):
    found = list(csv.reader(io.StringIO(table(rows, delimiter=delimiter), newline=""), delimiter=delimiter))
    assert [[cell.removeprefix("'") if was != cell else cell for was, cell in zip(row, line, strict=True)]
            for row, line in zip(rows, found, strict=True)] == [list(row) for row in rows]  # fmt: skip
    for cell in (cell for line in found for cell in line):
        start = unicodedata.normalize("NFKC", cell.lstrip(" \t\r\n")[:1])[:1]
        assert start not in {"=", "+", "@"} and (start != "-" or cell.lstrip("-").replace(".", "", 1).isdigit())


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20), st.floats(0, 2), st.floats(0, 0.5))
def test_scores_come_back_for_any_name(name, title, one, other):
    grades = ClassGrades("a2", title, DUE, (Part("a", title, 2.0), Part("b", "B", 0.5)), (grade(name, a=one, b=other),))
    [row] = parsed(gradescope_scores(grades))
    assert float(row["Total Score"]) == pytest.approx(one + other, abs=1e-3)
    [row] = parsed(nbgrader(grades))
    assert float(row["score"]) == pytest.approx(one + other, abs=1e-3)
    assert row["email"] == "ada@example.edu"
    assert len(list(csv.reader(io.StringIO(canvas(grades), newline="")))) == 3


def test_names_are_split_before_the_last_word():
    assert split_name("  Léa  van der Berg ") == ("Léa van der", "Berg")
    assert split_name("Mei") == ("Mei", "") and split_name("") == ("", "")


def a_result(*, decided=True):
    def check(name, points, status, **more):
        return CheckResult(
            id=name, kind="forward", function="f", scope="core", status=status, points=points, max_points=2,
            message=f"about {name}", **more,
        )  # fmt: skip

    code = QuestionResult(
        id="code", title="Code", score=2.5, max_score=4, status="graded",
        checks=(check("a", 2, Status.PASS), check("b", 0, Status.FAIL, mistake="unscaled")),
    )  # fmt: skip
    items = (
        ItemResult(id="wrong", label="Wrong", points=-1, applied=decided, suggested="deduct", evidence=("secret",)),
        ItemResult(id="short", label="Too short", points=-0.5),
    )
    essay = QuestionResult(
        id="essay", title="Essay", score=1 if decided else 0, max_score=2,
        status="graded" if decided else "needs_review", items=items, answer="text",
    )  # fmt: skip
    return Result(
        pack="p", rubric_hash="h", score=3.5, max_score=6, awaiting_review=0 if decided else 2, seconds=1.5,
        questions=(code, essay),
    )  # fmt: skip


DOCUMENT = {
    "questions": [
        {"id": "code", "items": [], "checks": [{"id": "a"}, {"id": "b", "visibility": "hidden"}]},
        {"id": "essay", "checks": [], "items": [{"id": "wrong"}, {"id": "short"}]},
    ]
}


def results(decided=True):
    made = gradescope_results(
        a_result(decided=decided), DOCUMENT, adjustments={"code": (0.5, "Nearly")},
        comments={"essay": {"wrong": "See slide 3"}},
    )  # fmt: skip
    return json.loads(json.dumps(made))


def test_results_json_has_gradescopes_keys():
    made = results()
    assert set(made) == {
        "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
        "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    known = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
             "visibility", "extra_data"}  # fmt: skip
    assert all(set(test) <= known for test in made["tests"])
    assert all(
        test["visibility"] in {"hidden", "after_due_date", "after_published", "visible"} for test in made["tests"]
    )
    assert made["score"] == sum(test["score"] for test in made["tests"]) == 3.5
    first, second, adjusted, essay = made["tests"]
    assert (first["status"], first["number"], first["visibility"]) == ("passed", "1.1", "visible")
    assert (second["status"], second["visibility"]) == ("failed", "hidden")
    assert (adjusted["score"], adjusted["output"]) == (0.5, "Nearly")
    assert essay["output"] == "-1 Wrong: See slide 3" and essay["visibility"] == "after_published"
    assert "secret" not in json.dumps(made), "suggestions are for staff"


def test_an_undecided_question_has_no_score():
    made = results(decided=False)
    assert "score" not in made and "score" not in made["tests"][-1]
