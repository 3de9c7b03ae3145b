from sqlalchemy import inspect

from grader.db.migrate import check, downgrade, migrate
from grader.db.review_tables import Table
from grader.db.session import make_engine


def test_models_and_migrations_agree(services):
    check(services.postgres.url)


def test_migrating_again_changes_nothing(services):
    migrate(services.postgres.url)
    check(services.postgres.url)


def test_down_and_up_again(services, server_folder):
    from grader.embedded import Postgres, remove

    server = Postgres(server_folder / "postgres", durable=False)
    server.start()
    try:
        migrate(server.url)
        downgrade(server.url, "base")
        other = make_engine(server.url)
        assert inspect(other).get_table_names() == ["alembic_version"]
        other.dispose()
        migrate(server.url)
        check(server.url)
    finally:
        server.stop()
        remove(server.folder)


def test_every_table_is_made(services):
    engine = make_engine(services.postgres.url)
    made = set(inspect(engine).get_table_names())
    engine.dispose()
    assert made == {table.name for table in Table.metadata.sorted_tables} | {"alembic_version"}
