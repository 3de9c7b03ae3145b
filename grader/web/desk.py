"""The TA's desk, made ready for its pages: the queue as links, one answer with its rubric, answers like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.blobs import Blobs
from grader.core.result import ItemResult
from grader.core.score import applied_items
from grader.db.answer_sheets import answer_sheets
from grader.db.class_answers import written_question
from grader.db.desk import Order, Place, next_ungraded, queue
from grader.db.opinions import newest_opinion
from grader.db.outcomes import Outcome, outcomes
from grader.db.review_tables import Opinion
from grader.db.scores import QuestionSheet
from grader.db.tables import Assignment, SubmissionFile, User
from grader.errors import NotFound
from grader.web.contexts import Conflict, Page
from grader.web.markdown import markdown
from grader.web.shown_answer import ShownAnswer, shown_answer
from grader.web.words import signed

_ALIKE = 8  # answers of the same group that are shown beside one


@dataclass(frozen=True)
class Mode:
    """How a TA goes through the answers. `forced`: the assignment is marked without names, whatever the address says."""

    order: Order
    anonymous: bool
    forced: bool

    @property
    def query(self) -> str:
        """`?order=…`, for links that keep the mode; the same page without it is in the default mode."""
        chosen = {"order": self.order.value}
        if self.anonymous and not self.forced:
            chosen["anonymous"] = "1"
        return "?" + urlencode(chosen)

    @property
    def orders(self) -> tuple[Order, ...]:
        """Names in order would tell who is who."""
        return tuple(order for order in Order if not (self.anonymous and order is Order.STUDENT))


def mode_of(assignment: Assignment, order: Order | None, anonymous: bool) -> Mode:
    hidden = anonymous or assignment.anonymous
    if order is None or (hidden and order is Order.STUDENT):
        order = Order.RANDOM if hidden else Order.GROUPS
    return Mode(order, hidden, assignment.anonymous)


@dataclass(frozen=True)
class Item:
    """An item of the rubric on one answer. `key` is what to press, "" beyond twenty. `heading`: a new group begins."""

    result: ItemResult
    key: str
    heading: str
    comment: str
    on: bool


@dataclass(frozen=True)
class Alike:
    """Another answer of the same group. `marks` says in words how it was decided."""

    url: str
    who: str
    text: str
    marks: str
    decided: bool


@dataclass(frozen=True)
class Links:
    """Where the keys go. `after`: the next undecided answer, or the overview when there is none."""

    here: str
    previous: str | None
    next: str | None
    after: str
    group: str
    groups: str
    log: str
    submission: str


@dataclass(frozen=True)
class DeskAnswerPage(Page):
    """One answer with its rubric.

    who, email: of the student; a number and nothing in anonymous mode. position: in the queue, from 1. decided: answers
    of the question that are. all_clear, deducts: what is suggested, while nobody has decided. claimed_by: another TA
    who has it on the screen. alike: others of the group, `alike_count` in all, `alike_said` how they were decided.
    opinion: of a language model; may_ask: the course has one.
    conflict, error: why the last try was not saved. announced: what was done before, in words.
    """

    assignment: Assignment
    submission_id: int
    question: Mapping[str, Any]
    sheet: QuestionSheet
    answer: ShownAnswer
    who: str
    email: str
    mode: Mode
    links: Links
    items: list[Item]
    position: int
    total: int
    decided: int
    all_clear: bool
    deducts: bool
    claimed_by: str | None
    alike: list[Alike]
    alike_count: int
    alike_said: str
    opinion: Opinion | None
    may_ask: bool
    conflict: Conflict | None = None
    error: str = ""
    announced: str = ""


def answer_page(
    session: Session, assignment: Assignment, question: str, submission_id: int, *, mode: Mode, me: User, blobs: Blobs,
    may_ask: bool = False, conflict: Conflict | None = None, error: str = "", announced: str = "",
) -> DeskAnswerPage:  # fmt: skip
    """Raises NotFound for a submission that is not in the queue, and for what is no written question."""
    declared = written_question(assignment, question)
    places = queue(session, assignment, question, mode.order, me.id)
    here = next((index for index, place in enumerate(places) if place.submission_id == submission_id), None)
    if here is None:
        raise NotFound(f"submission {submission_id} has no answer to mark here: only graded, newest hand-ins have")
    place = places[here]
    names = Names(places, mode)
    group = _group_of(places, place)
    sheets = answer_sheets(session, assignment, question, [submission_id, *group[:_ALIKE]])
    sheet = sheets.pop(submission_id)
    marked = outcomes(session, question, group)
    suggested = {item.suggested for item in sheet.result.items} if sheet.review is None else set()
    files = session.scalars(select(SubmissionFile).filter_by(submission_id=submission_id)).all()
    return DeskAnswerPage(
        assignment=assignment, submission_id=submission_id, question=declared, sheet=sheet,
        answer=shown_answer(sheet, declared, submission_id, files, blobs, anonymous=mode.anonymous),
        who=names.of(submission_id), email="" if mode.anonymous else place.email, mode=mode,
        links=_links(assignment, question, places, here, mode, me), items=items_of(declared, sheet, conflict),
        position=here + 1, total=len(places), decided=sum(it.decided for it in places),
        all_clear=suggested == {"clear"}, deducts="deduct" in suggested,
        claimed_by=place.claimed_by if place.claimed_by_id not in {None, me.id} else None,
        alike=[_alike(it, sheets[it], assignment, names, mode) for it in group[:_ALIKE]], alike_count=len(group),
        alike_said=said_of(declared, marked.values(), len(group) - len(marked)),
        opinion=newest_opinion(session, submission_id, question), may_ask=may_ask and bool(sheet.result.answer),
        conflict=conflict, error=error, announced=announced,
    )  # fmt: skip


def _group_of(places: Sequence[Place], place: Place) -> list[int]:
    """The other submissions of its group, the most similar answers first."""
    others = [it for it in places if it.group == place.group and it.submission_id != place.submission_id]
    return [it.submission_id for it in sorted(others, key=lambda other: abs(other.position - place.position))]


class Names:
    """Students' names, or numbers that are the same on every page of a question."""

    def __init__(self, places: Sequence[Place], mode: Mode) -> None:
        numbers = {it: number for number, it in enumerate(sorted(place.submission_id for place in places), 1)}
        self._names = {
            place.submission_id: f"Answer {numbers[place.submission_id]}" if mode.anonymous else place.student
            for place in places
        }

    def of(self, submission_id: int) -> str:
        return self._names.get(submission_id, f"Submission {submission_id}")


