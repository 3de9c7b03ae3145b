"""Grading a whole class again: starting a run, its progress, the differences, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.core.rubric_difference import Difference, difference
from grader.db import regrade_runs, rubrics
from grader.db.kinds import RunState
from grader.db.regrade_differences import StudentDifference, differences
from grader.db.regrade_runs import RunProgress
from grader.db.review_tables import RegradeRun
from grader.db.tables import Assignment, RubricVersion
from grader.errors import BadInput, EditConflict, NotFound
from grader.queue import send_attempts
from grader.web.access import assignment_for
from grader.web.contexts import Page
from grader.web.deps import Db, PageForm, PageUser
from grader.web.histogram import Bar, bars
from grader.web.regrading import PRESENT, RunId, wanted_version
from grader.web.rendering import render
from grader.web.words import Pill

router = APIRouter()

_KEYS: dict[str, Callable[[StudentDifference], Any]] = {
    "student": lambda it: it.student.casefold(),
    "before": lambda it: it.before or 0.0,
    "after": lambda it: it.after or 0.0,
    "change": lambda it: it.change,
}
_PILLS = {
    RunState.RUNNING: Pill("To decide", "wait", "pen"),
    RunState.ACCEPTED: Pill("Accepted", "good", "check"),
    RunState.DISCARDED: Pill("Discarded", "plain", "cross"),
}
_GRADING = Pill("Grading", "live", "turn")


@dataclass(frozen=True)
class RunLine:
    """A run in the list."""

    run: RegradeRun
    progress: RunProgress
    pill: Pill


@dataclass(frozen=True)
class RunsPage(Page):
    """open_run: the one that waits for a decision; while there is one, no other can start."""

    assignment: Assignment
    lines: list[RunLine]
    open_run: RegradeRun | None
    error: str = ""


@dataclass(frozen=True)
class RunPage(Page):
    """`students` are those whose score changes, or everybody (`everyone`); `failed`: whose grading failed through our
    fault. `links`: for each column, the address that sorts by it. `mean` and `bars` leave out who was not graded before.
    may_undo: it is the newest, and accepted."""

    assignment: Assignment
    line: RunLine
    before: RubricVersion
    difference: Difference
    students: list[StudentDifference]
    failed: list[StudentDifference]
    changed: int
    everyone: bool
    sort: str
    links: dict[str, str]
    mean: tuple[float, float]
    bars: list[Bar]
    may_undo: bool
    error: str = ""


@router.get("/assignments/{slug}/regrades")
def list_runs(slug: str, request: Request, db: Db, user: PageUser) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return render(request, "regrades.html", _runs_page(db, assignment))


@router.post("/assignments/{slug}/regrades")
def start_run(slug: str, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    try:
        version = wanted_version(db, assignment, str(form.get("rubric", PRESENT)))
        run = regrade_runs.open_run(db, assignment, version, user, newest_only="all" not in form)
    except (BadInput, NotFound) as error:
        return render(request, "regrades.html", _runs_page(db, assignment, str(error)), status=error.status)
    attempts = regrade_runs.to_send(db, run)
    db.commit()
    send_attempts(attempts)
    return RedirectResponse(f"/assignments/{slug}/regrades/{run.id}", 303)


@router.get("/assignments/{slug}/regrades/{run_id}")
def show_run(
    slug: str, run_id: RunId, request: Request, db: Db, user: PageUser, sort: str = "", all: bool = False
) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    run = regrade_runs.run_by_id(db, assignment, run_id)
    return render(request, "regrade_run.html", _run_page(db, assignment, run, sort=sort, everyone=all))


@router.post("/assignments/{slug}/regrades/{run_id}/{decision}")
def decide_run(
    slug: str, run_id: RunId, decision: str, request: Request, db: Db, user: PageUser, form: PageForm
) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    run = regrade_runs.run_by_id(db, assignment, run_id)
    decide = {"accept": regrade_runs.accept, "discard": regrade_runs.discard, "undo": regrade_runs.undo}.get(decision)
    if decide is None:
        raise NotFound(f"a run can be accepted, discarded or taken back, not {decision[:40]!r}")
    try:
        opened = decide(db, run, user)
    except (BadInput, EditConflict) as error:
        db.rollback()
        page = _run_page(db, assignment, run, error=str(error))
        return render(request, "regrade_run.html", page, status=error.status)
    db.commit()
    send_attempts(opened or ())
    return RedirectResponse(f"/assignments/{slug}/regrades/{run_id}", 303)


def _runs_page(db: Session, assignment: Assignment, error: str = "") -> RunsPage:
    found = [_line(db, run) for run in regrade_runs.runs(db, assignment)]
    return RunsPage(assignment, found, regrade_runs.open_run_of(db, assignment), error)


def _line(db: Session, run: RegradeRun) -> RunLine:
    done = regrade_runs.progress(db, run)
    return RunLine(run, done, _PILLS[run.state] if done.is_done or run.state is not RunState.RUNNING else _GRADING)


def _run_page(
    db: Session, assignment: Assignment, run: RegradeRun, *, sort: str = "", everyone: bool = False, error: str = ""
) -> RunPage:
    before, after = regrade_runs.version_before(db, run), run.rubric_version
    found = differences(db, run)
    changed = [it for it in found if it.change or it.questions]
    return RunPage(
        assignment=assignment,
        line=_line(db, run),
        before=before,
        difference=difference(rubrics.rubric_of(before), rubrics.rubric_of(after), before.yaml_text, after.yaml_text),
        students=_sorted(found if everyone else changed, sort),
        failed=[it for it in found if it.state.value == "failed"],
        changed=len(changed),
        everyone=everyone,
        sort=sort,
        links={column: _link(assignment, run, column, sort, everyone) for column in _KEYS},
        mean=(_mean([it.before for it in found]), _mean([it.after for it in found if it.before is not None])),
        bars=bars([it.change for it in changed if it.before is not None]),
        may_undo=run.state is RunState.ACCEPTED and regrade_runs.runs(db, assignment)[0].id == run.id,
        error=error,
    )


def _sorted(students: list[StudentDifference], sort: str) -> list[StudentDifference]:
    key = _KEYS.get(sort.removeprefix("-"))
    return sorted(students, key=key, reverse=sort.startswith("-")) if key else students


def _link(assignment: Assignment, run: RegradeRun, column: str, sort: str, everyone: bool) -> str:
    query = {"sort": f"-{column}" if sort == column else column} | ({"all": "1"} if everyone else {})
    return f"/assignments/{assignment.slug}/regrades/{run.id}?{urlencode(query)}"


def _mean(values: list[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0
