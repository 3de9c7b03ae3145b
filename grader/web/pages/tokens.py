"""A user's tokens for the command line and for programs."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db.tokens import create_token, revoke_token_by_id, tokens_of
from grader.web.api.submissions import Id
from grader.web.contexts import TokensPage
from grader.web.deps import Db, PageForm, PageUser
from grader.web.rendering import render

router = APIRouter()


@router.get("/tokens")
def list_tokens(request: Request, db: Db, user: PageUser) -> Response:
    return render(request, "tokens.html", TokensPage(tokens_of(db, user)))


@router.post("/tokens")
def make_token(request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    label = str(form.get("label", "")).strip()[:100] or "unnamed"
    token, plaintext = create_token(db, user, label=label)
    db.refresh(token)
    return render(request, "tokens.html", TokensPage(tokens_of(db, user), fresh=plaintext), status=201)


@router.post("/tokens/{token_id}/revoke")
def revoke(token_id: Id, db: Db, user: PageUser, form: PageForm) -> Response:
    revoke_token_by_id(db, user, token_id)
    return RedirectResponse("/tokens", 303)
