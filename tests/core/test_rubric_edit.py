"""Edits give what was asked for, and leave every other byte alone: on the real pack and on texts in every YAML style."""

from __future__ import annotations

import copy
import difflib
import math
import re
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.rubric_difference import difference, needs_grading
from grader.core.rubric_edit import (
    RubricEditError,
    add_item,
    clean,
    delete_item,
    edit_all,
    fresh_id,
    merge_items,
    move_item,
    set_item,
    set_question,
    split_item,
)
from grader.core.rubric_file import parse_rubric
from grader.core.yaml_text import child, compose
from grader.pack import load_pack

BLOCK = """\
# The rubric of a small course.
assignment: nets   # as in the repository
title: 'Nets'
points: 7

questions:
  # First part
  - id: essay
    title: "Why: ReLU?"
    points: 3   # generous
    scoring: deduct
    answer: {prompt: Why is ReLU used in deep nets}
    items:
      # the worst
      - id: wrong
        points: -3.0
        label: >
          All of it
          is wrong

      - label: 'Isn''t explained'  # often
        id: unexplained
        points: -1
        group: "Reasons"
      - {id: vague, label: "Too \\"vague\\"", points: -0.5,}

  - id: sums
    title: שלום
    points: 4
    scoring: add
    answer: {prompt: Add it up}
    items:
    - id: first
      points: 1.5
      label: ხუთი
      formerly:
        - zeroth
        - other   # from last year
    # worth more
    - id: second
      points: 2.5
      label: Second, and last
"""
FLOW = """\
{assignment: nets, title: Nets, questions: [
  {id: essay, title: Essay, points: 2, scoring: deduct, items: [{id: a, points: -1, label: A}, {id: b, points: -1, label: B}]},
  {id: more, title: "More", points: 1, items: [
    {id: c, points: 1, label: C},  # the only one
  ]},
]}
"""
PACK = load_pack("cs231n_a2").text
TEXTS = {"block": BLOCK, "flow": FLOW, "pack": PACK}


def items(text, question="essay"):
    return {item.id: item for item in parse_rubric(text).question(question).items}


