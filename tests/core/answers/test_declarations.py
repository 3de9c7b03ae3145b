"""Declarations are strict: what is wrong is named with file and line."""

import pytest

from grader.core.rubric_file import RubricError, parse_rubric

HEAD = """\
assignment: a
title: A
questions:
  - id: q
    title: Q
    points: 1
    scoring: deduct
"""


def problem(text):
    with pytest.raises(RubricError) as caught:
        parse_rubric(HEAD + text)
    return str(caught.value)


def test_an_unknown_statement_is_named_at_its_line():
    said = problem(
        "    items:\n      - {id: a, points: -1, label: A}\n      - {id: b, points: -1, label: B, clear: {any: [nowhere]}}\n"
    )
    assert said.startswith("rubric.yaml:10:") and "unknown statement 'nowhere'" in said


def test_an_unknown_glossary_term_is_named_at_its_line_with_what_is_near_it():
    said = problem(
        "    items: [{id: a, points: -1, label: A, clear: s}]\n"
        "    statements:\n      s:\n        says: so\n        any:\n          - [$gradiant, zero]\n"
    )
    assert said.startswith("rubric.yaml:13:") and "unknown term 'gradiant'" in said and "gradient" in said


def test_an_unknown_subject_option_and_role():
    statements = "    statements: {s: {says: so, of: nobody, any: [[x]]}}\n"
    assert "unknown subject 'nobody'" in problem("    items: [{id: a, points: -1, label: A}]\n" + statements)
    choices = "    choices: {options: {one: {number: 1}, two: {number: 2}}}\n"
    items = "    items: [{id: a, points: -1, label: A, when: {chosen: three}}]\n"
    assert "unknown option 'three'" in problem(items + choices)


def test_unknown_keys_are_refused():
    assert "rubric.yaml:8" in problem("    items: [{id: a, points: -1, label: A, clear: {some: [x]}}]\n")
    assert "unknown key" in problem("    items: [{id: a, points: -1, label: A}]\n    statments: {}\n")


def test_yes_and_no_stay_words():
    question = parse_rubric(
        HEAD + "    items: [{id: a, points: -1, label: A, clear: yes}]\n"
        "    statements: {yes: {says: yes, any: [[yes | no, on]]}}\n"
    ).questions[0]
    assert question.items[0].clear == "yes"
    assert question.statements["yes"].any[0].terms == ("yes | no", "on")


def test_the_glossary_of_a_rubric_reaches_every_question():
    text = "glossary:\n  my-term: {en: [foo*], ka: [ფუ]}\n" + HEAD
    rubric = parse_rubric(
        text
        + "    items: [{id: a, points: -1, label: A, clear: s}]\n    statements: {s: {says: so, any: [[$my-term]]}}\n"
    )
    assert rubric.questions[0].glossary["my-term"].forms["ka"] == ("ფუ",)
