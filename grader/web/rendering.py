"""Pages from templates: one context dataclass each (`contexts.py`), everything autoescaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from grader.web import words
from grader.web.contexts import Page
from grader.web.exhibits import drawn
from grader.web.markdown import markdown
from grader.web.security.csrf import csrf_token
from grader.web.shown_answer import explained

HERE = Path(__file__).parent
STATIC = HERE / "static"
EVERYWHERE = ("page", "user", "csrf", "path")
"""What every template has besides its page's fields."""


@lru_cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    env.filters |= {
        "markdown": markdown, "points": words.points, "signed": words.signed, "moment": words.moment,
        "iso": words.iso, "size": words.size, "seconds": words.seconds, "numeric_error": words.numeric_error,
    }  # fmt: skip
    env.globals |= {
        "static": static_url, "check_pill": words.CHECK, "verdict": words.verdict,
        "attempt_pill": words.ATTEMPT, "review_pill": words.REVIEW,
        "share": words.share, "plural": words.plural, "lateness": words.lateness,
        "diagnosis": words.diagnosis, "drawn": drawn, "explained": explained,
    }  # fmt: skip
    return env


def render(
    request: Request, template: str, page: Page, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """`page`'s fields are the template's variables; `user` is who is signed in, if anybody."""
    context: dict[str, Any] = {field.name: getattr(page, field.name) for field in fields(page)}
    app = request.scope.get("app")
    context |= {
        "page": page,
        "user": getattr(request.state, "user", None),
        "csrf": csrf_token(request, app.state.settings) if app else "",
        "path": request.url.path,
    }
    return HTMLResponse(environment().get_template(template).render(context), status, headers=headers)


@lru_cache
def static_url(name: str) -> str:
    """The address of a static file, with its content's hash, so that it can be cached for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
