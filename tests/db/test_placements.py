"""Placing an answer: who may, what is kept of it, and that its suggestions are made anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from grader.core.submission import Answer
from grader.db import attempts, audit
from grader.db.attempts import open_attempt
from grader.db.kinds import Lane
from grader.db.placements import place_answer, standings
from grader.db.review_tables import Suggestion
from grader.db.scores import score_sheet
from grader.db.submissions import store_submission, submission_by_id
from grader.db.suggestions import answer_sha256
from grader.errors import Forbidden, NotFound

POINTED = Answer("essay", "It does not saturate. זה נכון", "hw.pdf, pages 2, 3", "selected", "hw.pdf", (2, 3))


@pytest.fixture
def demo(session, make_demo_course):
    return make_demo_course(session)


@pytest.fixture
def submission(session, demo):
    unselected = {"essay": Answer("essay", "", "hw.pdf", "unselected", "hw.pdf")}
    stored = store_submission(
        session, user=demo.student, assignment=demo.assignment, files={}, answers=unselected, source="page"
    )
    return submission_by_id(session, stored.submission.id)


def place(session, submission, by, *, staff=False, answer=POINTED):
    return place_answer(session, submission, answer, by=by, staff=staff)


def test_what_was_not_found_and_then_placed(session, demo, submission):
    assert [(it.question, it.found) for it in standings(session, submission)] == [("essay", False)]
    row = place(session, submission, demo.student)
    assert (row.text, row.place, row.document, row.pages) == (POINTED.text, "selected", "hw.pdf", [2, 3])
    assert (row.placed_by_id, row.placed_at is not None) == (demo.student.id, True)
    assert [it.found for it in standings(session, submission)] == [True]


def test_a_page_without_text_is_something_to_mark(session, demo, submission):
    place(session, submission, demo.student, answer=Answer("essay", "", "hw.pdf, page 2", "selected", "hw.pdf", (2,)))
    assert standings(session, submission)[0].found


def test_the_audit_log_knows_before_and_after(session, demo, submission):
    place(session, submission, demo.ta, staff=True)
    [entry] = audit.entries(session, demo.assignment.id)
    assert (entry.action, entry.by_id, entry.submission_id, entry.question) == (
        "answer placed", demo.ta.id, submission.id, "essay",
    )  # fmt: skip
    assert (entry.before["place"], entry.after["place"], entry.after["pages"]) == ("unselected", "selected", [2, 3])
    assert (entry.before["text"], entry.after["text"]) == ("", POINTED.text)


def test_suggestions_are_those_of_the_new_text(session, demo, submission):
    place(session, submission, demo.student)
    assert session.get_one(Suggestion, (submission.id, "essay")).answer_sha256 == answer_sha256(POINTED.text)
    place(session, submission, demo.student, answer=Answer("essay", "other", "hw.md, paragraph 1"))
    session.expire_all()
    assert session.get_one(Suggestion, (submission.id, "essay")).answer_sha256 == answer_sha256("other")


def test_a_grading_that_began_before_does_not_bring_the_old_suggestions_back(session, class_tools):
    demo = class_tools.make_class(session)
    submission = demo.marked["Zoe"]
    attempt = open_attempt(session, submission.id, demo.assignment.rubric_version_id, Lane.INTERACTIVE)
    lease = attempts.take(session, attempt.id, worker="test", lease_seconds=60)
    place(session, submission, submission.user, answer=Answer("why", "because", "hw.md, paragraph 1"))
    document = demo.assignment.rubric_version.document
    assert attempts.finish(session, lease, class_tools.result_of(document, why="Zoe says why"))
    session.expire_all()
    assert session.get_one(Suggestion, (submission.id, "why")).answer_sha256 == answer_sha256("because")


def test_an_answer_that_had_no_row(session, demo):
    stored = store_submission(
        session, user=demo.student, assignment=demo.assignment, files={}, answers={}, source="api"
    )
    place(session, stored.submission, demo.student)
    assert submission_by_id(session, stored.submission.id).answers[0].text == POINTED.text


def test_students_until_the_due_date_staff_always(session, demo, submission):
    demo.assignment.due_at = datetime.now(UTC) - timedelta(minutes=1)
    with pytest.raises(Forbidden, match="due date"):
        place(session, submission, demo.student)
    assert not standings(session, submission)[0].found
    assert place(session, submission, demo.ta, staff=True).text == POINTED.text


def test_students_not_after_a_review(session, graded_class):
    marked, fresh = graded_class.marked["Ana"], graded_class.marked["Zoe"]
    answer = Answer("why", "because", "hw.md, paragraph 1")
    with pytest.raises(Forbidden, match="a TA has marked it"):
        place_answer(session, marked, answer, by=marked.user, staff=False)
    assert [(it.question, it.reviewed) for it in standings(session, marked)] == [("why", True), ("example", True)]
    assert place_answer(session, fresh, answer, by=fresh.user, staff=False).text == "because"
    version = score_sheet(session, marked).question("why").version
    place_answer(session, marked, answer, by=graded_class.ta, staff=True)
    sheet = score_sheet(session, marked).question("why")
    assert sheet.review is not None, "the decision stays"
    assert sheet.version != version, "and who decided on the old text is told"


def test_unknown_questions(session, demo, submission):
    with pytest.raises(NotFound):
        place(session, submission, demo.ta, staff=True, answer=Answer("nothing", "x", "y"))


def test_what_no_column_can_hold(session, demo, submission):
    row = place(session, submission, demo.student, answer=Answer("essay", "a\0b\ud800", "x"))
    assert "\0" not in row.text
