"""The TA's desk: all written questions, and one answer at a time. With scripts the browser saves through the API."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.blobs import Blobs
from grader.db.agreement import ItemAgreement, agreement
from grader.db.audit import record
from grader.db.class_answers import written_question
from grader.db.decisions import confirm_clear, decide
from grader.db.desk import Order, next_ungraded, queue
from grader.db.groups import refresh_groups
from grader.db.kinds import ReviewVia, Role
from grader.db.opinions import spent
from grader.db.progress import QuestionProgress, progress
from grader.db.tables import Assignment, Submission, User
from grader.db.undo import undo
from grader.errors import BadInput, EditConflict, Forbidden, NotFound
from grader.language_model import is_on
from grader.web.access import assignment_for, submission_for
from grader.web.api.submissions import Id
from grader.web.contexts import Page
from grader.web.decision_form import kept, read_decision
from grader.web.deps import Db, PageForm, PageUser, SettingsDep
from grader.web.desk import answer_page, desk_url, mode_of
from grader.web.rendering import render
from grader.web.shown_answer import plots

router = APIRouter()
Ordered = Annotated[Order | None, Query()]
_PLOTS = {"image/png", "image/jpeg"}


@dataclass(frozen=True)
class DeskLine:
    """A written question. `agreement`: how often TAs decided as was suggested, by item."""

    progress: QuestionProgress
    agreement: list[ItemAgreement]


@dataclass(frozen=True)
class DeskPage(Page):
    """`done`: title of the question that was just finished. `may_hide`: the visitor may switch names off for all.
    `asked`: requests to a language model so far, and their cost; None where the course has none."""

    assignment: Assignment
    lines: list[DeskLine]
    may_hide: bool
    done: str
    announced: str
    asked: tuple[int, Decimal] | None


@router.get("/assignments/{slug}/desk")
def show_desk(
    slug: str, request: Request, db: Db, user: PageUser, settings: SettingsDep, done: str = "", said: str = ""
) -> Response:
    assignment, role = assignment_for(db, user, slug, staff=True)
    found = progress(db, assignment, user)
    agreed = agreement(db, assignment)
    page = DeskPage(
        assignment=assignment, lines=[DeskLine(it, agreed.get(it.question, [])) for it in found],
        may_hide=role is Role.INSTRUCTOR,
        done=next((it.title for it in found if it.question == done), ""), announced=_SAID.get(said, ""),
        asked=spent(db, assignment) if is_on(settings, assignment.course.slug) else None,
    )  # fmt: skip
    return render(request, "desk.html", page)


_SAID = {
    "confirmed": "Confirmed: the answers whose items are all clear have full points.",
    "undone": "Your last decision was taken back.",
    "nothing": "There is no decision of yours to take back.",
    "hidden": "Names are hidden on the desk.",
    "asked": "The language model was asked; its opinion will stand below the answer.",
    "not-asked": "Not asked: the queue is away. Try again.",
    "shown": "Names are shown on the desk.",
}


@router.post("/assignments/{slug}/desk/names")
def hide_names(slug: str, db: Db, user: PageUser, form: PageForm) -> Response:
    """An instructor decides whether the assignment is marked without names."""
    assignment, role = assignment_for(db, user, slug, staff=True)
    if role is not Role.INSTRUCTOR:
        raise Forbidden("only an instructor decides whether names are shown")
    hidden = form.get("anonymous") == "1"
    if assignment.anonymous != hidden:
        before, after = {"anonymous": assignment.anonymous}, {"anonymous": hidden}
        assignment.anonymous = hidden
        record(db, "anonymous marking", assignment_id=assignment.id, by=user, before=before, after=after)
    return RedirectResponse(f"{desk_url(assignment)}?said={'hidden' if hidden else 'shown'}", 303)


@router.post("/assignments/{slug}/desk/undo")
def take_back(slug: str, db: Db, user: PageUser, form: PageForm) -> Response:
    """The visitor's own last decision."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    undone = undo(db, by=user, assignment=assignment)
    if undone is None:
        return RedirectResponse(f"{desk_url(assignment)}?said=nothing", 303)
    return RedirectResponse(f"{desk_url(assignment, undone.question, undone.submission_id)}?said=undone", 303)


