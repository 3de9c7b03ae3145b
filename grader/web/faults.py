"""The last resort, inside the other middleware, so that even a 500 carries the security headers."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.log import get_logger
from grader.web.problems import answer_error

log = get_logger(__name__)


class Faults:
    """ASGI middleware: whatever nobody handled becomes an answer, unless one has begun already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            if begun:
                log.error("answer_broke_off", path=scope["path"], exc_info=error)
                raise
            response = await answer_error(scope, error)
            await response(scope, receive, send)
