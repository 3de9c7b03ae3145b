"""Alembic's entry. The address comes from `grader.db.migrate`, or from GRADER_DATABASE_URL on the command line."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from grader.db.review_tables import Table
from grader.db.session import make_engine
from grader.settings import get_settings

# A migration that cannot get its lock soon gives up, so that it never stands in front of the whole service.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "5min"
_ONE_AT_A_TIME = 7_201_001  # advisory lock: several processes may start, and migrate, at the same time


def run() -> None:
    url = context.config.attributes.get("url") or get_settings().database_url
    engine = make_engine(url, name="grader-migrate")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ONE_AT_A_TIME})
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=Table.metadata, compare_server_default=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