@router.post("/assignments/{slug}/desk/{question}/confirm-clear")
def confirm(slug: str, question: str, db: Db, user: PageUser, form: PageForm) -> Response:
    """Every answer whose items are all suggested clear; with the desk's undo it can be taken back."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    confirm_clear(db, assignment=assignment, question=question, by=user)
    return RedirectResponse(f"{desk_url(assignment)}?said=confirmed", 303)


@router.get("/assignments/{slug}/desk/{question}")
def start(
    slug: str, question: str, db: Db, user: PageUser, order: Ordered = None, anonymous: bool = False
) -> Response:
    """On to the next undecided answer; to the first one, when all are decided."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    written_question(assignment, question)
    refresh_groups(db, assignment, question)
    mode = mode_of(assignment, order, anonymous)
    places = queue(db, assignment, question, mode.order, user.id)
    if not places:
        return RedirectResponse(desk_url(assignment), 303)
    wanted = next_ungraded(places, None, user) or places[0].submission_id
    return RedirectResponse(desk_url(assignment, question, wanted) + mode.query, 303)


@router.get("/assignments/{slug}/desk/{question}/{submission_id:int}")
def show_answer(
    slug: str, question: str, submission_id: Id, request: Request, db: Db, user: PageUser, settings: SettingsDep,
    order: Ordered = None, anonymous: bool = False, said: str = "",
) -> Response:  # fmt: skip
    assignment, _ = assignment_for(db, user, slug, staff=True)
    page = answer_page(
        db, assignment, question, submission_id, mode=mode_of(assignment, order, anonymous), me=user,
        blobs=Blobs(settings.blobs_dir), may_ask=is_on(settings, assignment.course.slug),
        announced=_SAID.get(said, ""),
    )  # fmt: skip
    return render(request, "desk_answer.html", page)


@router.post("/assignments/{slug}/desk/{question}/{submission_id:int}")
def save_answer(
    slug: str, question: str, submission_id: Id, request: Request, db: Db, user: PageUser, form: PageForm,
    settings: SettingsDep, order: Ordered = None, anonymous: bool = False,
) -> Response:  # fmt: skip
    """Save, then on to the next undecided answer."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    mode = mode_of(assignment, order, anonymous)

    def again(status: int, **more: object) -> Response:
        page = answer_page(
            db, assignment, question, submission_id, mode=mode, me=user, blobs=Blobs(settings.blobs_dir), **more
        )
        return render(request, "desk_answer.html", page, status=status)

    try:
        decide(
            db, submission=_submission(db, user, assignment, submission_id), question=question,
            decision=read_decision(form), version=str(form.get("version", "")), by=user, via=ReviewVia.DESK,
        )  # fmt: skip
    except EditConflict as error:
        return again(409, conflict=kept(form, question, error.current))
    except BadInput as error:
        return again(422, conflict=kept(form, question), error=f"Not saved: {error}.")
    places = queue(db, assignment, question, mode.order, user.id)
    following = next_ungraded(places, submission_id, user)
    if following is None:
        return RedirectResponse(f"{desk_url(assignment)}?done={question}", 303)
    return RedirectResponse(desk_url(assignment, question, following) + mode.query, 303)


@router.get("/submissions/{submission_id}/plots/{question}/{number}")
def show_plot(
    submission_id: Id, question: str, number: int, db: Db, user: PageUser, settings: SettingsDep
) -> Response:
    """A picture from an answer's notebook, as a picture and nothing else."""
    submission, _ = submission_for(db, user, submission_id)
    answer = next((it for it in submission.answers if it.question == question), None)
    found = plots(answer, submission.files, Blobs(settings.blobs_dir))
    if not 1 <= number <= len(found) or found[number - 1].mime not in _PLOTS:
        return Response(status_code=404)
    plot = found[number - 1]
    headers = {"content-disposition": "inline", "cache-control": "private, max-age=86400"}
    return Response(plot.data, media_type=plot.mime, headers=headers)


def _submission(db: Session, user: User, assignment: Assignment, submission_id: int) -> Submission:
    """Raises NotFound for one of another assignment."""
    submission, _ = submission_for(db, user, submission_id, staff=True)
    if submission.assignment_id != assignment.id:
        raise NotFound(f"{assignment.title} has no submission {submission_id}")
    return submission
