"""One documented dataclass per page: the variables that its template may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.core.result import CheckResult, QuestionResult
from grader.db.overview import Row
from grader.db.placements import Standing
from grader.db.requests import Allowance
from grader.db.review_tables import RegradeRequest
from grader.db.scores import QuestionSheet, ScoreSheet
from grader.db.tables import Assignment, Attempt, Role, Submission, SubmissionFile, Token
from grader.web.graph_drawing import Drawing
from grader.web.shown_answer import ShownAnswer
from grader.web.sources import Source


@dataclass(frozen=True)
class Page:
    """A page; subclasses add what their template shows."""


@dataclass(frozen=True)
class Progress:
    """Where an attempt is: the newest sentence, and `done` of `total` steps (None before that is known)."""

    text: str
    done: int | None
    total: int | None
    last_event: int


@dataclass(frozen=True)
class ErrorPage(Page):
    """`title` is constant for a kind of error, `detail` a sentence for whoever caused it."""

    status: int
    title: str
    detail: str


@dataclass(frozen=True)
class LoginPage(Page):
    """`next` is where to go on to after signing in; `error` says why the last try failed."""

    next: str
    email: str = ""
    error: str = ""


@dataclass(frozen=True)
class AssignmentLine:
    """An assignment in the list. `newest` is the visitor's newest submission, `sheet` its score."""

    assignment: Assignment
    role: Role
    is_staff: bool
    newest: Submission | None
    sheet: ScoreSheet | None
    submissions: int


@dataclass(frozen=True)
class AssignmentsPage(Page):
    """The visitor's assignments, of all their courses."""

    lines: list[AssignmentLine]


@dataclass(frozen=True)
class WrittenQuestion:
    """A question with an answer field on the hand-in form; `drawing`: a graph to be filled in above it."""

    id: str
    title: str
    points: float
    prompt: str
    drawing: Drawing | None = None


@dataclass(frozen=True)
class CodeQuestion:
    """A question that checks of code answer."""

    id: str
    title: str
    points: float


@dataclass(frozen=True)
class HistoryLine:
    """One of a student's submissions, newest first; `number` counts from 1."""

    number: int
    submission: Submission
    sheet: ScoreSheet | None


@dataclass(frozen=True)
class AssignmentPage(Page):
    """`error` says why an upload was refused; `answers` is what had been typed, by question; `typed`: whether anything was."""

    assignment: Assignment
    is_staff: bool
    is_open: bool
    code: list[CodeQuestion]
    written: list[WrittenQuestion]
    code_files: list[str]
    max_score: float
    history: list[HistoryLine]
    upload_limit: int
    error: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    typed: bool = False


@dataclass(frozen=True)
class QuestionView:
    """A question of a submission, its checks apart by scope. `hidden` says what the student does not see yet."""

    sheet: QuestionSheet
    core: list[CheckResult]
    edge: list[CheckResult]
    edge_informs: bool
    hidden: str = ""

    @property
    def result(self) -> QuestionResult:
        return self.sheet.result


@dataclass(frozen=True)
class RefusedRequest:
    """What somebody wrote about `question`, and why it was not stored."""

    question: str
    text: str
    why: str


@dataclass(frozen=True)
class SubmissionPage(Page):
    """A student's view of one submission. `duplicate`: this very content had been handed in before.

    full: the reader is staff and sees everything, also what is not published. check_totals: the sum of an attempt's
    checks may be shown. requests: for second looks, by question, and asked_at the score of their time; allowance: None
    where none can be made. refused: a request or message that could not be stored. missing: the written questions to
    which no answer was found, if the reader can still point at them. drawings: graphs with what was answered.
    """

    submission: Submission
    attempt: Attempt
    sheet: ScoreSheet | None
    code: list[QuestionView]
    written: list[QuestionView]
    history: list[HistoryLine]
    number: int
    events_url: str
    progress: Progress
    duplicate: bool
    is_staff: bool
    full: bool
    published: bool
    check_totals: bool
    requests: Mapping[str, RegradeRequest]
    asked_at: Mapping[str, float]
    allowance: Allowance | None
    refused: RefusedRequest | None
    missing: Sequence[Standing] = ()
    drawings: Mapping[str, Drawing] = field(default_factory=dict)


@dataclass(frozen=True)
class StaffListPage(Page):
    """`links` has the address for each column's sorting; `sort` the column now, with `-` in front when descending."""

    assignment: Assignment
    rows: list[Row]
    found: int
    everyone: int
    counts: dict[str, int]
    search: str
    state: str
    newest: bool
    sort: str
    links: dict[str, str]
    previous: str | None
    next: str | None
    first: int


@dataclass(frozen=True)
class Conflict:
    """What a TA tried to save for `question` while somebody else had changed it."""

    question: str
    applied: frozenset[str]
    item_comments: dict[str, str]
    points: str
    comment: str
    changed_by: str


@dataclass(frozen=True)
class StaffSubmissionPage(Page):
    """One submission in full, for marking. `previous` and `next` are the neighbours' ids; `next_ungraded` likewise.

    answers: as they are shown, by question.
    """

    submission: Submission
    attempt: Attempt
    sheet: ScoreSheet | None
    code: list[QuestionView]
    written: list[QuestionView]
    history: list[HistoryLine]
    number: int
    previous: int | None
    next: int | None
    next_ungraded: int | None
    reviewed: int
    events_url: str
    progress: Progress
    answers: dict[str, ShownAnswer]
    conflict: Conflict | None = None
    error: str = ""


@dataclass(frozen=True)
class FilePage(Page):
    """One file of a submission, ready to read."""

    submission: Submission
    file: SubmissionFile
    source: Source
    is_staff: bool


@dataclass(frozen=True)
class ReceiptPage(Page):
    """An upload that is kept on disk until the database is back."""

    receipt: str


@dataclass(frozen=True)
class TokensPage(Page):
    """`fresh` is a new token's plaintext, shown this once."""

    tokens: list[Token]
    fresh: str = ""
