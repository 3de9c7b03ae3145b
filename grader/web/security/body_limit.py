"""A body that is too large is refused by its declared length, and again while it streams in."""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.errors import TooLarge
from grader.web.problems import answer_error

ORDINARY = 1 << 20  # bytes: forms and JSON
_ENVELOPE = 1 << 20  # bytes that multipart adds around the files, at most
_UPLOAD = re.compile(r"^(/api/v1)?/(assignments/[^/]+/(submissions|hand-in|imports?)|courses/[^/]+/import)/?$")


class BodyLimit:
    """ASGI middleware. `upload` is the limit in bytes for hand-ins; everything else may have `ORDINARY`."""

    def __init__(self, app: ASGIApp, *, upload: int) -> None:
        self._app = app
        self._upload = upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        upload = bool(_UPLOAD.match(scope["path"]))
        limit = self._upload + _ENVELOPE if upload else ORDINARY
        error = TooLarge(_sentence(self._upload if upload else ORDINARY, upload))
        if _declared(scope) > limit:
            response: Response = await answer_error(scope, error)
            response.headers["connection"] = "close"
            return await response(scope, receive, send)
        await self._app(scope, _counted(receive, limit, error), send)


def _counted(receive: Receive, limit: int, error: TooLarge) -> Receive:
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise error
        return message

    return receive_counted


def _declared(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _sentence(limit: int, upload: bool) -> str:
    size = f"{limit / 2**20:g} MiB" if limit >= 2**20 else f"{limit:,} bytes"
    if upload:
        return f"The upload is larger than {size}. Leave out data sets, models and notebook outputs, and send it again."
    return f"The request is larger than {size}."
