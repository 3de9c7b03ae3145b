"""Where the written answers of a submission stand, and pointing at one that was not found."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.blobs import Blobs
from grader.core.submission import Place
from grader.db.courses import STAFF
from grader.db.placements import Standing, standings, why_not
from grader.db.tables import Role, Submission
from grader.errors import NotFound
from grader.web.access import submission_for
from grader.web.api.answers import problems
from grader.web.api.submissions import Id
from grader.web.deps import ApiUser, Db, SettingsDep
from grader.web.pointing import MOST_PARTS, MOST_TEXT, documents_of, point, type_in

router = APIRouter(prefix="/submissions", tags=["submissions"])


class PlacementOut(BaseModel):
    """An answer and where it stands. `place` is null where nothing was handed in that could hold it.

    `refusal` says why the reader cannot point at it now; empty if they can. `documents` can be pointed at.
    """

    question: str
    title: str
    found: bool
    text: str
    source: str
    place: Place | None
    document: str | None
    pages: list[int]
    placed_at: datetime | None = Field(description="When somebody pointed at it; null for what was found by itself.")
    refusal: str
    documents: list[str]

    @classmethod
    def of(cls, standing: Standing, submission: Submission, role: Role) -> PlacementOut:
        answer = standing.answer
        return cls(
            question=standing.question, title=standing.title, found=standing.found,
            text=answer.text if answer else "", source=answer.source if answer else "",
            place=answer.place if answer else None, document=answer.document if answer else None,
            pages=answer.pages if answer else [], placed_at=answer.placed_at if answer else None,
            refusal=why_not(submission, standing.reviewed, staff=role in STAFF),
            documents=[file.path for file in documents_of(submission)],
        )  # fmt: skip


class PlacementIn(BaseModel):
    """Either `document` and `parts` (pages of a PDF, cells of a notebook, paragraphs of a text, from 1), or `text`,
    which only staff may send."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"document": "a2_inline.pdf", "parts": [2, 3]}}
    )

    document: str | None = None
    parts: list[int] = Field([], max_length=MOST_PARTS)
    text: str | None = Field(None, max_length=MOST_TEXT)

    @model_validator(mode="after")
    def _one_of_both(self) -> PlacementIn:
        if (self.text is None) == (self.document is None) or bool(self.parts) != (self.document is not None):
            raise ValueError("send `document` with `parts`, or `text`")
        return self


@router.get(
    "/{submission_id}/answers", summary="Where every written answer stands, what was not found first",
    responses=problems(401, 404, 422),
)  # fmt: skip
def list_answers(db: Db, user: ApiUser, submission_id: Id) -> list[PlacementOut]:
    submission, role = submission_for(db, user, submission_id)
    found = sorted(standings(db, submission), key=lambda standing: standing.found)
    return [PlacementOut.of(standing, submission, role) for standing in found]


@router.get(
    "/{submission_id}/answers/{question}", summary="One written answer and where it stands",
    responses=problems(401, 404, 422),
)  # fmt: skip
def get_answer(question: str, db: Db, user: ApiUser, submission_id: Id) -> PlacementOut:
    submission, role = submission_for(db, user, submission_id)
    for standing in standings(db, submission):
        if standing.question == question:
            return PlacementOut.of(standing, submission, role)
    raise NotFound(f"this assignment has no written question {question!r}")


@router.put(
    "/{submission_id}/answers/{question}", summary="Point at an answer that was not found",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
def put_answer(
    question: str, placement: PlacementIn, db: Db, user: ApiUser, settings: SettingsDep, submission_id: Id
) -> PlacementOut:
    """Students can until the due date, and while no TA has marked the question; the files stay as they are."""
    submission, role = submission_for(db, user, submission_id)
    if placement.document is None:
        type_in(db, submission, question, placement.text or "", by=user, role=role)
    else:
        point(
            db, Blobs(settings.blobs_dir), submission, question, path=placement.document, numbers=placement.parts,
            by=user, role=role,
        )  # fmt: skip
    return get_answer(question, db, user, submission_id)
