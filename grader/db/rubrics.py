"""The living rubric of an assignment: what an edit would change, applying it, its versions. Nothing is graded again:
points of written questions are derived from marks on every read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.core.rubric import Rubric
from grader.core.rubric_difference import difference, needs_grading, yaml_lines
from grader.core.rubric_file import RubricError, read_rubric, rubric_hash
from grader.db.audit import record
from grader.db.courses import register_rubric
from grader.db.gradebook import ClassRecords, Line, class_records, lines
from grader.db.kinds import RunState
from grader.db.review_tables import AuditEntry, Mark, RegradeRun
from grader.db.suggestions import refresh_class
from grader.db.tables import Assignment, RubricVersion, Submission, User
from grader.errors import BadInput, EditConflict, NotFound

ACTION = "rubric"  # in the audit log: `before` and `after` name versions by sha256


@dataclass(frozen=True)
class Change:
    """The points of one question of one submission, now and by another rubric; and the totals. None: not graded."""

    submission_id: int
    student: str
    question: str
    before: float | None
    after: float | None
    total_before: float
    total_after: float


@dataclass(frozen=True)
class Step:
    """A change of an assignment's rubric, from one version to another; `by` is None for the command line.

    sentences: what changed, for people. lines: of a unified diff of the YAML.
    """

    at: datetime
    by: User | None
    before: RubricVersion
    after: RubricVersion
    sentences: tuple[str, ...]
    lines: tuple[str, ...]


def draft(session: Session, assignment: Assignment, text: str) -> RubricVersion:
    """`text` as a version of the assignment's pack, in force nowhere yet.

    Raises RubricError with every problem; BadInput for the rubric of another assignment.
    """
    rubric = read_rubric(text)
    _refuse_foreign(assignment, rubric)
    return register_rubric(
        session, pack=assignment.pack, sha256=rubric_hash(text), yaml_text=text,
        document=rubric.model_dump(mode="json"),
    )  # fmt: skip


def version_by_sha256(session: Session, assignment: Assignment, sha256: str) -> RubricVersion:
    """A version of the assignment's pack. Raises NotFound."""
    query = select(RubricVersion).where(RubricVersion.pack == assignment.pack, RubricVersion.sha256 == sha256)
    version = session.scalar(query)
    if version is None:
        raise NotFound(f"there is no version {sha256[:12]} of this rubric")
    return version


def rubric_of(version: RubricVersion) -> Rubric:
    """The version, read. (Its document leaves out what checks declare.) Raises RubricError."""
    return read_rubric(version.yaml_text)


def changes(
    session: Session, assignment: Assignment, document: Mapping[str, Any], *, records: ClassRecords | None = None
) -> list[Change]:
    """Whose points a rubric (dumped) would change, each student's newest submission; the largest change of a total first."""
    records = records or class_records(session, assignment)
    found = [
        Change(
            submission_id=before.submission_id, student=before.student, question=question,
            before=was.score if was else None, after=now.score if now else None,
            total_before=before.score or 0.0, total_after=after.score or 0.0,
        )
        for before, after in zip(
            lines(records, assignment.rubric_version.document), lines(records, document), strict=True
        )
        for question in dict.fromkeys([*before.questions, *after.questions])
        for was, now in [(before.questions.get(question), after.questions.get(question))]
        if (was.score if was else None) != (now.score if now else None)
    ]  # fmt: skip
    return sorted(found, key=lambda it: (-abs(it.total_after - it.total_before), it.student.casefold(), it.question))


def apply_edit(session: Session, assignment: Assignment, new_text: str, seen_sha256: str, by: User) -> RubricVersion:
    """The assignment is scored by `new_text` from now on; every submission at once.

    Raises EditConflict (with the present version) unless the present one is `seen_sha256`, RubricError for a text that
    is no rubric, BadInput where submissions must be graded again, or while they are.
    """
    before = lock_version(session, assignment)
    if before.sha256 != seen_sha256:
        raise EditConflict("the rubric was changed by somebody else meanwhile; nothing was saved", before)
    _refuse_during_run(session, assignment)
    after = draft(session, assignment, new_text)
    reasons = needs_grading(rubric_of(before), rubric_of(after))
    if reasons:
        raise BadInput("; ".join(reasons) + ": this needs the class to be graded again")
    switch(session, assignment, after, by)
    return after