def changed(before, after):
    """(lines taken away, lines put in)."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [x[2:] for x in lines if x[:2] == "- "], [x[2:] for x in lines if x[:2] == "+ "]


def test_points_of_an_item():
    edited = set_item(BLOCK, "essay", "unexplained", points=-1.5)
    assert changed(BLOCK, edited) == (["        points: -1"], ["        points: -1.5"])


def test_a_label_keeps_its_quotes_and_its_comment():
    edited = set_item(BLOCK, "essay", "unexplained", label="It's not   explained\n")
    assert changed(BLOCK, edited)[1] == ["      - label: 'It''s not explained'  # often"]
    edited = set_item(BLOCK, "essay", "vague", label='Say "why"')
    assert changed(BLOCK, edited)[1] == ['      - {id: vague, label: "Say \\"why\\"", points: -0.5,}']


def test_a_folded_label_becomes_a_plain_one():
    edited = set_item(BLOCK, "essay", "wrong", label="Wrong: all of it")
    assert items(edited)["wrong"].label == "Wrong: all of it"
    assert "# the worst" in edited and changed(BLOCK, edited)[0] == [
        "        label: >", "          All of it", "          is wrong", "",
    ]  # fmt: skip


@pytest.mark.parametrize("item", ["wrong", "unexplained", "vague"])
def test_groups(item):
    edited = set_item(BLOCK, "essay", item, group="Form, and style")
    assert items(edited)[item].group == "Form, and style"
    assert items(set_item(edited, "essay", item, group=""))[item].group is None


def test_an_item_that_leaves_its_group_is_as_before_it_came():
    assert set_item(set_item(PACK, "bn-inline-4", "not-2", group="Choice"), "bn-inline-4", "not-2", group="") == PACK


def test_a_question_gets_points_and_the_rubric_adds_up():
    edited = set_question(BLOCK, "sums", title="Sums", points=5)
    rubric = parse_rubric(edited)
    assert (rubric.points, rubric.question("sums").title) == (8, "Sums")
    assert changed(BLOCK, edited)[1] == ["points: 8", "    title: Sums", "    points: 5"]


def test_a_new_item_is_written_like_its_neighbour():
    edited = add_item(BLOCK, "essay", item="late", points=-0.5, label="Late: a day", after="unexplained")
    assert changed(BLOCK, edited) == (
        [], ["      - id: late", "        points: -0.5", "        label: 'Late: a day'"],
    )  # fmt: skip
    edited = add_item(BLOCK, "essay", item="late", points=-0.5, label="Late")
    assert changed(BLOCK, edited) == ([], ["      - {id: late, points: -0.5, label: Late}"])
    assert list(items(add_item(FLOW, "more", item="d", points=0.5, label="D"), "more")) == ["c", "d"]


def test_a_deleted_item_leaves_the_comments():
    edited = delete_item(BLOCK, "essay", "wrong")
    assert list(items(edited)) == ["unexplained", "vague"] and "# the worst" in edited
    edited = delete_item(BLOCK, "sums", "second")
    assert edited.endswith("# from last year\n    # worth more\n")


def test_merged_items_apply_where_either_did():
    edited = merge_items(BLOCK, "essay", "vague", "unexplained")
    assert items(edited)["unexplained"].formerly == ("vague",)
    edited = merge_items(edited, "essay", "unexplained", "wrong")
    assert items(edited)["wrong"].formerly == ("unexplained", "vague")
    edited = merge_items(BLOCK, "sums", "second", "first")
    assert items(edited, "sums")["first"].formerly == ("zeroth", "other", "second")
    assert "# worth more" in edited


def test_a_split_item_stays_and_gets_a_neighbour():
    edited = split_item(BLOCK, "essay", "unexplained", new="half", points=-0.5, label="Half explained", keeps=-2)
    found = items(edited)
    assert list(found) == ["wrong", "unexplained", "half", "vague"]
    assert (found["unexplained"].points, found["half"].points, found["half"].group) == (-2, -0.5, "Reasons")


def test_items_move_with_their_comments():
    edited = move_item(BLOCK, "essay", "wrong", 2)
    assert list(items(edited)) == ["unexplained", "vague", "wrong"]
    assert edited.index("# the worst") > edited.index("id: vague")
    assert edited.index("# often") < edited.index("id: vague")
    assert move_item(edited, "essay", "wrong", -9) == BLOCK
    assert list(items(move_item(FLOW, "essay", "b", -1))) == ["b", "a"]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda: set_item(BLOCK, "essay", "vague", points=-4), "must deduct between 0 and 3"),
        (lambda: set_item(BLOCK, "essay", "vague", points=1), "must deduct between 0 and 3"),
        (lambda: set_item(BLOCK, "essay", "vague", points=math.nan), "points must be a number"),
        (lambda: set_item(BLOCK, "essay", "vague", label=" \n"), "cannot be empty"),
        (lambda: set_item(BLOCK, "essay", "gone", label="x"), "no item gone"),
        (lambda: set_item(BLOCK, "gone", "vague", label="x"), "no question gone"),
        (lambda: set_question(BLOCK, "essay", points=2), "must deduct between 0 and 2"),
        (lambda: set_question(BLOCK, "essay", points=-1), "greater than or equal to 0"),
        (lambda: set_question(PACK, "relu", points=4), "graded by checks"),
        (lambda: delete_item(FLOW, "more", "c"), "only item of more"),
        (lambda: merge_items(BLOCK, "essay", "vague", "vague"), "into itself"),
        (lambda: merge_items(BLOCK, "essay", "vague", "gone"), "no item gone"),
        (lambda: add_item(BLOCK, "essay", item="vague", points=-1, label="x"), "has an item vague already"),
        (lambda: add_item(BLOCK, "sums", item="zeroth", points=1, label="x"), "was merged into first"),
        (lambda: add_item(BLOCK, "essay", item="Not An Id", points=-1, label="x"), "should match pattern"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(edit, sentence):
    with pytest.raises(RubricEditError, match=sentence) as raised:
        edit()
    assert "rubric.yaml" not in str(raised.value)


def test_a_text_with_anchors_is_left_to_its_author():
    text = FLOW.replace("points: -1, label: A", "points: &one -1, label: A").replace(
        "points: -1, label: B", "points: *one, label: B"
    )
    with pytest.raises(RubricEditError, match="anchor"):
        set_item(text, "essay", "a", points=-2)


def test_several_edits_need_only_end_well():
    less = partial(set_question, question="essay", points=2)
    edited = edit_all(BLOCK, [less, partial(set_item, question="essay", item="wrong", points=-2)])
    assert (parse_rubric(edited).points, items(edited)["wrong"].points) == (6, -2)
    with pytest.raises(RubricEditError, match="must deduct between 0 and 2"):
        edit_all(BLOCK, [less])


def test_no_change_changes_no_byte():
    assert set_item(BLOCK, "essay", "vague", points=-0.5, label='Too "vague"') == BLOCK
    assert set_question(BLOCK, "essay", title="Why: ReLU?", points=3) == BLOCK
    assert move_item(BLOCK, "essay", "wrong", -1) == BLOCK


def test_ids_of_new_items():
    essay = parse_rubric(BLOCK).question("sums")
    assert fresh_id(essay, "Naïve: no reason given at all, really") == "naive-no-reason-given"
    assert fresh_id(essay, "Second") == "second-2"
    assert fresh_id(essay, "Zeroth") == "zeroth-2"
    assert fresh_id(essay, "ნაწილობრივ", taken={"item"}) == "item-2"


# Sequences of edits, against a model of what they mean.

LABELS = st.text(
    st.one_of(st.sampled_from("abcXYZ :#,-'\"[]{}&*!|>%@`?\\\t\n0"), st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))),
    min_size=1, max_size=20,
).filter(lambda words: clean(words))  # fmt: skip
EDITS = st.sampled_from(["points", "label", "group", "question", "add", "delete", "merge", "split", "move"])


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_any_sequence_of_edits(data):
    text = TEXTS[data.draw(st.sampled_from(["block", "flow"]))]
    _play(data, text, steps=data.draw(st.integers(1, 6)))


@given(st.data())
@settings(max_examples=3, deadline=None)
def test_any_sequence_of_edits_of_the_real_pack(data):
    _play(data, PACK, steps=2)


def _play(data, text, steps):
    model = _model(text)
    for step in range(steps):
        wanted = copy.deepcopy(model)
        name = data.draw(st.sampled_from(sorted(model)), label="question")
        edit = _draw(data, text, wanted, name, f"new-{step}")
        try:
            edited = edit()
        except RubricEditError:
            continue
        assert _model(edited) == wanted
        _others_are_untouched(text, edited, name)
        text, model = edited, wanted


def _model(text):
    return {
        question.id: {
            "title": question.title, "points": question.points,
            "items": [(i.id, i.points, i.label.rstrip("\n"), i.group, i.formerly) for i in question.items],
        }
        for question in parse_rubric(text).questions
        if question.items
    }  # fmt: skip


def _draw(data, text, model, name, new):
    """An edit of `text`, made in `model` too."""
    question = model[name]
    listed = question["items"]
    index = data.draw(st.integers(0, len(listed) - 1))
    item = listed[index]
    most = question["points"]
    sign = -1 if item[1] < 0 else 1
    points = sign * data.draw(st.integers(0, 20)) * most / 20
    kind = data.draw(EDITS)
    if kind == "points":
        listed[index] = (item[0], round(points, 4), *item[2:])
        return lambda: set_item(text, name, item[0], points=points)
    if kind == "label":
        label = data.draw(LABELS)
        listed[index] = (*item[:2], clean(label), *item[3:])
        return lambda: set_item(text, name, item[0], label=label)
    if kind == "group":
        group = data.draw(st.just("") | LABELS)
        listed[index] = (*item[:3], clean(group) or None, item[4])
        return lambda: set_item(text, name, item[0], group=group)
    if kind == "question":
        title = data.draw(LABELS)
        question["title"], question["points"] = clean(title), most + 1
        return lambda: set_question(text, name, title=title, points=most + 1)
    if kind == "add":
        label = data.draw(LABELS)
        listed.insert(index + 1, (new, round(points, 4), clean(label), None, ()))
        return lambda: add_item(text, name, item=new, points=points, label=label, after=item[0])
    if kind == "delete":
        del listed[index]
        return lambda: delete_item(text, name, item[0])
    if kind == "merge":
        other = data.draw(st.integers(0, len(listed) - 1))
        kept = listed[other]
        former = tuple(dict.fromkeys([*kept[4], item[0], *item[4]]))
        listed[other] = (*kept[:4], former)
        del listed[index]
        return lambda: merge_items(text, name, item[0], kept[0])
    if kind == "split":
        label = data.draw(LABELS)
        listed.insert(index + 1, (new, round(points, 4), clean(label), item[3], ()))
        return lambda: split_item(text, name, item[0], new=new, points=points, label=label)
    by = data.draw(st.integers(-3, 3))
    listed.insert(min(max(index + by, 0), len(listed) - 1), listed.pop(index))
    return lambda: move_item(text, name, item[0], by)


def _others_are_untouched(before, after, name):
    """Nothing outside the question changes but the rubric's own points; its comments stay."""
    assert _outside(before, name) == _outside(after, name)
    comments = [line.strip() for line in before.splitlines() if line.strip().startswith("#")]
    assert sorted(comments) == sorted(line.strip() for line in after.splitlines() if line.strip().startswith("#"))
    sources, now = _sources(before, name), _sources(after, name)
    items_before, items_after = items(before, name), items(after, name)
    for item in items_before:
        if items_before[item] == items_after.get(item):
            assert now[item] == sources[item]


