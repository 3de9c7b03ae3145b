"""Who may see what: one function per kind of object. Somebody else's thing is not forbidden, it is not found."""

from __future__ import annotations

from sqlalchemy.orm import Session

from grader.db.courses import STAFF, assignment_by_slug, role_in
from grader.db.requests import request_by_id
from grader.db.review_tables import RegradeRequest
from grader.db.submissions import submission_by_id
from grader.db.tables import Assignment, Role, Submission, SubmissionFile, User
from grader.errors import Forbidden, NotFound
from grader.web.visible import is_published


def assignment_for(session: Session, user: User, slug: str, *, staff: bool = False) -> tuple[Assignment, Role]:
    """An assignment of a course that `user` is in, and their role there. Raises NotFound; Forbidden if staff only."""
    assignment = assignment_by_slug(session, slug)
    role = role_in(session, user, assignment.course_id)
    if role is None:
        raise NotFound(f"there is no assignment {slug!r}")
    if staff and role not in STAFF:
        raise Forbidden("only the staff of this course can see this")
    return assignment, role


def instructors_assignment(session: Session, user: User, slug: str) -> Assignment:
    """Raises NotFound; Forbidden for anybody but instructors."""
    assignment, role = assignment_for(session, user, slug, staff=True)
    if role is not Role.INSTRUCTOR:
        raise Forbidden("only an instructor of this course can do this")
    return assignment


def submission_for(session: Session, user: User, submission_id: int, *, staff: bool = False) -> tuple[Submission, Role]:
    """A submission of one's own, or of a course where `user` is staff. Raises NotFound; Forbidden if staff only."""
    submission = submission_by_id(session, submission_id)
    role = role_in(session, user, submission.assignment.course_id)
    mine = submission.user_id == user.id and role is not None
    if role not in STAFF and not mine:
        raise NotFound(f"there is no submission {submission_id}")
    if staff and role not in STAFF:
        raise Forbidden("only the staff of this course can do this")
    return submission, role


def request_for(session: Session, user: User, request_id: int, *, staff: bool = False) -> tuple[RegradeRequest, Role]:
    """A request for a second look about a submission that `user` may see.

    Raises NotFound; Forbidden if staff only, and for students while the marks are not published: an answer tells them.
    """
    request = request_by_id(session, request_id)
    try:
        _, role = submission_for(session, user, request.submission_id, staff=staff)
    except NotFound as error:
        raise NotFound(f"there is no request {request_id}") from error
    if role not in STAFF and not is_published(request.submission.assignment):
        raise Forbidden("the marks are not published")
    return request, role


def file_for(session: Session, user: User, submission_id: int, path: str) -> tuple[Submission, Role, SubmissionFile]:
    """One file of a submission that `user` may see. Raises NotFound."""
    submission, role = submission_for(session, user, submission_id)
    file = next((file for file in submission.files if file.path == path), None)
    if file is None:
        raise NotFound(f"submission {submission_id} has no such file")
    return submission, role, file