def desk_url(assignment: Assignment, *parts: object) -> str:
    return "/".join(["/assignments", assignment.slug, "desk", *map(str, parts)])


def items_of(question: Mapping[str, Any], sheet: QuestionSheet, conflict: Conflict | None = None) -> list[Item]:
    """With what was chosen in a form that was not saved (`conflict`), else with what is stored."""
    declared = {item["id"]: item for item in question["items"]}
    found: list[Item] = []
    heading = None
    for number, item in enumerate(sheet.result.items, 1):
        group = declared[item.id].get("group") or ""
        stored = sheet.marks[item.id].comment if item.id in sheet.marks else ""
        found.append(
            Item(
                result=item, key=key_of(number), heading=group if group != heading else "",
                comment=conflict.item_comments.get(item.id, "") if conflict else stored,
                on=item.id in conflict.applied if conflict else item.applied,
            )
        )
        heading = group
    return found


def key_of(number: int) -> str:
    """1 … 9, 0, then with shift: ⇧1 … ⇧0."""
    return "" if number > 20 else f"{'⇧' if number > 10 else ''}{number % 10}"


def said_of(question: Mapping[str, Any], decided: Iterable[Outcome], undecided: int) -> str:
    """How the answers of a group were marked, most frequent first: `2 with −1 …, 1 with full points, 3 undecided`."""
    counts = Counter(_outcome_in_words(question, outcome) for outcome in decided)
    parts = [f"{count} with {marks}" for marks, count in counts.most_common(3)]
    return ", ".join([*parts, *([f"{undecided} undecided"] if undecided else [])])


def marks_of(sheet: QuestionSheet) -> str:
    """`−1 Option 2 is not chosen`, `full points`; `undecided`."""
    if sheet.review is None:
        return "undecided"
    applied = [(item.points, item.label) for item in sheet.result.items if item.applied]
    adjustment = float(sheet.adjustment.points) if sheet.adjustment else None
    return _in_words(applied, adjustment, full=sheet.result.score >= sheet.result.max_score)


def _outcome_in_words(question: Mapping[str, Any], outcome: Outcome) -> str:
    applied = [(item["points"], item["label"]) for item in applied_items(question["items"], outcome.marked)]
    full = question.get("scoring") == "deduct"  # with nothing applied
    return _in_words(applied, outcome.adjustment, full=full)


def _in_words(applied: Sequence[tuple[float, str]], adjustment: float | None, *, full: bool) -> str:
    parts = [f"{signed(points)} {label}" for points, label in applied]
    if adjustment is not None:
        parts.append(f"{signed(adjustment)} adjusted")
    return "; ".join(parts) or ("full points" if full else "no item")


def _links(
    assignment: Assignment, question: str, places: Sequence[Place], here: int, mode: Mode, me: User
) -> Links:
    def to(submission_id: int | None) -> str | None:
        return None if submission_id is None else desk_url(assignment, question, submission_id) + mode.query

    ids = [place.submission_id for place in places]
    mine = ids[here]
    after = to(next_ungraded(places, mine, me)) or f"{desk_url(assignment)}?done={question}"
    return Links(
        here=to(mine) or "", previous=to(ids[here - 1]) if here else None,
        next=to(ids[here + 1]) if here + 1 < len(ids) else None, after=after,
        group=desk_url(assignment, question, "groups", places[here].group) + mode.query,
        groups=desk_url(assignment, question, "groups") + mode.query,
        log=f"/assignments/{assignment.slug}/log?submission={mine}&question={question}",
        submission=f"/submissions/{mine}/review#q-{question}",
    )  # fmt: skip


def _alike(submission_id: int, sheet: QuestionSheet, assignment: Assignment, names: Names, mode: Mode) -> Alike:
    return Alike(
        url=desk_url(assignment, sheet.result.id, submission_id) + mode.query, who=names.of(submission_id),
        text=markdown(sheet.result.answer or "").striptags()[:220], marks=marks_of(sheet),
        decided=sheet.review is not None,
    )  # fmt: skip
