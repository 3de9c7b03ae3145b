"""Users: who they are and how they sign in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from grader.db.tables import LoginThrottle, User
from grader.errors import BadInput, NotSignedIn, TooManyTries
from grader.settings import get_settings

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody's password")  # verified for unknown e-mails, so that they take as long as known ones


def create_user(
    session: Session, *, email: str, name: str, password: str | None = None, is_admin: bool = False
) -> User:
    """A new user. Raises BadInput if the e-mail is taken or is none."""
    email = email.strip().lower()
    if "@" not in email:
        raise BadInput(f"{email!r} is not an e-mail address")
    if user_by_email(session, email):
        raise BadInput(f"there is already a user with the e-mail {email}")
    password_hash = _hasher.hash(password) if password else None
    user = User(email=email, name=name.strip() or email, password_hash=password_hash, is_admin=is_admin)
    session.add(user)
    session.flush()
    return user


def user_by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def set_password(session: Session, user: User, password: str) -> None:
    user.password_hash = _hasher.hash(password)
    session.flush()


def authenticate(session: Session, email: str, password: str) -> User:
    """The user with this e-mail and password.

    Raises NotSignedIn if they do not fit, TooManyTries after `login_tries` wrong ones. A wrong password writes the
    counter, so the caller commits in that case too (see `grader.db.session`).
    """
    email = email.strip().lower()
    _refuse_while_paused(session, email)
    user = user_by_email(session, email)
    if not _fits(user, password) or user is None:
        _count_failure(session, email)
        raise NotSignedIn("this e-mail and password do not belong together")
    session.execute(delete(LoginThrottle).where(LoginThrottle.email == email))
    if user.password_hash and _hasher.check_needs_rehash(user.password_hash):
        set_password(session, user, password)
    return user


def _fits(user: User | None, password: str) -> bool:
    stored = (user.password_hash if user else None) or _NOBODY
    try:
        return _hasher.verify(stored, password) and stored is not _NOBODY
    except (VerificationError, InvalidHashError):
        return False


def _refuse_while_paused(session: Session, email: str) -> None:
    until = session.scalar(select(LoginThrottle.paused_until).where(LoginThrottle.email == email))
    seconds = (until - datetime.now(UTC)).total_seconds() if until else 0
    if seconds > 0:
        raise TooManyTries(f"too many wrong passwords: wait {round(seconds) + 1} seconds", round(seconds) + 1)


def _count_failure(session: Session, email: str) -> None:
    settings = get_settings()
    count = insert(LoginThrottle).values(email=email, failures=1)
    count = count.on_conflict_do_update(index_elements=["email"], set_={"failures": LoginThrottle.failures + 1})
    failures = session.scalar(count.returning(LoginThrottle.failures)) or 1
    if failures % settings.login_tries == 0:
        pause = func.clock_timestamp() + timedelta(seconds=settings.login_pause_seconds)
        row = session.get_one(LoginThrottle, email)
        row.paused_until = pause
        session.flush()
