"""Grading a whole class again, beside what counts: nobody's score changes before somebody accepts the differences.

    open_run ──▶ running ── accept ──▶ accepted
                    │  ▲                  │
                    │  └───── undo ───────┘   while no newer run exists
                    └── discard ──▶ discarded

A run's attempts do not count until it is accepted. Marks of TAs belong to submissions, and stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from grader.core.result import Result
from grader.core.submission import AttemptState
from grader.db.attempts import open_attempt
from grader.db.audit import record
from grader.db.events import add_event
from grader.db.kinds import EventKind, Lane, RunState
from grader.db.lanes import lane_for
from grader.db.review_tables import AuditEntry, RegradeRun
from grader.db.rubrics import lock_version, switch
from grader.db.suggestions import refresh_suggestions, store_suggestions
from grader.db.tables import Answer, Assignment, Attempt, AttemptEvent, RubricVersion, Submission, User
from grader.errors import BadInput, EditConflict, NotFound

ACTION = "regrade run"  # in the audit log: {"run", "state", "rubric", "from"}
_DISCARDED = "the run that this attempt belonged to was discarded"


@dataclass(frozen=True)
class RunProgress:
    """Attempts of a run, by state. `failed` through our fault: these submissions keep the attempt that counts."""

    queued: int
    running: int
    graded: int
    failed: int

    @property
    def total(self) -> int:
        return self.queued + self.running + self.graded + self.failed

    @property
    def is_done(self) -> bool:
        return self.queued + self.running == 0


def open_run(
    session: Session, assignment: Assignment, version: RubricVersion, by: User, *, newest_only: bool = True
) -> RegradeRun:
    """Grade each student's newest submission (or all) again by `version`.

    The caller commits, and then calls `grader.queue.send_attempt` for the attempts of the run. Raises BadInput while
    another run waits for a decision, and when there is nothing to grade.
    """
    present = lock_version(session, assignment)
    if open_run_of(session, assignment) is not None:
        raise BadInput("this class is being graded again already; accept or discard that run first")
    chosen = select(Submission.id).where(Submission.assignment_id == assignment.id)
    if newest_only:
        chosen = select(func.max(Submission.id)).where(Submission.assignment_id == assignment.id)
        chosen = chosen.group_by(Submission.user_id)
    submissions = sorted(session.scalars(chosen))
    if not submissions:
        raise BadInput("nobody has handed in anything yet")
    run = RegradeRun(assignment_id=assignment.id, rubric_version_id=version.id, by_id=by.id, state=RunState.RUNNING)
    session.add(run)
    session.flush()
    _open_attempts(session, run, submissions)
    _note(session, run, by, present, version)
    return run


def run_by_id(session: Session, assignment: Assignment, run_id: int) -> RegradeRun:
    """Raises NotFound."""
    run = session.get(RegradeRun, run_id)
    if run is None or run.assignment_id != assignment.id:
        raise NotFound(f"there is no run {run_id} of this assignment")
    return run


def runs(session: Session, assignment: Assignment) -> list[RegradeRun]:
    """Newest first."""
    query = select(RegradeRun).where(RegradeRun.assignment_id == assignment.id)
    return list(session.scalars(query.order_by(RegradeRun.id.desc())))


def open_run_of(session: Session, assignment: Assignment) -> RegradeRun | None:
    """The run that waits for its end or for a decision."""
    waiting = (RegradeRun.assignment_id == assignment.id, RegradeRun.state == RunState.RUNNING)
    return session.scalar(select(RegradeRun).where(*waiting))


def to_send(session: Session, run: RegradeRun) -> list[tuple[int, Lane]]:
    """(attempt id, lane) of what no worker has taken yet."""
    query = select(Attempt.id, Attempt.lane).where(Attempt.run_id == run.id, Attempt.state == AttemptState.QUEUED)
    return [(row.id, row.lane) for row in session.execute(query.order_by(Attempt.id))]


def progress(session: Session, run: RegradeRun) -> RunProgress:
    query = select(Attempt.state, func.count()).where(Attempt.run_id == run.id).group_by(Attempt.state)
    counts = dict(session.execute(query).all())
    return RunProgress(*(counts.get(state, 0) for state in AttemptState))


def accept(session: Session, run: RegradeRun, by: User) -> list[tuple[int, Lane]]:
    """The run's attempts count from now on, and the assignment takes the run's rubric.

    Submissions that came in meanwhile are opened for grading by it too: (attempt id, lane) of each, to be sent once the
    caller has committed. Raises BadInput while attempts are still to come, EditConflict when the run was decided or the
    rubric changed meanwhile.
    """
    present = lock_version(session, run.assignment)
    before = version_before(session, run)
    left = progress(session, run)
    if not left.is_done:
        raise BadInput(f"{left.queued + left.running} of {left.total} submissions are still being graded")
    if present.id != before.id:
        raise EditConflict("the rubric was changed since this run began; discard it and start another", present)
    _move(session, run, RunState.RUNNING, RunState.ACCEPTED, closed_at=func.now())
    graded = (Attempt.run_id == run.id, Attempt.state == AttemptState.GRADED)
    session.execute(update(Attempt).where(*graded).values(counts=True))
    switch(session, run.assignment, run.rubric_version, by)
    _store_suggestions(session, run)
    _note(session, run, by, before, run.rubric_version)
    return _open_missed(session, run)


def discard(session: Session, run: RegradeRun, by: User) -> None:
    """Nothing of the run will ever count; attempts that wait are called off. Raises EditConflict."""
    lock_version(session, run.assignment)
    _move(session, run, RunState.RUNNING, RunState.DISCARDED, closed_at=func.now())
    waiting = update(Attempt).where(Attempt.run_id == run.id, Attempt.state == AttemptState.QUEUED)
    called_off = session.scalars(waiting.values(state=AttemptState.FAILED, error=_DISCARDED).returning(Attempt.id))
    for attempt_id in list(called_off):
        add_event(session, attempt_id, EventKind.FAILED, "Called off")
    _note(session, run, by, version_before(session, run), run.rubric_version)


def undo(session: Session, run: RegradeRun, by: User) -> None:
    """Take an accepted run back: what counted before counts again, and the run waits for a decision once more.

    Raises BadInput when there is a newer run, EditConflict when the run is not accepted or the rubric changed since.
    """
    present = lock_version(session, run.assignment)
    session.refresh(run)
    if run.state != RunState.ACCEPTED:
        raise _decided(run)
    if runs(session, run.assignment)[0].id != run.id:
        raise BadInput("only the newest run can be taken back")
    if present.id != run.rubric_version_id:
        raise EditConflict("the rubric was changed since this run was accepted; go back to its version first", present)
    _move(session, run, RunState.ACCEPTED, RunState.RUNNING, closed_at=None)
    session.execute(update(Attempt).where(Attempt.run_id == run.id).values(counts=False))
    before = version_before(session, run)
    switch(session, run.assignment, before, by)
    _store_suggestions(session, run)
    _note(session, run, by, run.rubric_version, before)


def version_before(session: Session, run: RegradeRun) -> RubricVersion:
    """The version that was in force when the run was opened."""
    opened = (
        select(AuditEntry.before["rubric"].astext)
        .where(AuditEntry.assignment_id == run.assignment_id, AuditEntry.action == ACTION)
        .where(AuditEntry.after["run"].astext == str(run.id))
        .order_by(AuditEntry.id)
        .limit(1)
    )
    pack = run.rubric_version.pack
    query = select(RubricVersion).where(RubricVersion.pack == pack, RubricVersion.sha256 == session.scalar(opened))
    return session.scalars(query).one()


def _open_attempts(session: Session, run: RegradeRun, submissions: Sequence[int]) -> None:
    lane = lane_for(session, run.rubric_version_id, Lane.BULK)
    rows = [
        {
            "submission_id": submission, "rubric_version_id": run.rubric_version_id, "run_id": run.id, "counts": False,
            "lane": lane, "state": AttemptState.QUEUED,
        }
        for submission in submissions
    ]  # fmt: skip
    opened = session.scalars(insert(Attempt).returning(Attempt.id), rows).all()
    event = {"kind": EventKind.QUEUED, "text": "Waiting for a worker"}
    session.execute(insert(AttemptEvent), [{"attempt_id": attempt, **event} for attempt in opened])


def _open_missed(session: Session, run: RegradeRun) -> list[tuple[int, Lane]]:
    """Attempts for students' newest submissions whose newest attempt that counts is by another rubric."""
    newest = select(func.max(Submission.id)).where(Submission.assignment_id == run.assignment_id)
    last = (
        select(Attempt.submission_id, func.max(Attempt.id).label("id"))
        .where(Attempt.counts, Attempt.submission_id.in_(newest.group_by(Submission.user_id)))
        .group_by(Attempt.submission_id)
        .subquery()
    )
    failed = select(Attempt.submission_id).where(Attempt.run_id == run.id, Attempt.state == AttemptState.FAILED)
    missed = (
        select(Attempt.submission_id)
        .join(last, last.c.id == Attempt.id)
        .where(Attempt.rubric_version_id != run.rubric_version_id, Attempt.submission_id.not_in(failed))
        .order_by(Attempt.submission_id)
    )
    opened = []
    for submission in list(session.scalars(missed)):
        attempt = open_attempt(session, submission, run.rubric_version_id, Lane.BULK)
        attempt.run_id = run.id
        opened.append((attempt.id, attempt.lane))
    session.flush()
    return opened


