"""What the pages of students and staff have in common: questions with their checks, the history."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from grader.db.events import events_after
from grader.db.scores import QuestionSheet, ScoreSheet, score_sheet
from grader.db.submissions import submissions_of
from grader.db.tables import Assignment, Attempt, User
from grader.web.contexts import HistoryLine, Progress, QuestionView
from grader.web.visible import shown_sheet

HISTORY = 50  # of a student's submissions for one assignment, at most shown


def question_views(
    sheet: ScoreSheet | None, hidden: Mapping[str, str] = {}
) -> tuple[list[QuestionView], list[QuestionView]]:
    """(code questions, written questions). `hidden`: what the reader does not see yet, by question."""
    views = [_view(question, hidden.get(question.result.id, "")) for question in sheet.questions] if sheet else []
    written = [view for view in views if view.sheet.written]
    return [view for view in views if not view.sheet.written], written


def _view(question: QuestionSheet, hidden: str) -> QuestionView:
    checks = question.result.checks
    edge = [check for check in checks if check.scope == "edge"]
    return QuestionView(
        sheet=question,
        core=[check for check in checks if check.scope == "core"],
        edge=edge,
        edge_informs=not any(check.max_points for check in edge),
        hidden=hidden,
    )


def history(session: Session, user: User, assignment: Assignment, *, staff: bool = False) -> list[HistoryLine]:
    """A student's submissions, newest first, numbered from 1, each with its score as staff or the student may see it."""
    found = submissions_of(session, user, assignment)
    return [
        HistoryLine(
            len(found) - index, submission, shown_sheet(score_sheet(session, submission), assignment, staff=staff)
        )
        for index, submission in enumerate(found[:HISTORY])
    ]


def progress_of(session: Session, attempt: Attempt) -> Progress:
    events = events_after(session, attempt.id)
    if not events:
        return Progress("Waiting for a worker", None, None, 0)
    newest = events[-1]
    return Progress(newest.text, newest.done, newest.total, newest.seq)
