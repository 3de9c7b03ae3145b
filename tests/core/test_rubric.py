"""Strictness: every error of a rubric is found, with its line."""

import textwrap

import jsonschema
import pytest
from ruamel.yaml import YAML

from grader.core.rubric_file import RubricError, parse_rubric
from grader.core.schema import rubric_schema
from grader.pack import PackNotFound, load_pack

GOOD = textwrap.dedent("""\
    assignment: demo
    title: Demo
    code: {layout: {package: cs231n, files: [layers.py]}}
    questions:
      - id: affine
        title: Affine
        points: 2
        checks:
          - id: values
            points: 2
            forward: {function: cs231n.layers.affine_forward, of: affine}
      - id: why
        title: Why
        points: 1
        scoring: deduct
        answer: {notebook: A.ipynb, heading: Inline Question 1}
        items:
          - {id: wrong, points: -1, label: Wrong}
    """)


def problems(text):
    with pytest.raises(RubricError) as caught:
        parse_rubric(text, "rubric.yaml")
    return caught.value.problems


def test_a_good_rubric():
    rubric = parse_rubric(GOOD)
    assert rubric.max_score == 3
    assert rubric.question("why").answer.question == "why"
    assert rubric.question("affine").checks[0].kind == "forward"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: Affine", "title: Affine\n    titel: Affine", 7, "unknown key 'titel'"),
        ("        points: 2\n        forward", "        points: 1\n        forward", 5, "add up to 1"),
        ("- id: why", "- id: affine", 12, "duplicate id 'affine'"),
        ("of: affine}", "of: affine, rtoll: 1}", 11, "rtoll"),
        ("forward: {", "backwards: {", 9, "exactly one kind"),
        ("points: -1,", "points: -2,", 12, "between 0 and 1"),
        ("function: cs231n.layers.affine_forward", "function: affine forward", 11, "function"),
        ("id: values", "id: Values!", 9, "id"),
        ("code: {layout: {package: cs231n, files: [layers.py]}}", "code: {}", 1, "`code: {layout:"),
    ],
)
def test_an_error_is_named_with_file_and_line(old, new, line, words):
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert any(words in problem for problem in found), found
    assert any(problem.startswith(f"rubric.yaml:{line}:") for problem in found), found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "rubric.yaml:1"),
        ("", "mapping"),
        ("- 1", "mapping"),
        (GOOD.replace("title: Demo", "title: Demo\ntitle: x"), "rubric.yaml:"),
    ],
)
def test_what_is_no_rubric_at_all(text, words):
    assert any(words in problem for problem in problems(text))


def test_yes_stays_a_word():
    assert parse_rubric(GOOD.replace("title: Demo", "title: yes")).title == "yes"


def test_variables():
    rubric = load_pack("cs231n_a2").rubric
    assert rubric.choose({}) == {"dropout_p": "keep"}
    assert rubric.choose({"dropout_p": "drop"}) == {"dropout_p": "drop"}
    with pytest.raises(ValueError, match="dropout_p must be one of keep, drop"):
        rubric.choose({"dropout_p": "maybe"})
    with pytest.raises(ValueError, match="no variable 'p'"):
        rubric.choose({"p": "keep"})


def test_an_unknown_pack_lists_those_that_are_there():
    with pytest.raises(PackNotFound, match="cs231n_a2"):
        load_pack("no_such_pack")


def test_the_pack_fits_the_published_schema():
    document = YAML(typ="safe").load(load_pack("cs231n_a2").text)
    jsonschema.validate(document, rubric_schema())
    document["questions"][0]["checks"][0]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, rubric_schema())


def test_the_written_part_is_the_one_that_others_rely_on():
    written = {
        q.id: (q.points, {item.id: item.points for item in q.items})
        for q in load_pack("cs231n_a2").rubric.questions
        if q.items
    }
    assert written == {
        "fc-inline-1": (1, {"relu-missing": -0.5, "sigmoid-missing": -0.5, "leaky-relu-reason": -0.5, "sigmoid-reason": -0.5,
                            "relu-reason": -0.5, "no-reasons": -0.5, "page": -0.5, "not-tagged": -1}),
        "fc-inline-2": (1, {"improper-explanation": -0.5, "incorrect": -1, "page": -0.5}),
        "fc-inline-3": (2, {"adam-missing": -1, "adagrad-explanation": -1, "adam-explanation": -1, "incorrect": -2, "page": -1}),
        "bn-inline-1": (2, {"insensitivity-missing": -1, "no-justification": -1, "justification-error": -1,
                            "justification-insufficient": -1, "not-tagged": -1}),
        "bn-inline-2": (2, {"justification": -1, "incorrect": -2}),
        "bn-inline-3": (3, {"picked-1-or-4": -1, "ln-not-2": -1, "bn-not-3": -1, "no-answer": -3, "page": -1.5}),
        "bn-inline-4": (2, {"not-2": -1, "picked-1": -1, "no-justification": -1, "page": -1, "no-answer": -2}),
        "dropout-inline-1": (1, {"test-time-missing": -1}),
        "dropout-inline-2": (1, {"explanation": -1}),
        "dropout-inline-3": (1, {"capacity-missing": -0.5, "partial": -0.5, "incorrect": -1}),
    }  # fmt: skip