def switch(session: Session, assignment: Assignment, after: RubricVersion, by: User | None) -> None:
    """Put `after` in force, and note it. The caller holds the assignment's lock, and has made sure that it may."""
    before = assignment.rubric_version
    if after.id == before.id:
        return
    assignment.rubric_version = after
    record(
        session, ACTION, assignment_id=assignment.id, by=by, before={"sha256": before.sha256},
        after={"sha256": after.sha256, "changes": _told(before, after)},
    )  # fmt: skip
    session.flush()
    try:
        refresh_class(session, assignment, before)
    except RubricError:  # as in `_told`: a version that cannot be read any more keeps the suggestions there are
        return


def _told(before: RubricVersion, after: RubricVersion) -> list[str]:
    try:
        told = difference(rubric_of(before), rubric_of(after), before.yaml_text, after.yaml_text)
    except RubricError:  # the format has changed since; that must not keep anybody from leaving the old version
        return ["The earlier version cannot be read any more"]
    return list(told.sentences)


def lock_version(session: Session, assignment: Assignment) -> RubricVersion:
    """The version in force, which nobody else changes before this transaction ends."""
    session.flush()
    session.refresh(assignment, ["rubric_version_id", "rubric_version"], with_for_update={"of": Assignment})
    return assignment.rubric_version


def versions(session: Session, assignment: Assignment) -> list[Step]:
    """Every change of the assignment's rubric, newest first."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.assignment_id == assignment.id, AuditEntry.action == ACTION)
        .order_by(AuditEntry.id.desc())
    )
    noted = list(session.scalars(query))
    hashes = {side["sha256"] for entry in noted for side in (entry.before, entry.after)}
    known = {
        version.sha256: version
        for version in session.scalars(
            select(RubricVersion).where(RubricVersion.pack == assignment.pack, RubricVersion.sha256.in_(hashes))
        )
    }
    return [_step(entry, known[entry.before["sha256"]], known[entry.after["sha256"]]) for entry in noted]


def applied_counts(records: ClassRecords, document: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """How often each item is applied, by (question, item), over the class's newest decided answers."""
    counts: dict[tuple[str, str], int] = {}
    for line in lines(records, document):
        for name, question in line.questions.items():
            for item in question.applied:
                counts[name, item] = counts.get((name, item), 0) + 1
    return counts


def answers_with(records: ClassRecords, document: Mapping[str, Any], question: str, item: str) -> list[Line]:
    """The class's newest submissions whose answer the item is applied to, by student."""
    found = [line for line in lines(records, document) if question in line.questions]
    chosen = [line for line in found if item in line.questions[question].applied]
    return sorted(chosen, key=lambda line: (line.student.casefold(), line.submission_id))


def used_item_ids(session: Session, assignment: Assignment, question: str) -> set[str]:
    """Ids of items that answers to the question carry marks of, also of items that are gone."""
    query = select(Mark.item).distinct().join(Submission, Submission.id == Mark.submission_id)
    return set(session.scalars(query.where(Submission.assignment_id == assignment.id, Mark.question == question)))


def _step(entry: AuditEntry, before: RubricVersion, after: RubricVersion) -> Step:
    return Step(
        at=entry.at, by=entry.by, before=before, after=after, sentences=tuple(entry.after.get("changes", ())),
        lines=yaml_lines(before.yaml_text, after.yaml_text),
    )  # fmt: skip


def _refuse_foreign(assignment: Assignment, rubric: Rubric) -> None:
    present = assignment.rubric_version.document["assignment"]
    if rubric.assignment != present:
        raise BadInput(f"this is the rubric of {rubric.assignment!r}; here it must say `assignment: {present}`")


def _refuse_during_run(session: Session, assignment: Assignment) -> None:
    query = select(RegradeRun.id).where(RegradeRun.assignment_id == assignment.id, RegradeRun.state == RunState.RUNNING)
    if session.scalar(query) is not None:
        raise BadInput("the class is being graded again; accept or discard that run, then change the rubric")
