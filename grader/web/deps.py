"""What routes ask for, as named `Annotated` types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request

from grader.db.session import open_session
from grader.db.tables import TokenPurpose, User
from grader.db.tokens import user_of_token
from grader.errors import NotSignedIn
from grader.settings import Settings
from grader.web.security.cookies import session_cookie
from grader.web.security.csrf import FIELD, HEADER, SAFE, check_csrf


def settings(request: Request) -> Settings:
    return request.app.state.settings


def unit_of_work() -> Iterator[Session]:
    """One request, one commit, before the answer goes out: a commit that fails is never answered with 201."""
    session = open_session()
    try:
        yield session
        session.commit()
    finally:
        session.close()


SettingsDep = Annotated[Settings, Depends(settings)]
Db = Annotated[Session, Depends(unit_of_work, scope="function")]


def optional_user(request: Request, db: Db) -> User | None:
    """Whoever the session cookie names."""
    cookie = session_cookie(request)
    user = user_of_token(db, cookie, TokenPurpose.SESSION) if cookie else None
    request.state.user = user
    return user


Visitor = Annotated[User | None, Depends(optional_user)]


def page_user(visitor: Visitor) -> User:
    """Pages: signed in by cookie. Raises NotSignedIn, which sends browsers to the sign-in page."""
    if visitor is None:
        raise NotSignedIn("sign in to see this page")
    return visitor


def api_user(request: Request, db: Db, settings: SettingsDep) -> User:
    """The API: by `Authorization: Bearer`, or by cookie with `X-CSRF-Token` for what changes something."""
    scheme, _, plaintext = request.headers.get("authorization", "").partition(" ")
    if scheme:
        user = user_of_token(db, plaintext.strip(), TokenPurpose.API) if scheme.lower() == "bearer" else None
        if user is None:
            raise NotSignedIn("this token is unknown, revoked or expired")
        return user
    user = optional_user(request, db)
    if user is None:
        raise NotSignedIn("send a token as `Authorization: Bearer …`")
    if request.method not in SAFE:
        check_csrf(request, settings, request.headers.get(HEADER, ""))
    return user


PageUser = Annotated[User, Depends(page_user)]
ApiUser = Annotated[User, Depends(api_user)]


async def page_form(request: Request, settings: SettingsDep) -> FormData:
    """A form of one of our pages; its CSRF token is checked."""
    form = await request.form(max_files=0, max_fields=500)
    check_csrf(request, settings, str(form.get(FIELD, "")))
    return form


PageForm = Annotated[FormData, Depends(page_form)]


def next_path(value: object) -> str:
    """A path on this site to go on to; anything else becomes the start page."""
    path = str(value or "")
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
    return path if inside else "/"
