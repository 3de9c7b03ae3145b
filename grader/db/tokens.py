"""Tokens: secrets for the API and for sign-ins on the pages. Only their SHA-256 is stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from grader.db.tables import Token, TokenPurpose, User

_PREFIX = "grd_"
_TOUCH_SECONDS = 60  # `last_used_at` is written at most this often, not on every request


def create_token(
    session: Session, user: User, *, label: str, purpose: TokenPurpose = TokenPurpose.API, hours: float | None = None
) -> tuple[Token, str]:
    """A new token and its plaintext, which is shown once and never stored. `hours` None: does not expire."""
    plaintext = _PREFIX + secrets.token_urlsafe(32)
    expires_at = datetime.now(UTC) + timedelta(hours=hours) if hours is not None else None
    token = Token(user_id=user.id, sha256=token_sha256(plaintext), purpose=purpose, label=label, expires_at=expires_at)
    session.add(token)
    session.flush()
    return token, plaintext


def user_of_token(session: Session, plaintext: str, purpose: TokenPurpose | None = None) -> User | None:
    """The owner of a token that exists and has not expired (and is for `purpose`, if given), else None."""
    token = session.scalar(select(Token).where(Token.sha256 == token_sha256(plaintext), _valid(datetime.now(UTC))))
    if token is None or purpose not in {None, token.purpose}:
        return None
    stale = or_(Token.last_used_at.is_(None), Token.last_used_at < func.now() - timedelta(seconds=_TOUCH_SECONDS))
    session.execute(update(Token).where(Token.id == token.id, stale).values(last_used_at=func.now()))
    return token.user


def user_of_token_sha256(session: Session, sha256: str, *, at: datetime) -> User | None:
    """The owner of the token with this hash, if it had not expired at the time `at`."""
    token = session.scalar(select(Token).where(Token.sha256 == sha256, _valid(at)))
    return token.user if token else None


def tokens_of(session: Session, user: User, purpose: TokenPurpose = TokenPurpose.API) -> list[Token]:
    query = select(Token).where(Token.user_id == user.id, Token.purpose == purpose).order_by(Token.id)
    return list(session.scalars(query))


def revoke_token(session: Session, plaintext: str) -> None:
    """Sign out: the token is gone. An unknown one is no error."""
    session.execute(delete(Token).where(Token.sha256 == token_sha256(plaintext)))


def revoke_token_by_id(session: Session, user: User, token_id: int) -> bool:
    """Whether `user` had this token; if so it is gone."""
    gone = session.execute(delete(Token).where(Token.id == token_id, Token.user_id == user.id))
    return gone.rowcount == 1


def _valid(at: datetime) -> ColumnElement[bool]:
    return or_(Token.expires_at.is_(None), Token.expires_at > at)


def token_sha256(plaintext: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(plaintext.encode()).hexdigest()
