"""`grader course …`: courses, assignments and people, for whoever runs the service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Courses, assignments and people of the service on this machine.")

When = Annotated[datetime | None, typer.Option(help="ISO 8601, with the offset from UTC.")]


@app.command()
def add(slug: str, title: str) -> None:
    """Create a course."""
    from grader import admin

    with _database() as session:
        admin.add_course(session, slug, title)
    print(f"course {slug} created")


@app.command()
def assignment(
    course: str,
    slug: str,
    pack: Annotated[str, typer.Option(help="A folder under rubrics/, or one of the course's own (GRADER_PACKS_DIR).")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE for a variable of the pack.")] = None,
    opens: When = None,
    due: When = None,
) -> None:
    """Add an assignment with a pack's present rubric."""
    from grader import admin

    variables = dict(_pair(setting) for setting in set_ or ())
    with _database() as session:
        title = admin.add_assignment(session, course, slug, pack, variables, _aware(opens), _aware(due))
    print(f"assignment {slug} ({title}) added to {course}")


@app.command()
def update(slug: str) -> None:
    """Move an assignment to its pack's rubric as it is now; graded attempts keep the rubric they had."""
    from grader import admin

    with _database() as session:
        version = admin.update_assignment(session, slug)
    print(f"{slug} is graded by rubric {version[:12]} from now on")


@app.command()
def rubric(
    slug: str,
    save: Annotated[
        bool, typer.Option("--save", help="Write it into the pack's folder instead of printing it.")
    ] = False,
) -> None:
    """Print the rubric that an assignment is scored by, as TAs have edited it."""
    from grader import admin
    from grader.db.courses import assignment_by_slug

    with _database() as session:
        version = assignment_by_slug(session, slug).rubric_version
    if not save:
        sys.stdout.write(version.yaml_text)
        return
    try:
        print(f"{admin.save_to_pack(version)} written")
    except (ValueError, OSError) as error:
        _stop(str(error))


@app.command()
def enroll(
    course: str,
    email: str,
    name: Annotated[str, typer.Option()] = "",
    role: Annotated[str, typer.Option(help="student, ta or instructor")] = "student",
) -> None:
    """Put somebody into a course; a new user's password is printed once."""
    from grader import admin
    from grader.db.tables import Role

    with _database() as session:
        password = admin.enroll(session, course, email, name, Role(role))
    print(f"{email} is {role} in {course}" + (f"; password {password}" if password else ""))


@app.command()
def token(email: str, label: Annotated[str, typer.Option()] = "command line") -> None:
    """Make an access token for somebody; it is printed once."""
    from grader import admin

    with _database() as session:
        secret = admin.make_token(session, email, label)
    print(secret)


@app.command()
def export(
    slug: str,
    format: Annotated[str, typer.Option(help="gradescope, results, canvas or nbgrader")],
    output: Annotated[Path | None, typer.Option(help="The file to write; else standard output.")] = None,
    roster: Annotated[
        Path | None, typer.Option(help="Canvas only: the gradebook that it exported, to fill in.")
    ] = None,
) -> None:
    """Write an assignment's scores for another system. Rows with undecided questions have no total."""
    from grader.db.courses import assignment_by_slug
    from grader.exports import Format, fill_canvas
    from grader.exports import export as make

    if format not in set(Format):
        _stop(f"--format is one of {', '.join(Format)}, not {format!r}")
    if roster and format != Format.CANVAS:
        _stop("--roster goes with --format canvas")
    if roster and not roster.is_file():
        _stop(f"{roster} is no file")
    with _database() as session:
        found = assignment_by_slug(session, slug)
        made = fill_canvas(session, found, roster.read_bytes()) if roster else make(session, found, Format(format))
    if output:
        output.write_bytes(made.content)
        print(f"{output} written", file=sys.stderr)
    else:
        sys.stdout.buffer.write(made.content)


@contextmanager
def _database() -> Iterator[Any]:
    """A transaction; what cannot be done is one sentence and exit status 1."""
    from sqlalchemy.exc import IntegrityError

    from grader import admin
    from grader.errors import GraderError

    try:
        with admin.connected() as session:
            yield session
    except IntegrityError as error:
        _stop(
            f"there is one of that name already ({getattr(error.orig, 'diag', None) and error.orig.diag.constraint_name})"
        )
    except (GraderError, ValueError) as error:
        _stop(str(error))


def _pair(setting: str) -> tuple[str, str]:
    key, equals, value = setting.partition("=")
    if not equals:
        _stop(f"--set takes KEY=VALUE, not {setting!r}")
    return key, value


def _aware(when: datetime | None) -> datetime | None:
    """A time without an offset is in this machine's time zone."""
    return when.astimezone() if when and when.tzinfo is None else when


def _stop(message: str) -> None:
    print(message, file=sys.stderr)
    raise typer.Exit(1)
