"""For staff: the assignment's rubric, what another one would change, and applying it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from grader.core.rubric_difference import difference, needs_grading
from grader.core.rubric_file import RubricError
from grader.db import rubrics
from grader.db.tables import Assignment, RubricVersion
from grader.errors import BadInput, EditConflict
from grader.web.access import assignment_for
from grader.web.api.answers import problems
from grader.web.deps import ApiUser, Db

router = APIRouter(prefix="/assignments/{slug}/rubric", tags=["rubric"])


class RubricOut(BaseModel):
    """A version of a rubric. `sha256` is of the text, and names it."""

    sha256: str
    yaml: str

    @classmethod
    def of(cls, version: RubricVersion) -> RubricOut:
        return cls(sha256=version.sha256, yaml=version.yaml_text)


class RubricIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    yaml: str = Field(max_length=1_000_000)


class RubricPut(RubricIn):
    seen: str = Field(description="sha256 of the rubric as it was read; another one in force meanwhile gives 409.")


class ChangeOut(BaseModel):
    """The points of one question of one submission, and its total; null: not part of the rubric, or not graded."""

    submission: int
    student: str
    question: str
    before: float | None
    after: float | None
    total_before: float
    total_after: float


class PreviewOut(BaseModel):
    """`needs_grading`: why this rubric cannot be applied without grading the class again; empty when it can."""

    sha256: str
    changes: list[ChangeOut]
    sentences: list[str]
    needs_grading: list[str]


class StepOut(BaseModel):
    """A change of the rubric; `by` is null for the command line."""

    at: datetime
    by: str | None
    before: str
    after: str
    sentences: list[str]


@router.get("", summary="The rubric in force (staff)", responses=problems(401, 403, 404))
def get_rubric(slug: str, db: Db, user: ApiUser) -> RubricOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return RubricOut.of(assignment.rubric_version)


@router.get("/versions", summary="Changes of the rubric, newest first (staff)", responses=problems(401, 403, 404))
def list_versions(slug: str, db: Db, user: ApiUser) -> list[StepOut]:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return [
        StepOut(
            at=step.at, by=step.by.name if step.by else None, before=step.before.sha256, after=step.after.sha256,
            sentences=list(step.sentences),
        )
        for step in rubrics.versions(db, assignment)
    ]  # fmt: skip


@router.post("/preview", summary="Whose score a rubric would change (staff)", responses=problems(401, 403, 404, 422))
def preview_rubric(slug: str, rubric: RubricIn, db: Db, user: ApiUser) -> PreviewOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    version, present = _draft(db, assignment, rubric.yaml), assignment.rubric_version
    old, new = rubrics.rubric_of(present), rubrics.rubric_of(version)
    changes = [
        ChangeOut(
            submission=change.submission_id, student=change.student, question=change.question, before=change.before,
            after=change.after, total_before=change.total_before, total_after=change.total_after,
        )
        for change in rubrics.changes(db, assignment, version.document)
    ]  # fmt: skip
    told = difference(old, new, present.yaml_text, version.yaml_text)
    return PreviewOut(
        sha256=version.sha256, changes=changes, sentences=list(told.sentences), needs_grading=needs_grading(old, new)
    )


@router.put(
    "", summary="Apply a rubric: everybody is rescored at once (staff)", responses=problems(401, 403, 404, 409, 422)
)
def put_rubric(slug: str, rubric: RubricPut, db: Db, user: ApiUser) -> RubricOut:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    try:
        return RubricOut.of(rubrics.apply_edit(db, assignment, rubric.yaml, rubric.seen, user))
    except RubricError as error:
        raise BadInput("; ".join(error.problems)) from error
    except EditConflict as error:
        raise EditConflict(str(error), RubricOut.of(error.current)) from error


def _draft(db: Session, assignment: Assignment, yaml: str) -> RubricVersion:
    try:
        return rubrics.draft(db, assignment, yaml)
    except RubricError as error:
        raise BadInput("; ".join(error.problems)) from error
