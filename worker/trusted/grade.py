"""One attempt on the host: submission and pack in, result out."""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.core.marking import mark_check, mark_question, total
from grader.core.plan import PlannedCheck, plan
from grader.core.result import CheckResult, Result
from grader.core.submission import Submission
from grader.core.verdict import Judgement
from grader.ingest.code import CodeTree, code_tree
from grader.pack import Pack
from reference_impl import reference_hash
from worker.trusted.checks import Checker
from worker.trusted.sandbox.backend import Backend
from worker.trusted.tree import assemble


@dataclass(frozen=True)
class Progress:
    """How far an attempt is: `done` of `total` checks, and what comes next in words."""

    done: int
    total: int
    text: str


def grade(
    submission: Submission,
    pack: Pack,
    *,
    backend: Backend,
    variables: Mapping[str, str] = {},
    only: frozenset[str] = frozenset(),
    progress: Callable[[Progress], None] = lambda progress: None,
    seed: int = 0,
    datasets: Path | None = None,
) -> Result:
    """Grade every question (or those in `only`) of the pack.

    Raises ValueError for an unknown question or variable, and SandboxUnavailable when student code cannot be run safely;
    never for anything that the student's code does.
    """
    started = time.monotonic()
    chosen = pack.rubric.choose(dict(variables))
    planned = plan(pack.rubric, only, seed)
    remarks = list(submission.remarks)
    checks: dict[str, list[CheckResult]] = {}
    if planned:
        layout = pack.rubric.code.layout
        tree: CodeTree = code_tree(submission.files, layout)
        remarks += [remark for remark in tree.remarks if remark not in remarks]
        with tempfile.TemporaryDirectory(prefix="grader-code-") as folder:
            code = Path(folder) / "code"
            code.mkdir()
            assemble(tree.files, layout, pack.support, code)
            with Checker(
                pack.rubric, backend, code, chosen, torch=pack.rubric.code.torch, datasets=datasets
            ) as checker:
                judgements = _run(planned, checker, progress)
        for check, judgement in zip(planned, judgements, strict=True):
            checks.setdefault(check.question, []).append(mark_check(check, judgement))
    questions = [
        mark_question(question, checks.get(question.id, []), submission.answers)
        for question in pack.rubric.questions
        if not only or question.id in only
    ]
    record = {
        "seed": seed,
        "variables": chosen,
        "reference_hash": reference_hash(),
        "backend": backend.name,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    return total(pack.name, pack.rubric_hash, questions, time.monotonic() - started, remarks, record)


def _run(planned: tuple[PlannedCheck, ...], checker: Checker, progress: Callable[[Progress], None]) -> list[Judgement]:
    judgements = []
    for number, check in enumerate(planned):
        progress(Progress(number, len(planned), f"{check.function} ({check.question})"))
        judgements.append(checker.judge(check))
    progress(Progress(len(planned), len(planned), "done"))
    return judgements
