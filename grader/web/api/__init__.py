"""The REST interface under /api/v1."""

from __future__ import annotations

from fastapi import FastAPI

from grader.web.api import (
    assignments,
    desk,
    events,
    exports,
    health,
    imports,
    log,
    opinions,
    placements,
    receipts,
    regrades,
    release,
    requests,
    reviews,
    rubric,
    statistics,
    submissions,
    tokens,
)

PREFIX = "/api/v1"


def include(app: FastAPI) -> None:
    for part in (
        assignments,
        submissions,
        placements,
        imports,
        events,
        exports,
        log,
        release,
        statistics,
        receipts,
        requests,
        reviews,
        regrades,
        rubric,
        desk,
        opinions,
        tokens,
        health,
    ):
        app.include_router(part.router, prefix=PREFIX)
    app.include_router(health.router, include_in_schema=False)  # where probes look
