"""The session cookie (a token of purpose `session`), and the visit cookie that protects the sign-in form."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response

from grader.settings import Settings

SESSION = "grader_session"
VISIT = "grader_visit"


def session_cookie(request: Request) -> str:
    return request.cookies.get(SESSION, "")


def visit_cookie(request: Request) -> str:
    return request.cookies.get(VISIT, "")


def new_visit(request: Request) -> str:
    """Give an anonymous visitor an identity for CSRF tokens; to be sent with `set_visit`."""
    value = secrets.token_urlsafe(24)
    request.cookies[VISIT] = value
    return value


def set_visit(response: Response, settings: Settings, value: str) -> None:
    _set(response, settings, VISIT, value, hours=2)


def set_session(response: Response, settings: Settings, plaintext: str) -> None:
    """Sign in: always a fresh token, so that a cookie planted before is worth nothing."""
    _set(response, settings, SESSION, plaintext, hours=settings.session_hours)
    response.delete_cookie(VISIT, path="/")


def clear_session(response: Response) -> None:
    response.delete_cookie(SESSION, path="/")


def _set(response: Response, settings: Settings, name: str, value: str, *, hours: int) -> None:
    response.set_cookie(
        name, value, max_age=hours * 3600, path="/", httponly=True, samesite="lax",
        secure=settings.base_url.startswith("https://"),
    )  # fmt: skip
