"""Whether everything that grading needs is there, and figures for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import redis
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from grader.db.session import transaction
from grader.settings import Settings
from grader.web.deps import SettingsDep
from grader.web.metrics import observe_attempts

router = APIRouter(tags=["operation"])
_SECONDS = 2


class Part(BaseModel):
    ok: bool
    detail: str = ""


class Health(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ok",
                "parts": {"database": {"ok": True}, "broker": {"ok": True}, "sandbox": {"ok": True}},
            }
        }
    )

    status: Literal["ok", "degraded"]
    parts: dict[str, Part]


@router.get(
    "/healthz", summary="Database, broker, sandbox", response_model=Health,
    responses={503: {"model": Health, "description": "A part is away; uploads are kept nevertheless."}},
)  # fmt: skip
def healthz(request: Request, settings: SettingsDep) -> JSONResponse:
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "broker": lambda: _broker(settings),
        "sandbox": request.app.state.sandbox_check,
    }
    parts = {name: _look(check) for name, check in checks.items()}
    healthy = all(part.ok for part in parts.values())
    health = Health(status="ok" if healthy else "degraded", parts=parts)
    return JSONResponse(health.model_dump(), 200 if healthy else 503)


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def metrics() -> Response:
    observe_attempts()
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


def _look(check: Callable[[], str]) -> Part:
    """The kind of failure only: this answer is public, and messages name hosts and paths."""
    try:
        return Part(ok=True, detail=check())
    except Exception as error:
        return Part(ok=False, detail=type(error).__name__)


def _database() -> str:
    with transaction() as session:
        session.execute(text("SELECT 1"))
    return ""


def _broker(settings: Settings) -> str:
    with redis.Redis.from_url(settings.redis_url, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS) as client:
        client.ping()
    return ""