def _sources(text, name):
    """How each item is written, without the comments below it."""
    root = compose(text)
    question = next(node for node in child(root, "questions").value if child(node, "id").value == name)
    return {
        child(node, "id").value: re.sub(r"(\n *(#.*)?)+$", "", text[node.start_mark.index : node.end_mark.index])
        for node in child(question, "items").value
    }


def _outside(text, name):
    lines, inside, kept = text.splitlines(), False, []
    for line in lines:
        starts = line.lstrip(" -{").startswith("id: ") and line.startswith(("  - id: ", "  {id: "))
        if starts:
            inside = line.lstrip(" -{").split(",")[0] == f"id: {name}"
        if not inside and not line.startswith("points: "):
            kept.append(line)
    return kept


# Differences


def rubrics(before, after):
    return tuple(parse_rubric(text) for text in (before, after))


def told(before, after):
    return list(difference(*rubrics(before, after), before, after).sentences)


def test_a_difference_says_what_changed():
    assert told(BLOCK, set_item(BLOCK, "essay", "vague", points=-1, label="Vague")) == [
        "essay: “Vague” counts −1 instead of −0.5", 'essay: “Too "vague"” is worded “Vague”',
    ]  # fmt: skip
    assert told(BLOCK, merge_items(BLOCK, "essay", "vague", "wrong")) == [
        'essay: “Too "vague"” is merged into “All of it is wrong”'
    ]
    assert told(BLOCK, delete_item(BLOCK, "essay", "vague")) == ['essay: “Too "vague"” is deleted']
    assert told(BLOCK, move_item(BLOCK, "essay", "vague", -1)) == ["essay: the items stand in another order"]
    assert told(BLOCK, set_question(BLOCK, "sums", points=5)) == ["sums is worth 5 points instead of 4"]
    assert told(BLOCK, BLOCK) == []


def test_the_lines_are_a_unified_diff():
    edited = set_item(BLOCK, "essay", "unexplained", points=-1.5)
    lines = difference(*rubrics(BLOCK, edited), BLOCK, edited).lines
    assert [line for line in lines if line[0] in "+-"] == ["-        points: -1", "+        points: -1.5"]


def test_changed_checks_need_grading_and_written_items_do_not():
    edited = PACK.replace(
        "points: 2\n    checks:\n      - {id: values, points: 2",
        "points: 1\n    checks:\n      - {id: values, points: 1",
        1,
    )
    assert edited != PACK
    assert needs_grading(*rubrics(PACK, edited)) == ["The checks of affine-forward changed"]
    assert needs_grading(*rubrics(PACK, PACK.replace("default: keep", "default: drop"))) == [
        "The variables of the pack changed"
    ]
    looser = PACK.replace("of: affine}", "of: affine, rtol: 1.0e-3}", 1)
    assert needs_grading(*rubrics(PACK, looser)) == ["The checks of affine-forward changed"]
    assert needs_grading(*rubrics(PACK, set_item(PACK, "bn-inline-4", "not-2", points=-2))) == []