def _store_suggestions(session: Session, run: RegradeRun) -> None:
    """What the attempt that counts now says about the written answers, for every submission of the run; anew where an
    answer was placed since."""
    concerned = select(Attempt.submission_id).where(Attempt.run_id == run.id)
    texts = {
        (row.submission_id, row.question): row.text
        for row in session.execute(
            select(Answer.submission_id, Answer.question, Answer.text).where(Answer.submission_id.in_(concerned))
        )
    }
    last = select(func.max(Attempt.id)).where(Attempt.counts, Attempt.state == AttemptState.GRADED)
    last = last.where(Attempt.submission_id.in_(concerned)).group_by(Attempt.submission_id)
    asked = {question["id"] for question in run.assignment.rubric_version.document["questions"]}
    for row in session.execute(select(Attempt.submission_id, Attempt.result).where(Attempt.id.in_(last))):
        found = [q for q in Result.model_validate(row.result).questions if q.items and q.id in asked]
        same = [question for question in found if texts.get((row.submission_id, question.id)) == question.answer]
        store_suggestions(session, row.submission_id, same)
        for question in found:
            if question not in same:
                refresh_suggestions(session, session.get_one(Submission, row.submission_id), question.id)


def _move(session: Session, run: RegradeRun, before: RunState, after: RunState, **values: object) -> None:
    changed = update(RegradeRun).where(RegradeRun.id == run.id, RegradeRun.state == before)
    if session.execute(changed.values(state=after, **values)).rowcount != 1:
        session.refresh(run)
        raise _decided(run)
    session.refresh(run)


def _decided(run: RegradeRun) -> EditConflict:
    return EditConflict(f"this run is {run.state.value}: somebody has decided it meanwhile", run)


def _note(session: Session, run: RegradeRun, by: User, before: RubricVersion, after: RubricVersion) -> None:
    record(
        session, ACTION, assignment_id=run.assignment_id, by=by, before={"rubric": before.sha256},
        after={"run": run.id, "state": run.state.value, "rubric": after.sha256},
    )  # fmt: skip
    session.flush()
