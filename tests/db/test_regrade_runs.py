"""A whole class graded again beside what counts: differences first, then accepted, discarded or taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grader.core.rubric_edit import set_item
from grader.core.submission import AttemptState
from grader.db import attempts, regrade_runs, rubrics
from grader.db.gradebook import gradebook
from grader.db.kinds import Lane, RunState
from grader.db.regrade_differences import differences
from grader.db.review_tables import AuditEntry, Mark, Suggestion
from grader.db.scores import score_sheet
from grader.db.tables import Attempt
from grader.errors import BadInput, EditConflict


@pytest.fixture
def version(session, graded_class):
    """ReLU is worth 4 instead of 2 points."""
    text = graded_class.assignment.rubric_version.yaml_text
    text = text.replace("    points: 2\n", "    points: 4\n").replace("values, points: 2", "values, points: 4")
    return rubrics.draft(session, graded_class.assignment, text)


@pytest.fixture
def run(session, graded_class, version):
    return regrade_runs.open_run(session, graded_class.assignment, version, graded_class.ta)


@pytest.fixture
def finish(session, class_tools, version):
    """`finish(run, failing={submission id})` grades what is queued of a run: everybody gets 3 points for ReLU."""

    def grade_all(run, earned=3.0, failing=()):
        for attempt_id, _ in regrade_runs.to_send(session, run):
            attempt = session.get_one(Attempt, attempt_id)
            if attempt.submission_id in failing:
                lease = attempts.take(session, attempt_id, worker="test", lease_seconds=60)
                assert attempts.give_back(session, lease, "the sandbox fell over", max_tries=1)
                continue
            text = attempt.submission.answers[0].text
            class_tools.grade(session, attempt_id, class_tools.result_of(version.document, earned, why=text))

    return grade_all


def scores(session, room):
    session.expire_all()
    return {line.student: line.score for line in gradebook(session, room.assignment)}


BEFORE = {"Ana": 6, "Ben": 5, "Eka": 4.5, "Ivo": 3, "Zoe": 2}
AFTER = {name: score + 1 for name, score in BEFORE.items()}


def test_a_run_opens_attempts_that_do_not_count(session, graded_class, run, finish):
    progress = regrade_runs.progress(session, run)
    assert (progress.queued, progress.total, progress.is_done) == (5, 5, False)
    assert {lane for _, lane in regrade_runs.to_send(session, run)} == {Lane.BULK}
    finish(run)
    assert regrade_runs.progress(session, run).graded == 5 and scores(session, graded_class) == BEFORE
    for submission in graded_class.marked.values():
        session.refresh(submission)
        assert submission.newest_attempt.run_id is None
        assert attempts.latest_graded(submission.attempts).run_id is None
        assert len(submission.attempts) == 2


def test_the_differences_are_what_accepting_brings(session, graded_class, run, finish):
    finish(run)
    found = {it.student: it for it in differences(session, run)}
    assert {name: (it.before, it.after) for name, it in found.items()} == {
        name: (BEFORE[name], AFTER[name]) for name in BEFORE
    }
    assert [(q.question, q.before, q.after) for q in found["Ben"].questions] == [("relu", 2, 3)]
    regrade_runs.accept(session, run, graded_class.ta)
    assert scores(session, graded_class) == AFTER
    assert {it.student: (it.before, it.after) for it in differences(session, run)} == {
        name: (BEFORE[name], AFTER[name]) for name in BEFORE
    }, "also to be looked at later"
    sheet = score_sheet(session, graded_class.marked["Ben"])
    assert (sheet.score, sheet.max_score) == (6, 8)


def test_marks_of_tas_stay(session, graded_class, run, finish):
    before = {(m.submission_id, m.item, m.applied, m.version) for m in session.scalars(select(Mark))}
    finish(run)
    regrade_runs.accept(session, run, graded_class.ta)
    session.expire_all()
    assert {(m.submission_id, m.item, m.applied, m.version) for m in session.scalars(select(Mark))} == before


def test_accepting_takes_the_rubric_and_is_noted(session, graded_class, run, finish, version):
    first = graded_class.assignment.rubric_version
    finish(run)
    regrade_runs.accept(session, run, graded_class.ta)
    assert graded_class.assignment.rubric_version_id == version.id and run.state == RunState.ACCEPTED
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "regrade run").order_by(-AuditEntry.id)
    ).first()
    assert entry.after == {"run": run.id, "state": "accepted", "rubric": version.sha256}
    assert entry.before == {"rubric": first.sha256} and entry.by_id == graded_class.ta.id
    (step,) = rubrics.versions(session, graded_class.assignment)
    assert "The checks of relu changed" in step.sentences


def test_it_cannot_be_accepted_before_it_is_done(session, graded_class, run):
    with pytest.raises(BadInput, match="5 of 5 submissions are still being graded"):
        regrade_runs.accept(session, run, graded_class.ta)


def test_what_failed_keeps_the_attempt_that_counted(session, graded_class, run, finish):
    ben = graded_class.marked["Ben"]
    finish(run, failing={ben.id})
    found = {it.student: it for it in differences(session, run)}
    assert found["Ben"].state == AttemptState.FAILED and regrade_runs.progress(session, run).failed == 1
    regrade_runs.accept(session, run, graded_class.ta)
    assert scores(session, graded_class) == AFTER | {"Ben": found["Ben"].after}
    session.refresh(ben)
    assert ben.newest_attempt.state == AttemptState.GRADED, "the failed one does not show"


def test_discarding_leaves_everything(session, graded_class, run, finish):
    (first, _), *_ = regrade_runs.to_send(session, run)
    regrade_runs.discard(session, run, graded_class.ta)
    assert attempts.take(session, first, worker="test", lease_seconds=60) is None, "what waited is called off"
    assert scores(session, graded_class) == BEFORE and run.state == RunState.DISCARDED
    assert regrade_runs.open_run_of(session, graded_class.assignment) is None
    with pytest.raises(EditConflict, match="is discarded"):
        regrade_runs.accept(session, run, graded_class.ta)


def test_taking_an_accepted_run_back(session, graded_class, run, finish):
    first = graded_class.assignment.rubric_version
    finish(run)
    regrade_runs.accept(session, run, graded_class.ta)
    regrade_runs.undo(session, run, graded_class.ta)
    assert scores(session, graded_class) == BEFORE and graded_class.assignment.rubric_version_id == first.id
    assert run.state == RunState.RUNNING and run.closed_at is None
    regrade_runs.accept(session, run, graded_class.ta)
    assert scores(session, graded_class) == AFTER, "and once more"
    regrade_runs.undo(session, run, graded_class.ta)
    regrade_runs.discard(session, run, graded_class.ta)
    with pytest.raises(EditConflict, match="is discarded"):
        regrade_runs.undo(session, run, graded_class.ta)


def test_only_the_newest_run_is_taken_back(session, graded_class, run, finish, version):
    finish(run)
    regrade_runs.accept(session, run, graded_class.ta)
    newer = regrade_runs.open_run(session, graded_class.assignment, version, graded_class.ta)
    with pytest.raises(BadInput, match="only the newest"):
        regrade_runs.undo(session, run, graded_class.ta)
    finish(newer, earned=4.0)
    regrade_runs.accept(session, newer, graded_class.ta)
    assert scores(session, graded_class)["Ana"] == 8
    assert [it.id for it in regrade_runs.runs(session, graded_class.assignment)] == [newer.id, run.id]


def test_one_run_at_a_time_and_no_edit_meanwhile(session, graded_class, run, version):
    with pytest.raises(BadInput, match="graded again already"):
        regrade_runs.open_run(session, graded_class.assignment, version, graded_class.ta)
    present = graded_class.assignment.rubric_version
    with pytest.raises(BadInput, match="accept or discard"):
        text = set_item(present.yaml_text, "why", "vague", points=-2)
        rubrics.apply_edit(session, graded_class.assignment, text, present.sha256, graded_class.ta)


def test_a_rubric_changed_behind_the_runs_back_is_not_lost(session, graded_class, run, finish):
    finish(run)
    present = graded_class.assignment.rubric_version
    other = rubrics.draft(session, graded_class.assignment, present.yaml_text + "# by the command line\n")
    graded_class.assignment.rubric_version = other
    with pytest.raises(EditConflict, match="changed since this run began"):
        regrade_runs.accept(session, run, graded_class.ta)


def test_what_came_in_meanwhile_is_graded_by_it_too(session, graded_class, run, finish, class_tools, version):
    old = graded_class.assignment.rubric_version.document
    late = class_tools.hand_in(session, graded_class.assignment, graded_class.marked["Ana"].user, "Once more")
    class_tools.grade(session, late.attempts[-1].id, class_tools.result_of(old, why="Once more"))
    ben = graded_class.marked["Ben"]
    again = attempts.open_regrade(session, ben)
    class_tools.grade(session, again.id, class_tools.result_of(old, why="Ben says why"))
    finish(run)
    opened = regrade_runs.accept(session, run, graded_class.ta)
    chosen = [session.get_one(Attempt, attempt_id) for attempt_id, _ in opened]
    assert sorted(attempt.submission_id for attempt in chosen) == sorted([late.id, ben.id])
    assert all(attempt.counts and attempt.rubric_version_id == version.id for attempt in chosen)
    finish(run)
    session.expire_all()
    assert scores(session, graded_class)["Ben"] == AFTER["Ben"]
    regrade_runs.undo(session, run, graded_class.ta)
    assert scores(session, graded_class)["Ben"] == BEFORE["Ben"]


def test_suggestions_follow_what_counts(session, graded_class, run, class_tools, version):
    def stored():
        session.expire_all()
        row = session.get(Suggestion, (graded_class.marked["Ben"].id, "why"))
        return row.items["vague"]["suggested"]

    before = stored()
    for attempt_id, _ in regrade_runs.to_send(session, run):
        text = session.get_one(Attempt, attempt_id).submission.answers[0].text
        result = class_tools.result_of(version.document, 3.0, why=text).model_dump()
        result["questions"][1]["items"][1]["suggested"] = "deduct"
        class_tools.grade(session, attempt_id, type(class_tools.result_of(version.document)).model_validate(result))
    assert stored() == before == "unknown", "a run that is not accepted suggests nothing"
    regrade_runs.accept(session, run, graded_class.ta)
    assert stored() == "deduct"
    regrade_runs.undo(session, run, graded_class.ta)
    assert stored() == "unknown"


def test_all_submissions_or_the_newest(session, graded_class, class_tools, version):
    class_tools.hand_in(session, graded_class.assignment, graded_class.marked["Ana"].user, "Once more")
    run = regrade_runs.open_run(session, graded_class.assignment, version, graded_class.ta)
    assert regrade_runs.progress(session, run).total == 5
    regrade_runs.discard(session, run, graded_class.ta)
    run = regrade_runs.open_run(session, graded_class.assignment, version, graded_class.ta, newest_only=False)
    assert regrade_runs.progress(session, run).total == 6


def test_nobody_to_grade(session, make_demo_course):
    demo = make_demo_course(session)
    with pytest.raises(BadInput, match="nobody has handed in"):
        regrade_runs.open_run(session, demo.assignment, demo.assignment.rubric_version, demo.ta)
