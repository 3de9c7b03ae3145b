"""Before a rubric is applied: whose score changes, and what else follows. Applying it, and its earlier versions."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.core.rubric import Question
from grader.core.rubric_difference import Difference, difference, needs_grading
from grader.db import rubrics
from grader.db.gradebook import ClassRecords, class_records, lines
from grader.db.tables import Assignment, RubricVersion
from grader.errors import BadInput, EditConflict
from grader.web.access import assignment_for
from grader.web.contexts import Page
from grader.web.deps import Db, PageForm, PageUser
from grader.web.histogram import Bar, bars
from grader.web.pages.rubric import Draft, opened
from grader.web.rendering import render

router = APIRouter()


@dataclass(frozen=True)
class StudentChange:
    """One student's newest submission: the total before and after, and the questions that differ."""

    submission_id: int
    student: str
    before: float
    after: float
    questions: list[rubrics.Change]


@dataclass(frozen=True)
class NewItem:
    """An item that no answer can have yet. `above`: the item before it, whose answers are to be looked at again, and in
    how many answers it is applied."""

    question: str
    label: str
    above: str = ""
    above_label: str = ""
    above_answers: int = 0


@dataclass(frozen=True)
class PreviewPage(Page):
    """draft against what is in force, `present`. reasons: why the class must be graded again instead. theirs: what
    somebody else changed since editing began. mean: of the graded totals, before and after."""

    assignment: Assignment
    draft: Draft
    present: RubricVersion
    difference: Difference
    theirs: tuple[str, ...]
    reasons: list[str]
    students: list[StudentChange]
    graded: int
    mean: tuple[float, float]
    bars: list[Bar]
    fresh: list[NewItem]
    error: str = ""


@dataclass(frozen=True)
class VersionsPage(Page):
    """`steps`, newest first, each with the address that previews going back to the version before it."""

    assignment: Assignment
    steps: list[tuple[rubrics.Step, str]]


@router.get("/assignments/{slug}/rubric/preview")
def show_preview(slug: str, request: Request, db: Db, user: PageUser, draft: str = "", base: str = "") -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return render(request, "rubric_preview.html", _page(db, assignment, opened(db, assignment, draft, base)))


@router.post("/assignments/{slug}/rubric/apply")
def apply_draft(slug: str, request: Request, db: Db, user: PageUser, form: PageForm) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    draft = opened(db, assignment, str(form.get("draft", "")), str(form.get("base", "")))
    try:
        rubrics.apply_edit(db, assignment, draft.version.yaml_text, str(form.get("seen", "")), user)
    except (EditConflict, BadInput) as error:
        shown = _page(db, assignment, opened(db, assignment, draft.version.sha256, draft.base.sha256), str(error))
        return render(request, "rubric_preview.html", shown, status=error.status)
    return RedirectResponse(f"/assignments/{slug}/rubric?done=1", 303)


@router.get("/assignments/{slug}/rubric/versions")
def show_versions(slug: str, request: Request, db: Db, user: PageUser) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    address = f"/assignments/{slug}/rubric/preview?"
    steps = [(step, address + urlencode({"draft": step.before.sha256})) for step in rubrics.versions(db, assignment)]
    return render(request, "rubric_versions.html", VersionsPage(assignment, steps))


def _page(db: Session, assignment: Assignment, draft: Draft, error: str = "") -> PreviewPage:
    present = assignment.rubric_version
    old, new = rubrics.rubric_of(present), rubrics.rubric_of(draft.version)
    records = class_records(db, assignment)
    students = _students(rubrics.changes(db, assignment, draft.version.document, records=records))
    totals = [[line.score for line in lines(records, version.document) if line.score is not None]
              for version in (present, draft.version)]  # fmt: skip
    return PreviewPage(
        assignment=assignment,
        draft=draft,
        present=present,
        difference=difference(old, new, present.yaml_text, draft.version.yaml_text),
        theirs=_theirs(draft, present),
        reasons=needs_grading(old, new),
        students=students,
        graded=len(totals[0]),
        mean=(_mean(totals[0]), _mean(totals[1])),
        bars=bars([round(student.after - student.before, 4) for student in students]),
        fresh=[item for question in new.questions for item in _fresh(question, old.questions, records, draft)],
        error=error,
    )


def _students(changes: list[rubrics.Change]) -> list[StudentChange]:
    found: dict[int, StudentChange] = {}
    for change in changes:
        student = StudentChange(change.submission_id, change.student, change.total_before, change.total_after, [])
        found.setdefault(change.submission_id, student).questions.append(change)
    return list(found.values())


def _theirs(draft: Draft, present: RubricVersion) -> tuple[str, ...]:
    if not draft.outdated:
        return ()
    told = difference(
        rubrics.rubric_of(draft.base), rubrics.rubric_of(present), draft.base.yaml_text, present.yaml_text
    )
    return told.sentences


def _fresh(question: Question, before: tuple[Question, ...], records: ClassRecords, draft: Draft) -> list[NewItem]:
    was = next((it for it in before if it.id == question.id), None)
    if was is None:
        return []
    known = {item.id for item in was.items}
    found = []
    for above, item in zip([None, *question.items], question.items, strict=False):
        if item.id in known:
            continue
        if above is None or above.id not in known:
            found.append(NewItem(question.id, item.label))
            continue
        answers = rubrics.answers_with(records, draft.version.document, question.id, above.id)
        found.append(NewItem(question.id, item.label, above.id, above.label, len(answers)))
    return found


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
