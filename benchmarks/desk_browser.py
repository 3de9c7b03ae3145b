"""The desk in a real browser over a class of 300: from the key to the next answer on the screen.

Counted from the keydown event to the frame in which the next answer is painted, one answer every half second, as fast as
anybody reads. Run by `make bench`.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from class_of_300 import SLUG, class_of_300
from playwright.sync_api import Page, sync_playwright

from grader.app import create_app
from grader.db.kinds import TokenPurpose
from grader.db.session import transaction
from grader.db.tables import User
from grader.db.tokens import create_token
from grader.web.security.cookies import SESSION

BAR = 0.1  # seconds
_ANSWERS = 40
_PAUSE = 500  # milliseconds
_QUESTION = "bn-inline-4"
_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The double frame is there because the first callback runs before its frame is painted.
_STOPWATCH = """() => {
  window.taken = [];
  let pressed = 0;
  document.addEventListener("keydown", () => { pressed = performance.now(); }, true);
  new MutationObserver((changes) => {
    if (!changes.some((change) => [...change.addedNodes].some((node) => node.matches?.("[data-desk]")))) return;
    const since = pressed;
    requestAnimationFrame(() => requestAnimationFrame(() => window.taken.push(performance.now() - since)));
  }).observe(document.querySelector("main"), { childList: true });
}"""


def main() -> None:
    with class_of_300() as (_, ta), serving() as address, browsing(address, ta) as page:
        rows = [("look at the next answer (j)", walk(page, "j")), ("save and go on (Enter)", walk(page, "Enter"))]
    for name, taken in rows:
        middle, high = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
        print(
            f"{name:<28} {len(taken):3} answers  median {middle:6.1f} ms  95th percentile {high:6.1f} ms  "
            f"{high / 1000 / BAR:6.1%} of the bar of {BAR:g} s"
        )


def walk(page: Page, key: str) -> Sequence[float]:
    """Milliseconds of each step."""
    page.goto(f"/assignments/{SLUG}/desk/{_QUESTION}?order=groups")
    page.wait_for_load_state("networkidle")
    page.evaluate(_STOPWATCH)
    for step in range(1, _ANSWERS + 1):
        page.keyboard.press(key)
        page.wait_for_function("count => window.taken.length >= count", arg=step)
        page.wait_for_timeout(_PAUSE)
    return page.evaluate("window.taken")[:_ANSWERS]


@contextmanager
def serving() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@contextmanager
def browsing(address: str, ta: User) -> Iterator[Page]:
    with transaction() as session:
        _, cookie = create_token(session, ta, label="bench", purpose=TokenPurpose.SESSION)
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise SystemExit("no browser: `apt install chromium-headless-shell` (or another of " + ", ".join(_PROGRAMS) + ")")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": SESSION, "value": cookie, "url": address}])
        yield context.new_page()
        browser.close()


if __name__ == "__main__":
    main()
