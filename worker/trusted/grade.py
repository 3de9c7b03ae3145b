"""One attempt on the host: submission and pack in, result out."""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.core.checks import KINDS
from grader.core.checks.kind import Tree
from grader.core.marking import mark_check, mark_question, total
from grader.core.plan import PlannedCheck, plan
from grader.core.result import CheckResult, Result
from grader.core.rubric import Rubric
from grader.core.submission import Submission
from grader.core.verdict import Judgement
from grader.ingest.code import CodeTree, code_tree
from grader.pack import Pack
from reference_impl import reference_hash
from worker.trusted.checks import Checker
from worker.trusted.sandbox.backend import Backend
from worker.trusted.tree import assemble, assemble_submission


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
        with tempfile.TemporaryDirectory(prefix="grader-code-") as folder:
            trees, said = _trees(submission, pack, {KINDS[check.check.kind].tree for check in planned}, Path(folder))
            remarks += [remark for remark in said if remark not in remarks]
            judgements = _run(planned, pack.rubric, backend, trees, chosen, submission, datasets, progress)
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


def _trees(
    submission: Submission, pack: Pack, wanted: set[Tree], folder: Path
) -> tuple[dict[Tree, Path], tuple[str, ...]]:
    """The folders that sandboxes will see, made below `folder`; and what was chosen on the way."""
    trees: dict[Tree, Path] = {tree: folder / tree for tree in wanted}
    for path in trees.values():
        path.mkdir()
    if "submission" in trees:
        assemble_submission(submission.files, pack.support, trees["submission"])
    if "package" not in trees:
        return trees, ()
    layout = pack.rubric.code.layout
    tree: CodeTree = code_tree(submission.files, layout, _asked(pack.rubric))
    assemble(tree.files, layout, pack.support, trees["package"])
    return trees, tuple(tree.remarks)


def _asked(rubric: Rubric) -> dict[str, frozenset[str]]:
    """The names that the rubric's checks ask each file of the layout for: {"cs231n/layers.py": {"affine_forward", …}}."""
    names: dict[str, frozenset[str]] = {}
    for question in rubric.questions:
        for check in question.checks:
            for key in ("function", "forward"):
                module, _, name = (getattr(check.declaration, key, None) or "").rpartition(".")
                path = f"{module.replace('.', '/')}.py"
                names[path] = names.get(path, frozenset()) | {name}
    return names


def _run(
    planned: tuple[PlannedCheck, ...], rubric: Rubric, backend: Backend, trees: Mapping[Tree, Path],
    variables: Mapping[str, str], submission: Submission, datasets: Path | None, progress: Callable[[Progress], None],
) -> list[Judgement]:  # fmt: skip
    judgements: list[Judgement] = []

    def say(text: str) -> None:
        progress(Progress(len(judgements), len(planned), text))

    with Checker(rubric, backend, trees, variables, submission, datasets=datasets, say=say) as checker:
        for check in planned:
            say(f"{check.function or check.id} ({check.question})")
            judgements.append(checker.judge(check))
    say("done")
    return judgements
