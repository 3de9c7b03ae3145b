"""The audit log of an assignment: who changed what, and how it was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from grader.core.difference import Change, differences
from grader.db.log import LogChoices, LogFilter, LogLine, log_choices, log_lines
from grader.db.tables import Assignment
from grader.web.access import assignment_for
from grader.web.api.submissions import LARGEST
from grader.web.contexts import Page
from grader.web.deps import Db, PageUser
from grader.web.rendering import render

router = APIRouter()
PAGE = 50
_LONG = 400  # characters of a value that are shown at once


@dataclass(frozen=True)
class ShownEntry:
    """An entry with what changed; `student` is empty where marking is anonymous. `question` is its title."""

    line: LogLine
    student: str
    question: str
    changes: Sequence[Change]


@dataclass(frozen=True)
class LogPage(Page):
    """`wanted` is the filter; `older` the address of the following page; `titles` the questions' by id."""

    assignment: Assignment
    entries: Sequence[ShownEntry]
    wanted: LogFilter
    choices: LogChoices
    titles: Mapping[str, str]
    older: str | None
    first: bool


@router.get("/assignments/{slug}/log")
def show_log(
    slug: str, request: Request, db: Db, user: PageUser,
    student: str = "", submission: str = "", question: str = "", action: str = "", by: str = "", before: str = "",
) -> Response:  # fmt: skip
    assignment, _ = assignment_for(db, user, slug, staff=True)
    student = "" if assignment.anonymous else student.strip()[:200]  # a search by name would undo it
    wanted = LogFilter(student, _number(submission), question, action, _number(by))
    found = log_lines(db, assignment, wanted, before_id=_number(before), limit=PAGE + 1)
    questions = assignment.rubric_version.document["questions"]
    page = LogPage(
        assignment=assignment, entries=[_shown(line, questions, assignment) for line in found[:PAGE]], wanted=wanted,
        choices=log_choices(db, assignment), titles={question["id"]: question["title"] for question in questions},
        older=_link(slug, wanted, found[PAGE - 1].entry.id) if len(found) > PAGE else None, first=not before,
    )  # fmt: skip
    return render(request, "log.html", page)


def _shown(line: LogLine, questions: Sequence[Mapping], assignment: Assignment) -> ShownEntry:
    entry = line.entry
    asked = next((question for question in questions if question["id"] == entry.question), {})
    labels = {item["id"]: item["label"] for item in asked.get("items") or ()}
    changes = [_cut(change) for change in differences(entry.before, entry.after, labels)]
    name = "" if assignment.anonymous else line.student or ""
    return ShownEntry(line, name, asked.get("title", entry.question or ""), changes)


def _cut(change: Change) -> Change:
    return Change(change.name, _short(change.before), _short(change.after))


def _short(text: str | None) -> str | None:
    return f"{text[:_LONG]}…" if text and len(text) > _LONG else text


def _number(text: str) -> int | None:
    """A form sends an empty field as an empty text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LARGEST else None


def _link(slug: str, wanted: LogFilter, before: int) -> str:
    query = {
        "student": wanted.student, "submission": wanted.submission, "question": wanted.question,
        "action": wanted.action, "by": wanted.by, "before": before,
    }  # fmt: skip
    return f"/assignments/{slug}/log?" + urlencode({name: value for name, value in query.items() if value})
