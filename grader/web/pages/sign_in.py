"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db.tables import TokenPurpose
from grader.db.tokens import create_token, revoke_token
from grader.db.users import authenticate
from grader.errors import NotSignedIn, TooManyTries
from grader.web.contexts import LoginPage
from grader.web.deps import Db, PageForm, SettingsDep, Visitor, next_path
from grader.web.rendering import render
from grader.web.security.cookies import clear_session, new_visit, session_cookie, set_session, set_visit, visit_cookie

router = APIRouter()


@router.get("/login")
def login_form(request: Request, visitor: Visitor, settings: SettingsDep, next: str = "/") -> Response:
    if visitor is not None:
        return RedirectResponse(next_path(next), 303)
    request.cookies.pop("grader_session", None)  # expired, or never one of ours
    visit = visit_cookie(request) or new_visit(request)
    response = render(request, "login.html", LoginPage(next=next_path(next)))
    clear_session(response)
    set_visit(response, settings, visit)
    return response


@router.post("/login")
def login(request: Request, db: Db, form: PageForm, settings: SettingsDep) -> Response:
    email, target = str(form.get("email", "")), next_path(form.get("next"))
    try:
        user = authenticate(db, email, str(form.get("password", "")))
    except (NotSignedIn, TooManyTries) as error:
        db.commit()  # the count of wrong passwords
        headers = {"retry-after": str(error.retry_after)} if isinstance(error, TooManyTries) else None
        page = LoginPage(next=target, email=email, error=_sentence(str(error)))
        return render(request, "login.html", page, status=error.status, headers=headers)
    _, plaintext = create_token(db, user, label="sign-in", purpose=TokenPurpose.SESSION, hours=settings.session_hours)
    response = RedirectResponse(target, 303)
    set_session(response, settings, plaintext)
    return response


@router.post("/logout")
def logout(request: Request, db: Db, form: PageForm) -> Response:
    revoke_token(db, session_cookie(request))
    response = RedirectResponse("/login", 303)
    clear_session(response)
    return response


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
