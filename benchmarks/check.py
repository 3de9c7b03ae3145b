"""Where the time of one cold `grader check` goes, and how it compares with running the same checks without isolation.

Ratios in one run count, not milliseconds: machines are noisy. Run by `make bench`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "rubrics" / "cs231n_a2" / "samples" / "right-2021"
RUNS = 3


def seconds(action: Callable[[], object]) -> float:
    """Median wall seconds of RUNS runs."""
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def cold(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run(arguments, check=True, capture_output=True, cwd=ROOT)


def main() -> None:
    python = sys.executable
    rows = [
        ("python starts", seconds(cold(python, "-c", "pass"))),
        ("… and imports NumPy", seconds(cold(python, "-c", "import numpy"))),
        ("… and all that `grader check` needs", seconds(cold(python, "-c", "import grader.grading, reference_impl"))),
        ("one sandbox: start to first answer", seconds(first_answer)),
        ("`grader check`, whole code submission, cold", seconds(cold(
            python, "-m", "grader.cli", "check", str(SAMPLE), "--pack", "cs231n_a2", "--json"))),
    ]  # fmt: skip
    width = max(len(name) for name, _ in rows)
    total = rows[-1][1]
    for name, taken in rows:
        print(f"{name:<{width}}  {taken:7.3f} s  {taken / total:6.1%} of a check")


def first_answer() -> None:
    from grader.core.calls import Describe
    from worker.trusted.sandbox.backend import default_backend
    from worker.trusted.session import open_session

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        session = open_session(default_backend(), Path(folder))
        session.send(Describe("math.sqrt"))
        session.close()


if __name__ == "__main__":
    main()
