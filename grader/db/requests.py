"""Second looks: a student asks about one question of published marks, staff answer, a thread in between.

A student has a quota for each assignment; a request that was withdrawn gives it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from grader.db.audit import record
from grader.db.review_tables import AuditEntry, RegradeMessage, RegradeRequest, RequestState
from grader.db.scores import score_sheet
from grader.db.tables import Assignment, Submission, User
from grader.db.text import storable
from grader.errors import BadInput, EditConflict, NotFound

TEXT_LIMIT = 5000  # characters of a message
OPENED, ANSWERED, WITHDRAWN, REOPENED, WROTE = (
    "request opened", "request answered", "request withdrawn", "request reopened", "request message",
)  # fmt: skip


@dataclass(frozen=True)
class Allowance:
    """What a student may still ask. `refusal` says why nothing can be asked now; empty when something can."""

    quota: int
    used: int
    until: datetime | None
    refusal: str

    @property
    def left(self) -> int:
        return max(self.quota - self.used, 0)


def allowance(session: Session, submission: Submission) -> Allowance:
    """Of the student who handed in `submission`, for its assignment."""
    assignment = submission.assignment
    used = session.scalar(
        select(func.count())
        .select_from(RegradeRequest)
        .join(RegradeRequest.submission)
        .where(
            Submission.assignment_id == assignment.id,
            Submission.user_id == submission.user_id,
            RegradeRequest.state != RequestState.WITHDRAWN,
        )
    )
    refusal = _refusal(session, submission, used or 0)
    return Allowance(assignment.regrade_quota, used or 0, assignment.regrades_until, refusal)


def open_request(session: Session, *, submission: Submission, question: str, text: str, by: User) -> RegradeRequest:
    """Ask for a second look at one question.

    Raises BadInput (not published, too late, no request left, no reason given), NotFound for an unknown question,
    EditConflict when there is a request about this question already.
    """
    text = _message(text)
    _one_at_a_time(session, submission.user_id)
    session.refresh(submission.assignment, ["published_at", "regrade_quota", "regrades_until"])
    if refusal := allowance(session, submission).refusal:
        raise BadInput(refusal)
    score = _decided_score(session, submission, question)
    request = session.scalar(select(RegradeRequest).filter_by(submission_id=submission.id, question=question))
    if request is None:
        request = RegradeRequest(submission_id=submission.id, question=question, state=RequestState.OPEN)
        session.add(request)
    elif request.state != RequestState.WITHDRAWN:
        raise EditConflict(f"there is already a request about this question; it is {request.state}", request)
    request.state, request.closed_at, request.closed_by_id = RequestState.OPEN, None, None
    session.flush()
    _say(session, request, text, by)
    _log(session, OPENED, request, submission, by, {"score": score, "reason": text})
    return request


def write(session: Session, request: RegradeRequest, text: str, by: User) -> None:
    """A message in the thread of an open request. Raises BadInput, EditConflict when it is closed."""
    text = _message(text)
    _take(session, request, RequestState.OPEN, RequestState.OPEN, None)
    _say(session, request, text, by)
    _log(session, WROTE, request, request.submission, by, {"text": text})


def answer(session: Session, request: RegradeRequest, *, granted: bool, text: str, by: User) -> None:
    """Close an open request with an answer. The marks are changed at the desk, before or after.

    Raises BadInput without a text, EditConflict when somebody closed it meanwhile.
    """
    text = _message(text)
    state = RequestState.GRANTED if granted else RequestState.DECLINED
    _take(session, request, RequestState.OPEN, state, by)
    _say(session, request, text, by)
    _log(session, ANSWERED, request, request.submission, by, {"state": state.value, "text": text})


def withdraw(session: Session, request: RegradeRequest, by: User) -> None:
    """Raises EditConflict when it is not open any more."""
    _take(session, request, RequestState.OPEN, RequestState.WITHDRAWN, by)
    _log(session, WITHDRAWN, request, request.submission, by, {"state": RequestState.WITHDRAWN.value})


def reopen(session: Session, request: RegradeRequest, by: User) -> None:
    """Staff look at an answered request once more. Raises EditConflict when it is open or withdrawn."""
    before = request.state
    if before not in {RequestState.GRANTED, RequestState.DECLINED}:
        raise EditConflict(f"this request is {before}; only an answered one can be opened again", request)
    _take(session, request, before, RequestState.OPEN, None)
    _log(session, REOPENED, request, request.submission, by, {"state": RequestState.OPEN.value})


def request_by_id(session: Session, request_id: int) -> RegradeRequest:
    """With its thread, submission, student and assignment. Raises NotFound."""
    found = session.scalar(_loaded().where(RegradeRequest.id == request_id))
    if found is None:
        raise NotFound(f"there is no request {request_id}")
    return found


def requests_about(session: Session, submission: Submission) -> dict[str, RegradeRequest]:
    """The requests about one submission, by question."""
    found = session.scalars(_loaded().where(RegradeRequest.submission_id == submission.id))
    return {request.question: request for request in found}


def inbox(session: Session, assignment: Assignment, state: RequestState | None = None) -> list[RegradeRequest]:
    """The requests of a class (in one state, if given): open ones first, of these the oldest first."""
    is_open = case((RegradeRequest.state == RequestState.OPEN, 0), else_=1)
    newest = case((RegradeRequest.state == RequestState.OPEN, RegradeRequest.id), else_=-RegradeRequest.id)
    query = _loaded().join(RegradeRequest.submission).where(Submission.assignment_id == assignment.id)
    if state is not None:
        query = query.where(RegradeRequest.state == state)
    return list(session.scalars(query.order_by(is_open, newest)))


def states_count(session: Session, assignment: Assignment) -> Mapping[RequestState, int]:
    query = select(RegradeRequest.state, func.count()).join(RegradeRequest.submission)
    rows = session.execute(query.where(Submission.assignment_id == assignment.id).group_by(RegradeRequest.state))
    return dict(rows.all())


def scores_when_asked(session: Session, submission_id: int) -> dict[str, float]:
    """A question's score at the time of its (newest) request, from the audit log."""
    query = select(AuditEntry).where(AuditEntry.submission_id == submission_id, AuditEntry.action == OPENED)
    entries = session.scalars(query.order_by(AuditEntry.id))
    return {entry.question: entry.after["score"] for entry in entries if entry.question and entry.after}


