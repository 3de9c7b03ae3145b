"""The list of assignments, one assignment with its hand-in form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db.courses import STAFF, assignments_for
from grader.db.session import transaction
from grader.db.tables import Assignment, Role, TokenPurpose, User
from grader.errors import BadInput
from grader.ingest.errors import IngestError
from grader.settings import Settings
from grader.web.access import assignment_for
from grader.web.contexts import (
    AssignmentLine,
    AssignmentPage,
    AssignmentsPage,
    CodeQuestion,
    ReceiptPage,
    WrittenQuestion,
)
from grader.web.deps import Db, PageUser, SettingsDep, optional_user
from grader.web.graph_drawing import to_fill_in
from grader.web.graph_form import graph_fields, with_graphs
from grader.web.handin import Sender, hand_in, may_hand_in, read_form
from grader.web.rendering import render
from grader.web.security.cookies import session_cookie
from grader.web.security.csrf import FIELD, check_csrf
from grader.web.views import history

router = APIRouter()
_ANSWER = "answer:"  # the name of an answer's field is this and the question's id


@router.get("/")
def list_assignments(request: Request, db: Db, user: PageUser) -> Response:
    lines = [_line(db, user, assignment, role) for assignment, role in assignments_for(db, user)]
    return render(request, "assignments.html", AssignmentsPage(lines))


@router.get("/assignments/{slug}")
def show_assignment(slug: str, request: Request, db: Db, user: PageUser, settings: SettingsDep) -> Response:
    assignment, role = assignment_for(db, user, slug)
    return render(request, "assignment.html", _page(db, user, assignment, role, settings))


@router.post("/assignments/{slug}/hand-in")
async def hand_in_form(slug: str, request: Request, settings: SettingsDep) -> Response:
    """The upload form. A refused upload is shown with the reason, and the answers that were typed are not lost."""
    sender = Sender(session_cookie(request), TokenPurpose.SESSION, "page")
    await run_in_threadpool(may_hand_in, slug, sender)
    async with read_form(request, settings) as form:
        check_csrf(request, settings, str(form.get(FIELD, "")))
        answers, graphs = _answers(form), graph_fields(form.multi_items())
        try:
            handed_in = await hand_in(form, with_graphs(answers, graphs), slug, sender, settings)
        except (BadInput, IngestError) as error:
            return await run_in_threadpool(_refused, request, slug, settings, error, answers, graphs)
    if handed_in.receipt:  # shown at once: while the database is away no other page can be
        return render(request, "receipt.html", ReceiptPage(str(handed_in.receipt)), status=202)
    return RedirectResponse(f"/submissions/{handed_in.submission_id}" + ("" if handed_in.created else "?again=1"), 303)


def _answers(form: FormData) -> dict[str, str]:
    """What was typed, by question id."""
    return {
        name.removeprefix(_ANSWER): value
        for name, value in form.multi_items()
        if name.startswith(_ANSWER) and isinstance(value, str)
    }


def _refused(
    request: Request, slug: str, settings: Settings, error: Exception, answers: dict[str, str], graphs: dict[str, str]
) -> Response:  # fmt: skip
    with transaction() as session:
        user = optional_user(request, session)
        assignment, role = assignment_for(session, user, slug)
        said = _sentence(str(error))
        page = _page(session, user, assignment, role, settings, error=said, answers=answers, graphs=graphs)
        return render(request, "assignment.html", page, status=getattr(error, "status", 422))


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _line(db: Session, user: User, assignment: Assignment, role: Role) -> AssignmentLine:
    found = history(db, user, assignment)
    return AssignmentLine(
        assignment=assignment, role=role, is_staff=role in STAFF,
        newest=found[0].submission if found else None, sheet=found[0].sheet if found else None,
        submissions=len(found),
    )  # fmt: skip


def _page(
    db: Session, user: User, assignment: Assignment, role: Role, settings: Settings, *,
    error: str = "", answers: Mapping[str, str] = {}, graphs: Mapping[str, str] = {},
) -> AssignmentPage:  # fmt: skip
    document = assignment.rubric_version.document
    questions = document["questions"]
    layout = (document.get("code") or {}).get("layout") or {}
    return AssignmentPage(
        assignment=assignment,
        is_staff=role in STAFF,
        is_open=not assignment.opens_at or assignment.opens_at <= datetime.now(UTC),
        code=[CodeQuestion(q["id"], q["title"], q["points"]) for q in questions if not q.get("items")],
        written=[
            WrittenQuestion(
                q["id"], q["title"], q["points"], (q.get("answer") or {}).get("prompt") or "", to_fill_in(q, graphs)
            )
            for q in questions
            if q.get("items")
        ],
        code_files=[f"{layout['package']}/{file}" for file in layout.get("files", ())] if layout else [],
        max_score=sum(q["points"] for q in questions),
        history=history(db, user, assignment),
        upload_limit=settings.upload_limit,
        error=error,
        answers=dict(answers),
        typed=any(answers.values()) or any(graphs.values()),
    )
