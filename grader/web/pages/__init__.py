"""The pages: server-rendered, working without JavaScript."""

from __future__ import annotations

from fastapi import FastAPI

from grader.web.pages import (
    assignments,
    desk,
    desk_groups,
    files,
    marking,
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
        files,
        staff,
        marking,
        desk_groups,
        desk,
        release,
        requests,
        rubric,
        rubric_preview,
        rubric_yaml,
        statistics,
        tokens,
    ):
        app.include_router(part.router, include_in_schema=False)
