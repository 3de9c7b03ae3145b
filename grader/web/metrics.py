"""What Prometheus is told: requests by route, attempts by state and lane."""

from __future__ import annotations

import time

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.db.session import transaction
from grader.db.tables import Attempt

REQUESTS = Counter("grader_requests", "Answers, by route and status.", ["method", "route", "status"])
SECONDS = Histogram("grader_request_seconds", "Time to the first byte of the answer.", ["method", "route"])
ATTEMPTS = Gauge("grader_attempts", "Attempts in the database.", ["state", "lane"])


class RequestMetrics:
    """ASGI middleware. Routes are counted by their pattern, so that ids and names never become labels."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                method = scope["method"] if route != "other" else "other"
                REQUESTS.labels(method, route, message["status"]).inc()
                SECONDS.labels(method, route).observe(time.perf_counter() - started)
            await send(message)

        await self._app(scope, receive, send_counted)


def observe_attempts() -> None:
    """Count attempts now; keeps the last figures while the database is away."""
    try:
        with transaction() as session:
            query = select(Attempt.state, Attempt.lane, func.count()).group_by(Attempt.state, Attempt.lane)
            counts = session.execute(query).all()
    except SQLAlchemyError:
        return
    ATTEMPTS.clear()
    for state, lane, count in counts:
        ATTEMPTS.labels(state, lane).set(count)
