"""Graded exports over REST: one student's answers and marks into an assignment."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from grader.db.rubrics import rubric_of
from grader.imports import import_export
from grader.ingest.gradescope.match import match
from grader.queue import send_attempt
from grader.web.access import assignment_for
from grader.web.api.answers import problems
from grader.web.deps import ApiUser, Db, SettingsDep
from grader.web.import_form import ImportUpload, sent_export, student_of

router = APIRouter(prefix="/assignments", tags=["assignments"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "email"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "PDF, text or Markdown."},
                        "email": {"type": "string", "description": "The student's; a new one is enrolled."},
                        "student_name": {"type": "string", "description": "Of a new student."},
                    },
                },
            }
        },
    }
}


class ImportOut(BaseModel):
    """`questions`: the rubric's question by the export's number; `differences` and `repairs` are sentences."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "submission": 17, "score": 9, "export_score": 9, "export_max_score": 16,
                "questions": {"1": "fc-inline-1", "2": None}, "differences": [], "repairs": [],
            }
        }
    )  # fmt: skip

    submission: int
    score: float
    export_score: float
    export_max_score: float
    questions: dict[str, str | None]
    differences: list[str]
    repairs: list[str]


@router.post(
    "/{slug}/imports",
    summary="Import a graded Gradescope export",
    status_code=201,
    openapi_extra=_BODY,
    responses=problems(401, 403, 404, 413, 422),
)
def create_import(slug: str, db: Db, user: ApiUser, settings: SettingsDep, form: ImportUpload) -> ImportOut:
    """For staff. The marks count as decided by whoever sends them; the same export again changes nothing."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    sent = sent_export(form, settings)
    found = match(sent.export, rubric_of(assignment.rubric_version))
    imported = import_export(
        db, assignment=assignment, student=student_of(db, assignment.course, form), export=sent.export, match=found,
        by=user, name=sent.name,
    )  # fmt: skip
    stored = imported.stored
    db.commit()
    if stored.created:
        send_attempt(stored.attempt.id, stored.attempt.lane)
    return ImportOut(
        submission=stored.submission.id, score=imported.score, export_score=sent.export.score,
        export_max_score=sent.export.max_score, questions=found.questions, differences=list(imported.differences),
        repairs=list(sent.export.repairs),
    )  # fmt: skip
