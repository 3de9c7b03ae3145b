"""The living rubric: who gains and loses by an edit, applying it, conflicts, versions and going back."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from grader.core.rubric_edit import delete_item, merge_items, set_item, set_question, split_item
from grader.core.rubric_file import RubricError, read_rubric
from grader.db import rubrics
from grader.db.gradebook import class_records, gradebook
from grader.db.kinds import RunState
from grader.db.overview import overview
from grader.db.review_tables import AuditEntry, Mark, RegradeRun
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.tables import Assignment, User
from grader.errors import BadInput, EditConflict


def text_of(room):
    return room.assignment.rubric_version.yaml_text


def apply(session, room, text):
    return rubrics.apply_edit(session, room.assignment, text, room.assignment.rubric_version.sha256, room.ta)


def changes(session, room, text):
    return rubrics.changes(session, room.assignment, read_rubric(text).model_dump(mode="json"))


def scores(session, room):
    return {line.student: line.score for line in gradebook(session, room.assignment)}


def test_preview_says_whose_points_change(session, graded_class):
    assert scores(session, graded_class) == {"Ana": 6, "Ben": 5, "Eka": 4.5, "Ivo": 3, "Zoe": 2}
    text = set_item(text_of(graded_class), "why", "vague", points=-2)
    found = changes(session, graded_class, text)
    assert [(c.student, c.question, c.before, c.after, c.total_before, c.total_after) for c in found] == [
        ("Ben", "why", 2, 1, 5, 4),
        ("Eka", "why", 1.5, 0.5, 4.5, 3.5),
    ]
    assert scores(session, graded_class)["Ben"] == 5, "a preview changes nothing"


def test_the_largest_change_comes_first(session, graded_class):
    text = set_item(text_of(graded_class), "why", "short", points=-2)
    text = set_item(text, "why", "wrong", points=-1)
    assert [c.student for c in changes(session, graded_class, text)] == ["Ivo", "Eka"]


def test_what_was_previewed_is_what_comes(session, graded_class):
    text = set_question(merge_items(text_of(graded_class), "why", "short", "vague"), "example", points=2)
    expected = {c.student: c.total_after for c in changes(session, graded_class, text)}
    apply(session, graded_class, text)
    assert expected.items() <= scores(session, graded_class).items()
    for submission in graded_class.marked.values():
        sheet = score_sheet(session, submission)
        row = next(row for row in overview(session, graded_class.assignment) if row.id == submission.id)
        assert (sheet.score, sheet.max_score) == (row.score, row.max_score)


def test_a_deleted_item_counts_nothing_until_it_comes_back(session, graded_class):
    before = text_of(graded_class)
    apply(session, graded_class, delete_item(before, "why", "vague"))
    assert scores(session, graded_class)["Ben"] == 6
    assert session.scalar(select(func.count()).select_from(Mark).where(Mark.item == "vague", Mark.applied)) == 2
    apply(session, graded_class, before)
    assert scores(session, graded_class)["Ben"] == 5


def test_a_merged_item_counts_where_either_was_applied(session, graded_class):
    apply(session, graded_class, merge_items(text_of(graded_class), "why", "vague", "short"))
    assert scores(session, graded_class) == {"Ana": 6, "Ben": 5.5, "Eka": 5.5, "Ivo": 3, "Zoe": 2}


def test_a_split_item_lists_the_answers_to_look_at_again(session, graded_class):
    text = split_item(text_of(graded_class), "why", "vague", new="half", points=-0.5, label="Half vague", keeps=-1)
    assert changes(session, graded_class, text) == []
    version = apply(session, graded_class, text)
    records = class_records(session, graded_class.assignment)
    again = rubrics.answers_with(records, version.document, "why", "vague")
    assert [line.student for line in again] == ["Ben", "Eka"]
    assert rubrics.answers_with(records, version.document, "why", "half") == []


def test_counts_follow_merges(session, graded_class):
    version = apply(session, graded_class, merge_items(text_of(graded_class), "why", "short", "vague"))
    counts = rubrics.applied_counts(class_records(session, graded_class.assignment), version.document)
    assert counts == {("why", "vague"): 2, ("why", "wrong"): 1, ("example", "given"): 4}
    assert rubrics.used_item_ids(session, graded_class.assignment, "why") == {"wrong", "vague", "short"}


def test_every_change_is_noted_with_its_difference(session, graded_class):
    before = graded_class.assignment.rubric_version
    after = apply(session, graded_class, set_item(before.yaml_text, "why", "vague", points=-2))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "rubric")).one()
    assert (entry.by_id, entry.before, entry.after["sha256"]) == (
        graded_class.ta.id, {"sha256": before.sha256}, after.sha256,
    )  # fmt: skip
    assert entry.after["changes"] == ["why: “Too vague” counts −2 instead of −1"]
    (step,) = rubrics.versions(session, graded_class.assignment)
    assert (step.before.id, step.after.id, step.by.name) == (before.id, after.id, "Tal")
    assert step.sentences == tuple(entry.after["changes"]) and len(step.lines) > 3


def test_going_back_to_an_earlier_version(session, graded_class):
    first = graded_class.assignment.rubric_version
    second = apply(session, graded_class, set_item(first.yaml_text, "why", "vague", points=-2))
    rubrics.apply_edit(session, graded_class.assignment, first.yaml_text, second.sha256, graded_class.ta)
    assert graded_class.assignment.rubric_version.id == first.id and scores(session, graded_class)["Ben"] == 5
    assert [step.after.id for step in rubrics.versions(session, graded_class.assignment)] == [first.id, second.id]


def test_the_same_text_again_is_no_change(session, graded_class):
    apply(session, graded_class, text_of(graded_class))
    assert rubrics.versions(session, graded_class.assignment) == []


def test_an_outdated_edit_is_refused_and_shows_what_is_there(session, graded_class):
    first = graded_class.assignment.rubric_version
    second = apply(session, graded_class, set_item(first.yaml_text, "why", "vague", points=-2))
    with pytest.raises(EditConflict) as caught:
        mine = set_item(first.yaml_text, "why", "short", points=-1)
        rubrics.apply_edit(session, graded_class.assignment, mine, first.sha256, graded_class.ta)
    assert caught.value.current.id == second.id == graded_class.assignment.rubric_version_id


def test_of_two_who_edit_at_once_one_is_refused(database, class_tools):
    with transaction() as session:
        room = class_tools.make_class(session)
    seen, text = room.assignment.rubric_version.sha256, room.assignment.rubric_version.yaml_text
    with transaction() as one:
        mine = one.get_one(Assignment, room.assignment.id)
        rubrics.apply_edit(one, mine, set_item(text, "why", "vague", points=-2), seen, one.get_one(User, room.ta.id))
        with transaction() as other:
            assert other.get_one(Assignment, room.assignment.id).rubric_version.sha256 == seen
    with pytest.raises(EditConflict), transaction() as other:
        theirs = other.get_one(Assignment, room.assignment.id)
        by = other.get_one(User, room.ta.id)
        rubrics.apply_edit(other, theirs, set_item(text, "why", "short", points=-1), seen, by)


def test_changed_checks_need_grading_again(session, graded_class):
    text = text_of(graded_class).replace("of: relu", "of: relu, rtol: 1.0e-3")
    with pytest.raises(BadInput, match=r"checks of relu changed.*graded again"):
        apply(session, graded_class, text)


def test_no_edit_while_the_class_is_graded_again(session, graded_class):
    version = graded_class.assignment.rubric_version
    run = RegradeRun(assignment_id=graded_class.assignment.id, rubric_version_id=version.id, by_id=graded_class.ta.id)
    session.add(run)
    text = set_item(version.yaml_text, "why", "vague", points=-2)
    with pytest.raises(BadInput, match="accept or discard"):
        apply(session, graded_class, text)
    run.state = RunState.DISCARDED
    assert apply(session, graded_class, text)


@pytest.mark.parametrize(
    ("old", "new", "error"), [("points: 3", "points: x", RubricError), ("assignment: nets", "assignment: c", BadInput)]
)
def test_what_is_no_rubric_of_this_assignment_is_refused(session, graded_class, old, new, error):
    with pytest.raises(error):
        apply(session, graded_class, text_of(graded_class).replace(old, new))
    assert scores(session, graded_class)["Ben"] == 5
