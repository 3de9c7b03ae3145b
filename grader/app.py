"""The web application: wiring only."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from grader.errors import GraderError, Unavailable
from grader.ingest.errors import IngestError
from grader.settings import Settings, get_settings
from grader.web import api, pages
from grader.web.api.answers import problems
from grader.web.faults import Faults
from grader.web.metrics import RequestMetrics
from grader.web.problems import Problem, handle_error
from grader.web.rendering import STATIC
from grader.web.security.body_limit import BodyLimit
from grader.web.security.headers import SecurityHeaders

_PROGRAMS = {"bubblewrap": "bwrap", "docker": "docker"}
_ABOUT = "Hand in homework, follow its grading, read the reasons; for staff: lists, marks, regrading."


def create_app(settings: Settings | None = None, *, sandbox_check: Callable[[], str] | None = None) -> FastAPI:
    """The service. `sandbox_check` says whether students' code can be run: a word, or it raises."""
    settings = settings or get_settings()
    app = FastAPI(
        title="grader", version="1", description=_ABOUT,
        openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None,
        middleware=[
            Middleware(RequestMetrics),
            Middleware(SecurityHeaders, https=settings.base_url.startswith("https://")),
            Middleware(Faults),
            Middleware(BodyLimit, upload=settings.upload_limit),
        ],
    )  # fmt: skip
    app.state.settings = settings
    app.state.sandbox_check = sandbox_check or (lambda: _sandbox_program(settings))
    for kind in (GraderError, IngestError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handle_error)
    api.include(app)
    pages.include(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _describe_problems(app)
    return app


def _sandbox_program(settings: Settings) -> str:
    if shutil.which(_PROGRAMS[settings.sandbox]) is None:
        raise Unavailable(f"{_PROGRAMS[settings.sandbox]} is not installed on this machine")
    return settings.sandbox


def _describe_problems(app: FastAPI) -> None:
    """Put `Problem` among the schemas, and in place of FastAPI's own shape of a 422."""
    plain = app.openapi

    def openapi() -> dict:
        if app.openapi_schema:
            return app.openapi_schema
        document = plain()
        schemas = document["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for route in (route for path in document["paths"].values() for route in path.values()):
            if "application/json" in route["responses"].get("422", {}).get("content", {}):
                route["responses"] |= {str(status): answer for status, answer in problems(422).items()}
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
        return document

    app.openapi = openapi
