"""An export and a rubric: the rubric made of an export, questions and items recognised in another wording, marks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.rubric_file import parse_rubric
from grader.ingest.gradescope import Export, read_export
from grader.ingest.gradescope.export import ExportItem, ExportQuestion, PointAdjustment
from grader.ingest.gradescope.marks import export_marks
from grader.ingest.gradescope.match import match, skeleton_match
from grader.ingest.gradescope.skeleton import rubric_skeleton

PARTS = Path(__file__).parents[1] / "corpus" / "gradescope" / "parts.txt"
FREE = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
RUBRIC = parse_rubric("""
assignment: nets
title: Nets
questions:
  - id: bn-inline-1
    title: Batch normalization and the scale of initialization
    points: 2
    scoring: deduct
    answer: {notebook: BatchNormalization.ipynb, heading: Inline Question 1, prompt: How does the scale of weights matter}
    items:
      - {id: no-justification, points: -1, label: There is no justification}
      - {id: weak-justification, points: -1, label: The justification is not enough}
      - {id: page, points: -1, label: The page was not selected}
  - id: dropout-inline-1
    title: Inverted dropout without the division
    points: 1
    scoring: deduct
    answer: {notebook: Dropout.ipynb, heading: Inline Question 1, prompt: What if we do not divide by p}
    items: [{id: wrong, points: -1, label: The answer is wrong}]
  - id: free
    title: Anything else
    points: 2
    items: [{id: good, points: 2, label: Good}, {id: half, points: 1, label: Half of it}]
""")


def asked(number, title, score, max_score, *items, **more):
    made = tuple(ExportItem(points, label, applied) for points, label, applied in items)
    return ExportQuestion(number, title, score, max_score, made, **more)


NORM = asked("1", "Batch Norm - Inline Q1", 1, 2, (0, "Correct", False), (-1, "insufficient justification", False),
             (-1, "didn't select correct page", False), (-1, "no justification", True))  # fmt: skip
DROP = asked("2", "Dropout - Inline Q1", 0, 1, (0, "Correct", False), (-1, "Incorrect", True))


def export(*questions):
    return Export(sum(q.score for q in questions), sum(q.max_score for q in questions), questions)


def test_questions_and_items_are_recognised_in_other_words():
    found = match(export(DROP, NORM), RUBRIC)
    assert found.questions == {"1": "bn-inline-1", "2": "dropout-inline-1"}
    assert found.items["1"] == {0: None, 1: "weak-justification", 2: "page", 3: "no-justification"}


def test_a_prompt_tells_more_than_a_title():
    question = replace(NORM, title="Question 7", prompt="How does the scale of weights matter?")
    assert match(export(question), RUBRIC).questions == {"1": "bn-inline-1"}


def test_what_the_rubric_lacks_is_left_out_and_said():
    other = asked("3", "Convolution by hand", 3, 4, (-1, "Stride is ignored", True))
    marks = export_marks(export(NORM, other), RUBRIC, match(export(NORM, other), RUBRIC))
    assert [it.question for it in marks.questions] == ["bn-inline-1"] and marks.score == 1
    said = " ".join(marks.differences)
    assert "Question 3 (Convolution by hand) is not in this rubric: its 3 of 4 points are left out." in said
    assert "a TA has to decide: dropout-inline-1, free" in said and "total is 4" in said


def test_the_printed_score_is_kept_by_an_adjustment():
    question = replace(NORM, score=1.5, adjustments=(PointAdjustment(0.5, "Half the idea"),))
    (marks,) = export_marks(export(question), RUBRIC, match(export(question), RUBRIC)).questions
    assert (marks.applied, marks.adjustment, marks.comment, marks.score) == (
        ("no-justification",), 0.5, "Half the idea", 1.5,
    )  # fmt: skip


def test_an_item_that_is_lost_becomes_an_adjustment():
    found = match(export(NORM), RUBRIC)
    found.items["1"][3] = None
    (marks,) = export_marks(export(NORM), RUBRIC, found).questions
    assert (marks.applied, marks.adjustment, marks.comment, marks.score) == ((), -1, "no justification", 1)


def test_a_question_worth_more_there_than_here_is_said():
    question = asked("2", "Dropout - Inline Q1", 3, 3, (0, "Correct", True), (-1, "Incorrect", False))
    found = match(export(question), RUBRIC)
    found.questions["2"], found.items["2"] = "dropout-inline-1", {}
    marks = export_marks(export(question), RUBRIC, found)
    assert marks.score == 1 and any("worth 3 in the export" in said for said in marks.differences)


def test_the_skeleton_of_an_export_gives_its_own_score():
    read = read_export(PARTS.read_text())
    rubric = parse_rubric(rubric_skeleton(read, "hw3"))
    marks = export_marks(read, rubric, skeleton_match(read))
    assert (rubric.assignment, rubric.title, rubric.max_score) == ("hw3", "Homework 3", 14)
    assert marks.score == 8.5
    assert [it.adjustment for it in marks.questions] == [None, 0.5, None, None]
    assert [item.label for item in rubric.questions[0].items] == ["Deduction of 1", "Deduction of 2"]
    assert match(read, rubric).questions == skeleton_match(read).questions


def test_page_and_tagging_items_say_so():
    question = asked("1", "One", 1, 1, (-1, "Page not selected", False), (-1, "not tagging the answer", False),
                     (-1, "see page 3", False))  # fmt: skip
    rubric = parse_rubric(rubric_skeleton(export(question)))
    assert [item.evidence for item in rubric.questions[0].items] == ["page", "tagging", None]


@pytest.mark.parametrize("label", ["?0", "? a", "- a", "a: b", "{a}", "no, [b] #c", "*a", '"a', "~a"])
def test_a_label_that_looks_like_yaml_is_kept(label):
    rubric = parse_rubric(rubric_skeleton(export(asked("1", "One", 1, 2, (-1, label, True)))))
    assert rubric.questions[0].items[0].label == label


texts = st.text(max_size=40)
items = st.tuples(st.sampled_from([0, -0.5, -1, -2, -5, 0.5, 1]), texts, st.booleans())


@st.composite
def exports(draw):
    made = [
        asked(str(n), draw(texts), draw(st.sampled_from([0, 0.5, 1, 2])), draw(st.sampled_from([0, 1, 2, 2.5])),
              *draw(st.lists(items, max_size=5)), prompt=draw(texts), heading=draw(texts), answer=draw(texts))
        for n in range(1, draw(st.integers(1, 4)) + 1)
    ]  # fmt: skip
    return replace(export(*made), title=draw(texts))


@FREE
@given(exports())
def test_a_skeleton_is_a_rubric_whatever_the_labels_hold(made):
    rubric = parse_rubric(rubric_skeleton(made))
    assert rubric.max_score == pytest.approx(made.max_score)
    marks = export_marks(made, rubric, skeleton_match(made))
    wanted = sum(min(question.score, question.max_score) for question in made.questions)
    assert marks.score == pytest.approx(wanted)


@FREE
@given(exports())
def test_any_export_is_matched_with_any_rubric_at_most_once(made):
    found = match(made, RUBRIC)
    chosen = [name for name in found.questions.values() if name]
    assert len(chosen) == len(set(chosen))
    for given_items in found.items.values():
        used = [name for name in given_items.values() if name]
        assert len(used) == len(set(used))
    export_marks(made, RUBRIC, found)
