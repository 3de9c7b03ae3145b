"""CSRF tokens: an HMAC of the visitor's cookie, in every form and in the `X-CSRF-Token` header of our scripts."""

from __future__ import annotations

import hashlib
import hmac

from starlette.requests import Request

from grader.errors import Forbidden
from grader.settings import Settings
from grader.web.security.cookies import session_cookie, visit_cookie

FIELD = "csrf"
HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(request: Request, settings: Settings) -> str:
    """The token of this visitor; empty when they have no cookie."""
    cookie = session_cookie(request) or visit_cookie(request)
    if not cookie:
        return ""
    return hmac.new(settings.signing_key().encode(), b"csrf:" + cookie.encode(), hashlib.sha256).hexdigest()


def check_csrf(request: Request, settings: Settings, given: str) -> None:
    """Raises Forbidden unless `given` is this visitor's token and the browser names no foreign origin."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("the form was sent from another site; open the page here and send it again")
    expected = csrf_token(request, settings)
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        raise Forbidden("the form is out of date; load the page again and send it once more")
