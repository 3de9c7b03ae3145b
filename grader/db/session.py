"""Engine and transactions. One request or task, one commit, at the edge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from grader.errors import Misconfigured
from grader.settings import get_settings

_CONNECT_SECONDS = 5


def make_engine(url: str, *, name: str = "grader") -> Engine:
    """An engine for `postgresql+psycopg://…`; `name` is what `pg_stat_activity` shows."""
    if not url:
        raise Misconfigured("no database: set GRADER_DATABASE_URL, or start everything with `grader up`")
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=10,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": name},
    )


@lru_cache
def engine() -> Engine:
    """The engine of this process. A forked process must call `forget_engine` first."""
    return make_engine(get_settings().database_url)


def forget_engine() -> None:
    """Drop the engine without touching its connections, which may belong to the parent process."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)
    engine.cache_clear()


def open_session() -> Session:
    """A session on this process's engine; the caller commits and closes it."""
    return sessionmaker(engine(), expire_on_commit=False)()


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits at the end, rolls back if the block raises."""
    with open_session() as session, session.begin():
        yield session


def is_away(error: BaseException) -> bool:
    """Whether `error` says that the database cannot be reached now (rather than that a statement was wrong)."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state[:2] in {"08", "57"}
