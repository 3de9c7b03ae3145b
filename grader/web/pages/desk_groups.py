"""The desk by groups of similar answers: what they are, and one group decided at once, with exceptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.db.class_answers import written_question
from grader.db.decisions import decide_group
from grader.db.desk import Order, queue
from grader.db.groups import GroupRow, Member, groups_of, members_of, refresh_groups
from grader.db.tables import Assignment, User
from grader.errors import BadInput, NotFound
from grader.web.access import assignment_for
from grader.web.contexts import Conflict, Page
from grader.web.decision_form import kept, read_decision
from grader.web.deps import Db, PageForm, PageUser
from grader.web.desk import Item, Mode, Names, desk_url, items_of, marks_of, mode_of
from grader.web.markdown import markdown
from grader.web.quotes import mark_quotes
from grader.web.rendering import render
from grader.web.shown_answer import quotes_of

router = APIRouter()
_MOST = 100  # answers of a group on one page
Ordered = Annotated[Order | None, Query()]


@dataclass(frozen=True)
class DeskGroupsPage(Page):
    """`announced`: what was just done."""

    assignment: Assignment
    question: Mapping[str, Any]
    groups: list[GroupRow]
    mode: Mode
    announced: str


@dataclass(frozen=True)
class GroupAnswer:
    """`marks` says how it is decided; `ticked`: the decision is to hold for it; `changed`: somebody else was faster."""

    submission_id: int
    who: str
    html: Markup | None
    url: str
    version: str
    marks: str
    decided: bool
    decided_by: str | None
    claimed_by: str | None
    ticked: bool
    changed: bool


@dataclass(frozen=True)
class DeskGroupPage(Page):
    """One group. `suggested`: per item, how many answers are suggested clear and how many deduct.

    size: of the whole group; more: how many answers are not on this page. chosen: what was chosen in a form that was not
    saved as a whole.
    """

    assignment: Assignment
    question: Mapping[str, Any]
    group: int
    size: int
    answers: list[GroupAnswer]
    items: list[Item]
    suggested: Mapping[str, Counter[str]]
    mode: Mode
    previous: str | None
    next: str | None
    more: int
    conflicts: int = 0
    decided: int = 0
    error: str = ""
    announced: str = ""
    chosen: Conflict | None = None


@router.get("/assignments/{slug}/desk/{question}/groups")
def show_groups(
    slug: str, question: str, request: Request, db: Db, user: PageUser, order: Ordered = None, anonymous: bool = False,
    done: int = 0,
) -> Response:  # fmt: skip
    assignment, _ = assignment_for(db, user, slug, staff=True)
    declared = written_question(assignment, question)
    refresh_groups(db, assignment, question)
    page = DeskGroupsPage(
        assignment=assignment, question=declared, groups=groups_of(db, assignment, question),
        mode=mode_of(assignment, order, anonymous), announced=_said(done),
    )  # fmt: skip
    return render(request, "desk_groups.html", page)


@router.get("/assignments/{slug}/desk/{question}/groups/{group}")
def show_group(
    slug: str, question: str, group: int, request: Request, db: Db, user: PageUser, order: Ordered = None,
    anonymous: bool = False, done: int = 0,
) -> Response:  # fmt: skip
    assignment, _ = assignment_for(db, user, slug, staff=True)
    mode = mode_of(assignment, order, anonymous)
    written_question(assignment, question)
    refresh_groups(db, assignment, question)
    return render(request, "desk_group.html", _page(db, assignment, question, group, mode, user, announced=_said(done)))


@router.post("/assignments/{slug}/desk/{question}/groups/{group}")
def save_group(
    slug: str, question: str, group: int, request: Request, db: Db, user: PageUser, form: PageForm,
    order: Ordered = None, anonymous: bool = False,
) -> Response:  # fmt: skip
    """The same decision for every ticked answer; what changed meanwhile is shown again."""
    assignment, _ = assignment_for(db, user, slug, staff=True)
    mode = mode_of(assignment, order, anonymous)
    ticked = _ticked(form)
    chosen = kept(form, question)
    try:
        if not ticked:
            raise BadInput("no answer is ticked")
        result = decide_group(
            db, assignment=assignment, question=question, submission_ids=ticked, decision=read_decision(form),
            versions={it: str(form.get(f"version:{it}", "")) for it in ticked}, by=user,
        )  # fmt: skip
    except BadInput as error:
        page = _page(
            db, assignment, question, group, mode, user, chosen=chosen, ticked=ticked, error=f"Not saved: {error}."
        )
        return render(request, "desk_group.html", page, status=422)
    if result.conflicts:
        page = _page(
            db, assignment, question, group, mode, user, chosen=chosen, ticked=set(), changed=set(result.conflicts),
            decided=len(result.decided),
        )  # fmt: skip
        return render(request, "desk_group.html", page, status=409)
    return RedirectResponse(_onward(db, assignment, question, group, mode, len(result.decided)), 303)


def _page(
    db: Session, assignment: Assignment, question: str, group: int, mode: Mode, me: User, *, chosen: Conflict | None = None,
    ticked: Collection[int] | None = None, changed: Collection[int] = (), decided: int = 0, error: str = "",
    announced: str = "",
) -> DeskGroupPage:  # fmt: skip
    declared = written_question(assignment, question)
    members = members_of(db, assignment, question, group)
    if not members:
        raise NotFound(f"there is no group {group} of answers to {question!r}")
    shown = _first_undecided(members)
    places = queue(db, assignment, question, Order.GROUPS)
    numbers = sorted({place.group for place in places})
    here, names = numbers.index(group), Names(places, mode)
    held = {it.submission_id: it.claimed_by for it in places if it.claimed_by and it.claimed_by_id != me.id}

    def to(index: int) -> str | None:
        return _url(assignment, question, numbers[index], mode) if 0 <= index < len(numbers) else None

    return DeskGroupPage(
        assignment=assignment, question=declared, group=group, size=len(members),
        answers=[_answer(it, assignment, question, mode, names, held, ticked, changed) for it in shown],
        items=_items(declared, members[0], chosen), suggested=_suggested(members), mode=mode,
        previous=to(here - 1), next=to(here + 1), more=len(members) - len(shown), conflicts=len(changed),
        decided=decided, error=error, announced=announced, chosen=chosen,
    )  # fmt: skip


def _first_undecided(members: Sequence[Member]) -> list[Member]:
    """Those still to decide come first, if not all fit."""
    if len(members) <= _MOST:
        return list(members)
    return sorted(members, key=lambda member: member.decided)[:_MOST]


def _items(question: Mapping[str, Any], member: Member, chosen: Conflict | None) -> list[Item]:
    """The rubric with nothing applied, or with what was chosen."""
    return items_of(question, member.sheet, chosen or _NOTHING)


_NOTHING = Conflict("", frozenset(), {}, "", "", "")


def _answer(
    member: Member, assignment: Assignment, question: str, mode: Mode, names: Names, held: Mapping[int, str],
    ticked: Collection[int] | None, changed: Collection[int],
) -> GroupAnswer:  # fmt: skip
    html = mark_quotes(markdown(member.text), quotes_of(member.sheet.result.items)) if member.text.strip() else None
    return GroupAnswer(
        submission_id=member.submission_id, who=names.of(member.submission_id), html=html,
        url=desk_url(assignment, question, member.submission_id) + mode.query, version=member.version,
        marks=marks_of(member.sheet), decided=member.decided, decided_by=member.decided_by,
        claimed_by=held.get(member.submission_id), changed=member.submission_id in changed,
        ticked=not member.decided if ticked is None else member.submission_id in ticked,
    )  # fmt: skip


def _suggested(members: Sequence[Member]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for member in members:
        for item, suggested in member.suggested.items():
            found.setdefault(item, Counter())[suggested] += 1
    return found


def _ticked(form: FormData) -> set[int]:
    return {int(text) for text in map(str, form.getlist("member")) if text.isdecimal()}


def _onward(db: Session, assignment: Assignment, question: str, group: int, mode: Mode, decided: int) -> str:
    """The next group with something to decide, this one first; else the list of groups."""
    open_groups = [row.group for row in groups_of(db, assignment, question) if row.decided < row.size]
    following = next((it for it in open_groups if it > group), open_groups[0] if open_groups else None)
    address = desk_url(assignment, question, "groups") + mode.query
    if following is not None:
        address = _url(assignment, question, following, mode)
    return f"{address}&done={decided}"


def _url(assignment: Assignment, question: str, group: int, mode: Mode) -> str:
    return desk_url(assignment, question, "groups", group) + mode.query


def _said(done: int) -> str:
    return f"Decided: {done} {'answer' if done == 1 else 'answers'}." if done > 0 else ""
