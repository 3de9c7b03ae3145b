"""A real HTTP server that speaks the protocol of chat completions and answers what the test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Model:
    """`reply` is the message's text, or a whole body (dict); `status` the HTTP status. `asked` keeps the requests."""

    url: str
    reply: object = ""
    status: int = 200
    asked: list[dict] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@pytest.fixture
def model() -> Iterator[Model]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            model.asked.append(body | {"path": self.path})
            model.keys.append(self.headers.get("authorization", ""))
            reply = model.reply
            if not isinstance(reply, dict | bytes):
                message = {"role": "assistant", "content": reply}
                usage = {"prompt_tokens": 400, "completion_tokens": 100}
                reply = {"model": "served-model", "choices": [{"message": message}], "usage": usage}
            content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            self.send_response(model.status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model = Model(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield model
    server.shutdown()
    thread.join()
    server.server_close()
