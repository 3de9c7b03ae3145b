"""What the API answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.core.result import ItemResult, QuestionResult, Result
from grader.core.submission import AttemptState, Place
from grader.db.overview import Row
from grader.db.placements import is_answered, missing_answers
from grader.db.scores import QuestionSheet, ScoreSheet
from grader.db.tables import Assignment, Attempt, Role, Submission, Token
from grader.web.visible import is_published, notes_for, shown_sheet, shows_check_totals


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": fields})


class QuestionOut(BaseModel):
    id: str
    title: str
    points: float
    kind: Literal["code", "written"]


class AssignmentOut(BaseModel):
    model_config = _example(
        slug="cs231n-a2", title="CS231n assignment 2", course="cs231n-demo", role="student",
        opens_at=None, due_at="2026-12-01T23:59:00Z", max_score=73.0,
        questions=[{"id": "bn-forward", "title": "Batch normalization, forward", "points": 4, "kind": "code"}],
    )  # fmt: skip

    slug: str
    title: str
    course: str
    role: Role
    opens_at: datetime | None
    due_at: datetime | None
    max_score: float
    questions: list[QuestionOut]

    @classmethod
    def of(cls, assignment: Assignment, role: Role) -> AssignmentOut:
        questions = [
            QuestionOut(
                id=question["id"], title=question["title"], points=question["points"],
                kind="written" if question.get("items") else "code",
            )
            for question in assignment.rubric_version.document["questions"]
        ]  # fmt: skip
        return cls(
            slug=assignment.slug, title=assignment.title, course=assignment.course.slug, role=role,
            opens_at=assignment.opens_at, due_at=assignment.due_at,
            max_score=sum(question.points for question in questions), questions=questions,
        )  # fmt: skip


class AttemptOut(BaseModel):
    id: int
    state: AttemptState
    created_at: datetime
    finished_at: datetime | None
    score: float | None = Field(description="What the checks alone gave; null where some of them are hidden.")

    @classmethod
    def of(cls, attempt: Attempt, *, score: bool = True) -> AttemptOut:
        made = cls.model_validate(attempt, from_attributes=True)
        return made if score else made.model_copy(update={"score": None})


class FileOut(BaseModel):
    path: str
    size: int = Field(description="Bytes.")


class AnswerOut(BaseModel):
    """An answer that was found. `place`: given, found (by its text in a PDF) or selected (by hand)."""

    question: str
    source: str
    place: Place
    document: str | None = None
    pages: list[int] = []


class LinksOut(BaseModel):
    self: str
    events: str
    result: str
    page: str


class SubmissionOut(BaseModel):
    model_config = _example(
        id=12, assignment="cs231n-a2", student="ada@example.org", created_at="2026-11-21T05:55:19Z", source="api",
        published=False, state="graded", score=55.5, max_score=73.0, awaiting_review=16.0,
        remarks=["Skipped 1 file (cache): x.pyc."],
        files=[{"path": "cs231n/layers.py", "size": 31337}], answers=[
            {
                "question": "fc-inline-1", "source": "a2.pdf, page 2", "place": "found", "document": "a2.pdf",
                "pages": [2],
            }
        ],
        missing=["fc-inline-2"],
        attempts=[
            {
                "id": 14, "state": "graded", "created_at": "2026-11-21T05:55:19Z",
                "finished_at": "2026-11-21T05:55:24Z", "score": 55.5,
            }
        ],
        links={
            "self": "/api/v1/submissions/12", "events": "/api/v1/submissions/12/events",
            "result": "/api/v1/submissions/12/result", "page": "/submissions/12",
        },
    )  # fmt: skip

    id: int
    assignment: str
    student: str
    created_at: datetime
    source: str
    state: AttemptState = Field(description="Of the newest attempt.")
    published: bool = Field(description="Whether students see the marks of TAs.")
    score: float | None = Field(
        description="Staff: with today's marks. Students: with what they may see. Null before anything is graded."
    )
    max_score: float | None
    awaiting_review: float | None = Field(description="Points that are not decided, or not published yet.")
    remarks: list[str]
    files: list[FileOut]
    answers: list[AnswerOut]
    missing: list[str] = Field(description="Written questions to which no answer was found; see /answers.")
    attempts: list[AttemptOut]
    links: LinksOut

    @classmethod
    def of(cls, submission: Submission, sheet: ScoreSheet | None, *, staff: bool) -> SubmissionOut:
        """As staff or the student may see it; `sheet` in full."""
        here = f"/api/v1/submissions/{submission.id}"
        sheet = shown_sheet(sheet, submission.assignment, staff=staff)
        totals = shows_check_totals(submission.assignment, staff=staff)
        attempts = [attempt for attempt in submission.attempts if staff or attempt.counts]
        return cls(
            id=submission.id, assignment=submission.assignment.slug, student=submission.user.email,
            created_at=submission.created_at, source=submission.source, state=submission.newest_attempt.state,
            published=is_published(submission.assignment),
            score=sheet.score if sheet else None, max_score=sheet.max_score if sheet else None,
            awaiting_review=sheet.awaiting_review if sheet else None,
            remarks=list(dict.fromkeys([*submission.remarks, *(sheet.remarks if sheet else ())])),
            files=[FileOut(path=file.path, size=file.size) for file in submission.files],
            answers=[AnswerOut.model_validate(it, from_attributes=True) for it in submission.answers if is_answered(it)],
            missing=missing_answers(submission),
            attempts=[AttemptOut.of(attempt, score=totals) for attempt in attempts],
            links=LinksOut(
                self=here, events=f"{here}/events", result=f"{here}/result", page=f"/submissions/{submission.id}"
            ),
        )  # fmt: skip


class ReceiptOut(BaseModel):
    """An upload that is kept until the database is back."""

    model_config = _example(
        receipt="6f1c0d9e-6a7b-4b9e-9a4f-0d8f5f0f7a11", state="kept", submission=None, error=None,
        link="/api/v1/receipts/6f1c0d9e-6a7b-4b9e-9a4f-0d8f5f0f7a11",
    )  # fmt: skip

    receipt: str
    state: Literal["kept", "accepted", "refused"]
    submission: int | None = None
    error: str | None = None
    link: str


class RowOut(BaseModel):
    id: int
    student: str
    email: str
    created_at: datetime
    state: AttemptState
    review: Literal["queued", "running", "failed", "to-review", "reviewed"]
    score: float | None
    max_score: float | None

    @classmethod
    def of(cls, row: Row) -> RowOut:
        return cls.model_validate(row, from_attributes=True)


class ListOut(BaseModel):
    """One page of submissions; `next` is the address of the following page, if there is one."""

    total: int
    items: list[RowOut]
    next: str | None


class AdjustmentOut(BaseModel):
    points: float
    comment: str


class ItemOut(ItemResult):
    comment: str = ""


class ReviewOut(BaseModel):
    """A question as TAs left it. Send `version` back when saving."""

    model_config = _example(
        question="bn-inline-4", title="Layer norm with few features", version="8f2c0a4be11d7c35", status="graded",
        score=1.0, max_score=2.0, adjustment={"points": 0.5, "comment": "Good example."},
        items=[{"id": "not-2", "label": "Option 2 not chosen", "points": -1.0, "applied": True, "comment": ""}],
    )  # fmt: skip

    question: str
    title: str
    version: str
    status: Literal["graded", "needs_review"]
    score: float
    max_score: float
    items: list[ItemOut]
    adjustment: AdjustmentOut | None
    decided_by: str | None = None

    @classmethod
    def of(cls, sheet: QuestionSheet) -> ReviewOut:
        adjusted, result = sheet.adjustment, sheet.result
        items = [
            ItemOut(**item.model_dump(), comment=sheet.marks[item.id].comment if item.id in sheet.marks else "")
            for item in result.items
        ]
        return cls(
            question=result.id, title=result.title, version=sheet.version, status=result.status, score=result.score,
            max_score=result.max_score, items=items,
            adjustment=AdjustmentOut(points=float(adjusted.points), comment=adjusted.comment) if adjusted else None,
            decided_by=sheet.review.by.name if sheet.review else None,
        )  # fmt: skip


class ResultOut(Result):
    """The result with today's marks, as staff or the student may see it (`grader.core.visibility`).

    adjustments by question; comments by question and item; hidden: what the student does not see yet, by question.
    """

    questions: tuple[QuestionResult, ...]
    published: bool = False
    adjustments: dict[str, AdjustmentOut] = Field(default_factory=dict)
    comments: dict[str, dict[str, str]] = Field(default_factory=dict)
    hidden: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, sheet: ScoreSheet, assignment: Assignment, *, staff: bool) -> ResultOut:
        shown = shown_sheet(sheet, assignment, staff=staff)
        result = shown.as_result()
        fields = {name: getattr(result, name) for name in Result.model_fields}
        if not staff:
            fields["record"] = {}
        return cls(
            **fields,
            published=is_published(assignment),
            adjustments={
                one.result.id: AdjustmentOut(points=float(one.adjustment.points), comment=one.adjustment.comment)
                for one in shown.questions
                if one.adjustment
            },
            comments={one.result.id: said for one in shown.questions if (said := _comments(one))},
            hidden=dict(notes_for(assignment, staff=staff)),
        )


def _comments(question: QuestionSheet) -> dict[str, str]:
    return {name: mark.comment for name, mark in question.marks.items() if mark.comment}


class TokenOut(BaseModel):
    id: int
    label: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, token: Token) -> TokenOut:
        return cls.model_validate(token, from_attributes=True)


class NewTokenOut(TokenOut):
    model_config = _example(
        id=3, label="laptop", created_at="2026-11-21T05:55:19Z", last_used_at=None, expires_at=None,
        token="grd_…",
    )  # fmt: skip

    token: str = Field(description="Shown this once; only its hash is kept.")
