"""Asking the language model from the desk; the opinion stands beside the answer once a worker has got it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from grader.web.access import submission_for
from grader.web.api.opinions import ask_about
from grader.web.api.submissions import Id
from grader.web.deps import Db, PageForm, PageUser, SettingsDep
from grader.web.desk import desk_url

router = APIRouter()


@router.post("/submissions/{submission_id}/opinions/{question}")
def ask(submission_id: Id, question: str, db: Db, user: PageUser, form: PageForm, settings: SettingsDep) -> Response:
    submission, _ = submission_for(db, user, submission_id, staff=True)
    sent = ask_about(submission, question, settings)
    said = "asked" if sent else "not-asked"
    return RedirectResponse(f"{desk_url(submission.assignment, question, submission_id)}?said={said}#opinion", 303)
