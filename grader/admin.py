"""What whoever runs the service does by hand: courses, assignments, people. `grader course …` on the command line."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from grader.db import courses, rubrics, tokens, users
from grader.db.migrate import migrate
from grader.db.session import forget_engine, transaction
from grader.db.tables import Role, RubricVersion
from grader.embedded import Postgres
from grader.errors import NotFound
from grader.pack import Pack, found_by_name, load_pack, save_rubric
from grader.settings import get_settings


@contextmanager
def connected() -> Iterator[Session]:
    """One transaction on the service's database: the configured one, or the embedded one, started if it is not up."""
    settings = get_settings()
    if settings.database_url:
        with transaction() as session:
            yield session
        return
    server = Postgres(settings.data_dir / "postgres")
    started = not server.answers()
    if started:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        server.start()
    try:
        os.environ["GRADER_DATABASE_URL"] = server.url
        get_settings.cache_clear()
        forget_engine()
        migrate(server.url)
        with transaction() as session:
            yield session
    finally:
        if started:
            server.stop()


def add_course(session: Session, slug: str, title: str) -> None:
    courses.create_course(session, slug=slug, title=title)


def add_assignment(
    session: Session,
    course: str,
    slug: str,
    pack: str,
    variables: dict[str, str],
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
) -> str:
    """The title. Raises NotFound for the course, ValueError for the pack or a variable."""
    loaded = found_by_name(load_pack(pack))
    courses.create_assignment(
        session,
        course=courses.course_by_slug(session, course),
        slug=slug,
        title=loaded.rubric.title,
        rubric=registered(session, loaded),
        variables=loaded.rubric.choose(variables),
        opens_at=opens_at,
        due_at=due_at,
    )
    return loaded.rubric.title


def update_assignment(session: Session, slug: str) -> str:
    """Move an assignment to its pack's rubric as it is now; what is graded stays graded by the rubric it had.

    The new version's sha256.
    """
    assignment = courses.assignment_by_slug(session, slug)
    rubrics.lock_version(session, assignment)
    rubrics.switch(session, assignment, registered(session, load_pack(assignment.pack)), by=None)
    return assignment.rubric_version.sha256


def save_to_pack(version: RubricVersion) -> Path:
    """Write a version into its pack's rubric.yaml; the file. Raises ValueError, OSError."""
    return save_rubric(version.pack, version.yaml_text, load_pack(version.pack).rubric_hash)


def enroll(session: Session, course: str, email: str, name: str, role: Role) -> str | None:
    """Put somebody into a course; a new user's password (shown once), None for a known one."""
    user = users.user_by_email(session, email)
    password = None
    if user is None:
        password = secrets.token_urlsafe(12)
        user = users.create_user(session, email=email, name=name, password=password)
    courses.enroll(session, courses.course_by_slug(session, course), user, role)
    return password


def make_token(session: Session, email: str, label: str) -> str:
    """An access token for a user, shown once; for CI jobs. Raises NotFound."""
    user = users.user_by_email(session, email)
    if user is None:
        raise NotFound(f"there is no user with the e-mail {email}")
    return tokens.create_token(session, user, label=label)[1]


def registered(session: Session, pack: Pack) -> RubricVersion:
    """The pack's rubric as a version in the database, stored if it is new."""
    return courses.register_rubric(
        session,
        pack=pack.name,
        sha256=pack.rubric_hash,
        yaml_text=pack.text,
        document=pack.rubric.model_dump(mode="json"),
    )