def _refusal(session: Session, submission: Submission, used: int) -> str:
    assignment, now = submission.assignment, datetime.now(UTC)
    if assignment.published_at is None or assignment.published_at > now:
        return "the marks are not published yet"
    if assignment.regrades_until is not None and assignment.regrades_until < now:
        return f"requests were possible until {assignment.regrades_until.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
    if used >= assignment.regrade_quota:
        return f"you have used all {assignment.regrade_quota} of your requests for this assignment"
    newest = select(func.max(Submission.id)).where(
        Submission.assignment_id == assignment.id, Submission.user_id == submission.user_id
    )
    if submission.id != session.scalar(newest):
        return "only the newest submission counts: ask there"
    return ""


def _one_at_a_time(session: Session, user_id: int) -> None:
    """Hold a student's requests until this transaction ends: two at once cannot both take the last one of a quota."""
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def _decided_score(session: Session, submission: Submission, question: str) -> float:
    sheet = score_sheet(session, submission)
    found = sheet.question(question) if sheet else None
    if found is None:
        raise NotFound(f"submission {submission.id} has no graded question {question!r}")
    if found.result.status == "needs_review":
        raise BadInput("this question is not decided yet")
    return found.result.score


def _message(text: str) -> str:
    text = storable(text).strip()
    if not text:
        raise BadInput("write a few words: what should be looked at, and why")
    if len(text) > TEXT_LIMIT:
        raise BadInput(f"a message has at most {TEXT_LIMIT} characters; this one has {len(text)}")
    return text


def _take(session: Session, request: RegradeRequest, was: RequestState, now: RequestState, by: User | None) -> None:
    """Compare and set of the state, so that of two who answer at once one is told."""
    closed = {RequestState.GRANTED, RequestState.DECLINED, RequestState.WITHDRAWN}
    values = {
        "state": now, "closed_at": func.now() if now in closed else None, "closed_by_id": by.id if by else None,
    }  # fmt: skip
    change = update(RegradeRequest).where(RegradeRequest.id == request.id, RegradeRequest.state == was).values(values)
    changed = session.scalar(change.returning(RegradeRequest.id))
    session.refresh(request, ["state", "closed_at", "closed_by_id"])
    if changed is None:
        raise EditConflict(f"this request is {request.state} meanwhile; nothing was saved", request)


def _say(session: Session, request: RegradeRequest, text: str, by: User) -> None:
    session.add(RegradeMessage(request_id=request.id, by_id=by.id, text=text))
    session.flush()
    session.expire(request, ["messages"])


def _log(
    session: Session, action: str, request: RegradeRequest, submission: Submission, by: User, after: dict[str, object]
) -> None:
    record(
        session, action, assignment_id=submission.assignment_id, by=by, submission_id=submission.id,
        question=request.question, after=after,
    )  # fmt: skip


def _loaded():
    return select(RegradeRequest).options(
        joinedload(RegradeRequest.submission).joinedload(Submission.user),
        joinedload(RegradeRequest.submission).joinedload(Submission.assignment),
        selectinload(RegradeRequest.messages).joinedload(RegradeMessage.by),
    )
