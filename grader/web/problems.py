"""Errors as answers: problem+json (RFC 9457) for the API, a page for browsers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Scope

from grader.db.session import is_away
from grader.errors import EditConflict, GraderError, NotSignedIn, TooLarge, TooManyTries, Unavailable
from grader.ingest import errors as ingest
from grader.log import get_logger
from grader.web.contexts import ErrorPage
from grader.web.rendering import render

MEDIA_TYPE = "application/problem+json"
log = get_logger(__name__)


class Problem(BaseModel):
    """An error, as RFC 9457 has it. `errors` lists the fields of a request that cannot be used."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "The request cannot be used",
                "status": 422,
                "detail": "homework.zip needs a password. Pack it again without one.",
                "instance": "/api/v1/assignments/cs231n-a2/submissions",
                "code": "encrypted",
            }
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    code: str | None = None
    errors: list[dict[str, Any]] | None = None
    current: Any = None


async def handle_error(request: Request, error: Exception) -> Response:
    """The one exception handler of the application."""
    return await answer_error(request.scope, error)


async def answer_error(scope: Scope, error: Exception) -> Response:
    problem, headers = _problem(scope, error)
    if problem.status >= 500:
        log.error("request_failed", path=scope["path"], status=problem.status, exc_info=error)
    if _is_api(scope["path"]):
        body = problem.model_dump(mode="json", exclude_none=True)
        return JSONResponse(body, problem.status, headers=headers, media_type=MEDIA_TYPE)
    if isinstance(error, NotSignedIn) and scope["method"] == "GET":
        wanted = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        return RedirectResponse("/login" if wanted == "/" else f"/login?next={quote(wanted, safe='/')}", 303)
    page = ErrorPage(status=problem.status, title=problem.title, detail=problem.detail)
    return render(Request(scope), "error.html", page, status=problem.status, headers=headers)


def _is_api(path: str) -> bool:
    return path.startswith("/api/") or path in {"/healthz", "/metrics"}


def _problem(scope: Scope, error: Exception) -> tuple[Problem, dict[str, str]]:
    error = _ours(error)
    status, title, detail, headers = 500, GraderError.title, "It has been logged. Try again in a minute.", {}
    more: dict[str, Any] = {}
    if isinstance(error, GraderError):
        status, title = error.status, error.title
        detail = _sentence(str(error)) if status != 500 else detail
        headers = _headers(error)
        more["current"] = _plain(error.current) if isinstance(error, EditConflict) else None
    elif isinstance(error, ingest.IngestError):
        status = 413 if isinstance(error, ingest.TooLarge) else 422
        title = "The upload cannot be used"
        detail, more["code"] = str(error), error.code
    elif isinstance(error, RequestValidationError):
        status, title = 422, "The request cannot be used"
        more["errors"] = [_field(problem) for problem in error.errors()]
        detail = "; ".join(f"{field['where']}: {field['what']}" for field in more["errors"][:3])
    elif isinstance(error, HTTPException):
        status, title = error.status_code, HTTPStatus(error.status_code).phrase
        detail, headers = _http_detail(error, scope), dict(error.headers or {})
    problem = Problem(title=title, status=status, detail=detail, instance=scope["path"], **more)
    return problem, headers


def _ours(error: Exception) -> Exception:
    """FastAPI wraps what is raised while it reads a body; a lost database is an outage, not a bug."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, GraderError):
        return error.__cause__
    if isinstance(error, SQLAlchemyError) and is_away(error):
        return Unavailable("the database cannot be reached right now; try again in a minute")
    return error


def _headers(error: GraderError) -> dict[str, str]:
    if isinstance(error, TooManyTries):
        return {"retry-after": str(error.retry_after)}
    if isinstance(error, Unavailable):
        return {"retry-after": "30"}
    if isinstance(error, NotSignedIn):
        return {"www-authenticate": 'Bearer realm="grader"'}
    return {"connection": "close"} if isinstance(error, TooLarge) else {}


def _http_detail(error: HTTPException, scope: Scope) -> str:
    if error.status_code == 404:
        return "There is nothing at this address."
    if error.status_code == 405:
        return f"{scope['method']} is not possible at this address."
    return _sentence(str(error.detail))


def _field(problem: dict[str, Any]) -> dict[str, str]:
    where = ".".join(str(part) for part in problem["loc"]) or "body"
    return {"where": where, "what": problem["msg"], "kind": problem["type"]}


def _plain(current: object) -> Any:
    """What is stored now, where the API has a shape for it."""
    return current.model_dump(mode="json") if isinstance(current, BaseModel) else None


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
