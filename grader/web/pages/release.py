"""Publishing the marks: what is still open, what students see, second looks, exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db.gradebook import gradebook
from grader.db.release import ReleaseState, Terms, publish, release_state, set_terms, unpublish
from grader.db.tables import Assignment, Role
from grader.errors import BadInput
from grader.web.access import assignment_for, instructors_assignment
from grader.web.contexts import Page
from grader.web.deps import Db, PageForm, PageUser
from grader.web.rendering import render
from grader.web.visible import hidden_checks, is_published

router = APIRouter()


@dataclass(frozen=True)
class ReleasePage(Page):
    """`may_release`: the reader is an instructor. `hidden` counts the checks of each visibility that now hides them."""

    assignment: Assignment
    state: ReleaseState
    published: bool
    may_release: bool
    hidden: dict[str, int]
    until: str
    error: str = ""


@router.get("/assignments/{slug}/release")
def show_release(slug: str, request: Request, db: Db, user: PageUser) -> Response:
    assignment, role = assignment_for(db, user, slug, staff=True)
    return render(request, "release.html", _page(db, assignment, role))


@router.post("/assignments/{slug}/release/publish")
def publish_marks(slug: str, db: Db, user: PageUser, form: PageForm) -> Response:
    publish(db, instructors_assignment(db, user, slug), user)
    return _back(slug)


@router.post("/assignments/{slug}/release/unpublish")
def unpublish_marks(slug: str, db: Db, user: PageUser, form: PageForm) -> Response:
    unpublish(db, instructors_assignment(db, user, slug), user)
    return _back(slug)


@router.post("/assignments/{slug}/release/settings")
def save_settings(slug: str, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    assignment = instructors_assignment(db, user, slug)
    try:
        set_terms(db, assignment, _terms(form), user)
    except BadInput as error:
        page = _page(db, assignment, Role.INSTRUCTOR, error=str(error))
        return render(request, "release.html", page, status=error.status)
    return _back(slug)


def _page(db: Session, assignment: Assignment, role: Role, error: str = "") -> ReleasePage:
    until = assignment.regrades_until
    return ReleasePage(
        assignment=assignment,
        state=release_state(db, assignment, gradebook(db, assignment)),
        published=is_published(assignment),
        may_release=role is Role.INSTRUCTOR,
        hidden=hidden_checks(assignment),
        until=f"{until.astimezone(UTC):%Y-%m-%dT%H:%M}" if until else "",
        error=error,
    )


def _terms(form: FormData) -> Terms:
    quota, until = str(form.get("quota", "")).strip(), str(form.get("until", "")).strip()
    if not (quota.isascii() and quota.isdigit()):
        raise BadInput(f"the number of requests must be a whole number, not {quota[:40]!r}")
    return Terms(int(quota[:10]), parse_moment(until), anonymous="anonymous" in form)


def parse_moment(text: str) -> datetime | None:
    """A time as a form sends it (`2026-12-01T23:59`), in UTC; None for nothing. Raises BadInput."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text[:40]!r} is no date and time; write it as 2026-12-01T23:59") from None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _back(slug: str) -> Response:
    return RedirectResponse(f"/assignments/{slug}/release", 303)
