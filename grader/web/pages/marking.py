"""Saving one question's marks from the form, for browsers without JavaScript (with it, the API is asked)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db.decisions import decide
from grader.db.kinds import ReviewVia
from grader.errors import BadInput, EditConflict
from grader.web.access import submission_for
from grader.web.api.submissions import Id
from grader.web.decision_form import kept, read_decision
from grader.web.deps import Db, PageForm, PageUser, SettingsDep
from grader.web.pages.staff import review_page
from grader.web.rendering import render

router = APIRouter()


@router.post("/submissions/{submission_id}/review/{question}")
def save_marks(
    submission_id: Id, question: str, request: Request, db: Db, user: PageUser, form: PageForm, settings: SettingsDep
) -> Response:
    submission, _ = submission_for(db, user, submission_id, staff=True)
    try:
        decision = read_decision(form)
        decide(
            db, submission=submission, question=question, decision=decision,
            version=str(form.get("version", "")), by=user, via=ReviewVia.PAGE,
        )  # fmt: skip
    except EditConflict as error:
        page = review_page(db, submission, settings=settings, conflict=kept(form, question, error.current))
        return render(request, "staff_submission.html", page, status=409)
    except BadInput as error:
        page = review_page(db, submission, settings=settings, error=f"{question}: {error}.")
        return render(request, "staff_submission.html", page, status=422)
    return RedirectResponse(f"/submissions/{submission_id}/review#q-{question}", 303)
