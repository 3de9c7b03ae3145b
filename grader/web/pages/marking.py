"""Saving one question's marks from the form, for browsers without JavaScript (with it, the API is asked)."""

from __future__ import annotations

import math

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db.decisions import decide
from grader.db.kinds import ReviewVia
from grader.db.reviews import Decision, ItemDecision
from grader.errors import BadInput, EditConflict
from grader.web.access import submission_for
from grader.web.api.submissions import Id
from grader.web.contexts import Conflict
from grader.web.deps import Db, PageForm, PageUser
from grader.web.pages.staff import review_page
from grader.web.rendering import render

router = APIRouter()


@router.post("/submissions/{submission_id}/review/{question}")
def save_marks(submission_id: Id, question: str, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    submission, _ = submission_for(db, user, submission_id, staff=True)
    try:
        decision = _decision(form)
        decide(
            db, submission=submission, question=question, decision=decision,
            version=str(form.get("version", "")), by=user, via=ReviewVia.PAGE,
        )  # fmt: skip
    except EditConflict as error:
        page = review_page(db, submission, conflict=_conflict(form, question, error))
        return render(request, "staff_submission.html", page, status=409)
    except BadInput as error:
        page = review_page(db, submission, error=f"{question}: {error}.")
        return render(request, "staff_submission.html", page, status=422)
    return RedirectResponse(f"/submissions/{submission_id}/review#q-{question}", 303)


def _decision(form: FormData) -> Decision:
    applied = {str(item) for item in form.getlist("item")}
    comments = _comments(form)
    items = {item: ItemDecision(item in applied, comments.get(item, "")) for item in applied | set(comments)}
    return Decision(items=items, points=_points(form), comment=str(form.get("comment", "")))


def _comments(form: FormData) -> dict[str, str]:
    prefix = "comment:"
    return {name.removeprefix(prefix): str(text) for name, text in form.items() if name.startswith(prefix)}


def _points(form: FormData) -> float | None:
    text = str(form.get("points", "")).strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
    if not text:
        return None
    try:
        points = float(text)
    except ValueError:
        raise BadInput(f"{text[:40]!r} is not a number of points") from None
    if not math.isfinite(points):
        raise BadInput("an adjustment must be a finite number of points")
    return points


def _conflict(form: FormData, question: str, error: EditConflict) -> Conflict:
    sheet = error.current
    people = [mark.by.name for mark in sheet.marks.values() if mark.by]
    if sheet.adjustment:
        people.append(sheet.adjustment.by.name)
    return Conflict(
        question=question,
        applied=frozenset(str(item) for item in form.getlist("item")),
        item_comments=_comments(form),
        points=str(form.get("points", "")),
        comment=str(form.get("comment", "")),
        changed_by=", ".join(sorted(set(people))) or "somebody else",
    )
