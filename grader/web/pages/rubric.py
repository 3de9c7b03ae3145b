"""The living rubric: editing items, seeing whose score changes, applying it. A draft is a stored version of the rubric
that is in force nowhere yet; its address names it, so that going back in the browser undoes a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.core.rubric import Item, Question
from grader.core.rubric_edit import RubricEditError
from grader.db import rubrics
from grader.db.gradebook import Line, class_records
from grader.db.tables import Assignment, RubricVersion
from grader.errors import NotFound
from grader.web.access import assignment_for
from grader.web.contexts import Page
from grader.web.deps import Db, PageUser, SettingsDep
from grader.web.rendering import render
from grader.web.rubric_form import Wish, edited
from grader.web.security.csrf import FIELD, check_csrf

router = APIRouter()
_FIELDS = 20_000  # of the editor's form: several for each item


@dataclass(frozen=True)
class Draft:
    """What is being edited: `version` as it is now, `base` as it was in force when editing began.

    outdated: somebody else changed the rubric since.
    """

    base: RubricVersion
    version: RubricVersion
    outdated: bool

    @property
    def changed(self) -> bool:
        return self.version.id != self.base.id

    @property
    def query(self) -> str:
        """To hang on an address; empty for what is in force."""
        if not self.changed and not self.outdated:
            return ""
        return "?" + urlencode({"draft": self.version.sha256, "base": self.base.sha256})


@dataclass(frozen=True)
class RubricPage(Page):
    """applied: by (question, item), how many answers. decided: by question. typed: by field, what an edit that cannot be
    saved had typed, with the `error`."""

    assignment: Assignment
    draft: Draft
    written: list[Question]
    code: list[Question]
    max_score: float
    applied: dict[tuple[str, str], int]
    decided: dict[str, int]
    answers: int
    done: bool
    typed: dict[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class ItemPage(Page):
    """One item in full. `others` are the question's other items, `answers` those that it is applied to."""

    assignment: Assignment
    draft: Draft
    question: Question
    item: Item
    others: list[Item]
    answers: list[Line]
    groups: list[str]
    anonymous: bool
    typed: dict[str, str] = field(default_factory=dict)
    error: str = ""


async def editor_form(request: Request, settings: SettingsDep) -> FormData:
    """A form with as many fields as a large rubric has; its CSRF token is checked."""
    form = await request.form(max_files=0, max_fields=_FIELDS)
    check_csrf(request, settings, str(form.get(FIELD, "")))
    return form


EditorForm = Annotated[FormData, Depends(editor_form)]


def opened(db: Session, assignment: Assignment, draft: str = "", base: str = "") -> Draft:
    """The draft of that sha256, begun from `base`; by default what is in force. Raises NotFound."""
    present = assignment.rubric_version
    begun = rubrics.version_by_sha256(db, assignment, base) if base else present
    version = rubrics.version_by_sha256(db, assignment, draft) if draft else begun
    return Draft(begun, version, outdated=begun.id != present.id)


@router.get("/assignments/{slug}/rubric")
def show_rubric(
    slug: str, request: Request, db: Db, user: PageUser, draft: str = "", base: str = "", done: bool = False
) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    return render(request, "rubric.html", _page(db, assignment, opened(db, assignment, draft, base), done=done))


@router.get("/assignments/{slug}/rubric/item")
def show_item(
    slug: str, question: str, item: str, request: Request, db: Db, user: PageUser, draft: str = "", base: str = ""
) -> Response:
    assignment, _ = assignment_for(db, user, slug, staff=True)
    page = _item_page(db, assignment, opened(db, assignment, draft, base), question, item)
    return render(request, "rubric_item.html", page)


@router.post("/assignments/{slug}/rubric")
def edit_rubric(slug: str, request: Request, db: Db, user: PageUser, form: EditorForm) -> Response:
    """Whatever button was pressed, what was typed is kept first."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    draft = opened(db, assignment, str(form.get("draft", "")), str(form.get("base", "")))
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    wish = Wish.of(fields.get("do", "keep"))
    try:
        rubric = rubrics.rubric_of(draft.version)
        text = edited(
            draft.version.yaml_text, rubric, fields, wish, lambda name: rubrics.used_item_ids(db, assignment, name)
        )
        version = rubrics.draft(db, assignment, text)
    except RubricEditError as error:
        return _refused(request, db, assignment, draft, wish, fields, str(error))
    return RedirectResponse(_after(slug, Draft(draft.base, version, draft.outdated), wish), 303)


def _refused(
    request: Request, db: Session, assignment: Assignment, draft: Draft, wish: Wish, fields: dict[str, str], error: str
) -> Response:
    if fields.get("page") == "item" and wish.item:
        page: Page = _item_page(db, assignment, draft, wish.question, wish.item, typed=fields, error=error)
        return render(request, "rubric_item.html", page, status=422)
    return render(request, "rubric.html", _page(db, assignment, draft, typed=fields, error=error), status=422)


def _after(slug: str, draft: Draft, wish: Wish) -> str:
    """Where a button leads."""
    address = f"/assignments/{slug}/rubric"
    if wish.word in ("preview", "yaml"):
        return f"{address}/{wish.word}{draft.query}"
    if wish.word == "item":
        more = urlencode({"question": wish.question, "item": wish.item})
        return f"{address}/item{draft.query}{'&' if draft.query else '?'}{more}"
    place = f"#i-{wish.question}-{wish.item}" if wish.word in ("keep", "up", "down", "split") and wish.item else ""
    return f"{address}{draft.query}" + (place or (f"#q-{wish.question}" if wish.question else ""))


def _page(
    db: Session, assignment: Assignment, draft: Draft, *, done: bool = False, typed: dict[str, str] | None = None,
    error: str = "",
) -> RubricPage:  # fmt: skip
    rubric = rubrics.rubric_of(draft.version)
    records = class_records(db, assignment)
    answers = [submission.id for submission in records.submissions]
    return RubricPage(
        assignment=assignment,
        draft=draft,
        written=[question for question in rubric.questions if question.items],
        code=[question for question in rubric.questions if not question.items],
        max_score=rubric.max_score,
        applied=rubrics.applied_counts(records, draft.version.document),
        decided={q.id: sum((id_, q.id) in records.reviewed for id_ in answers) for q in rubric.questions},
        answers=len(answers),
        done=done and not draft.changed,
        typed=typed or {},
        error=error,
    )


def _item_page(
    db: Session, assignment: Assignment, draft: Draft, question: str, item: str, *,
    typed: dict[str, str] | None = None, error: str = "",
) -> ItemPage:  # fmt: skip
    asked = next((it for it in rubrics.rubric_of(draft.version).questions if it.id == question), None)
    found = next((it for it in asked.items if it.id == item), None) if asked else None
    if asked is None or found is None:
        raise NotFound(f"this rubric has no item {item} of {question}; it may have been deleted or merged")
    records = class_records(db, assignment)
    return ItemPage(
        assignment=assignment,
        draft=draft,
        question=asked,
        item=found,
        others=[other for other in asked.items if other.id != item],
        answers=rubrics.answers_with(records, draft.version.document, question, item),
        groups=sorted({it.group for it in asked.items if it.group}),
        anonymous=assignment.anonymous,
        typed=typed or {},
        error=error,
    )
