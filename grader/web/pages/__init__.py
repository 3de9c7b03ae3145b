"""The pages: server-rendered, working without JavaScript."""

from __future__ import annotations

from fastapi import FastAPI

from grader.web.pages import (
    answers,
    assignments,
    desk,
    desk_groups,
    exports,
    files,
    imports,
    log,
    marking,
    opinions,
    regrades,
    release,
    requests,
    rubric,
    rubric_preview,
    rubric_yaml,
    sign_in,
    staff,
    statistics,
    submissions,
    tokens,
)


def include(app: FastAPI) -> None:
    for part in (
        sign_in,
        assignments,
        submissions,
        answers,
        files,
        staff,
        marking,
        imports,
        desk_groups,
        desk,
        exports,
        log,
        opinions,
        release,
        requests,
        rubric,
        rubric_preview,
        rubric_yaml,
        regrades,
        statistics,
        tokens,
    ):
        app.include_router(part.router, include_in_schema=False)
