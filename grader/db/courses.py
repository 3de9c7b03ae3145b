"""Courses, who is in them, their assignments and rubric versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from grader.db.tables import Assignment, Course, Enrollment, Lane, Role, RubricVersion, User
from grader.errors import NotFound

STAFF = frozenset({Role.TA, Role.INSTRUCTOR})


def create_course(session: Session, *, slug: str, title: str) -> Course:
    course = Course(slug=slug, title=title)
    session.add(course)
    session.flush()
    return course


def course_by_slug(session: Session, slug: str) -> Course:
    """Raises NotFound."""
    course = session.scalar(select(Course).where(Course.slug == slug))
    if course is None:
        raise NotFound(f"there is no course {slug!r}")
    return course


def enroll(session: Session, course: Course, user: User, role: Role) -> None:
    """Put `user` into `course`, or change the role that they have in it."""
    row = insert(Enrollment).values(course_id=course.id, user_id=user.id, role=role)
    session.execute(row.on_conflict_do_update(index_elements=["course_id", "user_id"], set_={"role": role}))


def role_in(session: Session, user: User, course_id: int) -> Role | None:
    """The user's role in a course; an admin who is not enrolled counts as instructor."""
    role = session.scalar(
        select(Enrollment.role).where(Enrollment.user_id == user.id, Enrollment.course_id == course_id)
    )
    return role or (Role.INSTRUCTOR if user.is_admin else None)


def members(session: Session, course_id: int) -> list[Enrollment]:
    """Everyone in a course, by name, with `user` loaded."""
    query = select(Enrollment).join(Enrollment.user).where(Enrollment.course_id == course_id).order_by(User.name)
    return list(session.scalars(query.options(joinedload(Enrollment.user))))


def register_rubric(
    session: Session, *, pack: str, sha256: str, yaml_text: str, document: dict[str, Any]
) -> RubricVersion:
    """The version of `pack`'s rubric with this hash, stored if it is new."""
    row = insert(RubricVersion).values(pack=pack, sha256=sha256, yaml_text=yaml_text, document=document)
    session.execute(row.on_conflict_do_nothing(index_elements=["pack", "sha256"]))
    return session.scalars(
        select(RubricVersion).where(RubricVersion.pack == pack, RubricVersion.sha256 == sha256)
    ).one()


def create_assignment(
    session: Session,
    *,
    course: Course,
    slug: str,
    title: str,
    rubric: RubricVersion,
    variables: dict[str, Any] | None = None,
    lane: Lane = Lane.INTERACTIVE,
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
) -> Assignment:
    assignment = Assignment(
        course_id=course.id, slug=slug, title=title, pack=rubric.pack, rubric_version_id=rubric.id,
        variables=variables or {}, lane=lane, opens_at=opens_at, due_at=due_at,
    )  # fmt: skip
    session.add(assignment)
    session.flush()
    return assignment


def assignment_by_slug(session: Session, slug: str) -> Assignment:
    """With `course` and `rubric_version` loaded. Raises NotFound."""
    assignment = session.scalar(
        select(Assignment)
        .where(Assignment.slug == slug)
        .options(joinedload(Assignment.course), joinedload(Assignment.rubric_version))
    )
    if assignment is None:
        raise NotFound(f"there is no assignment {slug!r}")
    return assignment


def assignments_for(session: Session, user: User) -> list[tuple[Assignment, Role]]:
    """The assignments of every course that `user` is in (all courses, for an admin), with their role there."""
    mine = (Enrollment.course_id == Assignment.course_id) & (Enrollment.user_id == user.id)
    query = select(Assignment, Enrollment.role).join(Enrollment, mine, isouter=user.is_admin)
    query = query.options(joinedload(Assignment.course)).order_by(
        Assignment.course_id, Assignment.due_at, Assignment.id
    )
    return [(assignment, role or Role.INSTRUCTOR) for assignment, role in session.execute(query)]
