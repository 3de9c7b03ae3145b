"""The command line `grader`: one of the two places where the trusted and the sandboxed side are wired together."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.exceptions

from grader.answers_cli import app as answers_app
from grader.course_cli import app as course_app
from grader.datasets_cli import app as datasets_app
from grader.import_cli import app as import_app

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Grades deep-learning homework against a rubric pack."
)
rubric_app = typer.Typer(no_args_is_help=True, help="Validate a rubric pack, and prove it on its samples and mistakes.")
app.add_typer(rubric_app, name="rubric")
app.add_typer(course_app, name="course")
app.add_typer(answers_app, name="answers")
app.add_typer(import_app, name="import")
app.add_typer(datasets_app, name="datasets")

WRONG_USAGE, OUR_FAULT = 1, 2


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A folder, zip, notebook or file.")],
    pack: Annotated[str, typer.Option(help="A pack by name (rubrics/, GRADER_PACKS_DIR), or its folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Grade only this question; may be given again.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE for a variable of the pack.")] = None,
    datasets: Annotated[
        Path | None, typer.Option(help="Where data sets are kept; by default the service's folder.")
    ] = None,
) -> None:
    """Grade a submission in the sandbox; no server or database needed."""
    from grader import grading

    try:
        request = grading.prepare(path, pack, tuple(only or ()), tuple(set_ or ()), datasets)
    except grading.WrongUsage as error:
        _stop(str(error), WRONG_USAGE)
    try:
        result = _with_bar(request, quiet=as_json)
    except grading.OurFault as error:
        _stop(str(error), OUR_FAULT)
    if as_json:
        print(result.model_dump_json(exclude={"record"}))
    else:
        from grader.report import print_result

        print_result(result)
    if grading.our_fault(result):
        raise typer.Exit(OUR_FAULT)


def _with_bar(request: Any, quiet: bool) -> Any:
    """Grades; shows a progress bar when standard error is a terminal."""
    if quiet or not sys.stderr.isatty():
        return request.grade()
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting")
        return request.grade(
            lambda step: bar.update(task, total=step.total, completed=step.done, description=step.text)
        )


@rubric_app.command()
def lint(pack: str) -> None:
    """Validate a pack: every error with file and line."""
    from grader.core.rubric_file import RubricError
    from grader.pack import PackNotFound, load_pack
    from worker.trusted.prove import lint as lint_pack

    try:
        loaded = load_pack(pack)
        problems = lint_pack(loaded)
    except (RubricError, PackNotFound) as error:
        _stop(str(error), WRONG_USAGE)
    if problems:
        _stop("\n".join(problems), WRONG_USAGE)
    rubric = loaded.rubric
    print(
        f"{loaded.name}: {len(rubric.questions)} questions, {rubric.max_score:g} points, sha256 {loaded.rubric_hash[:12]}"
    )


@rubric_app.command("test")
def test_pack(pack: str) -> None:
    """Prove a pack: its samples get the scores they must, and every catalogued mistake costs what the pack says."""
    from grader import grading
    from grader.core.rubric_file import RubricError
    from grader.pack import PackNotFound, load_pack
    from worker.trusted.prove import prove_pack

    try:
        loaded = load_pack(pack)
        backend = grading.backend()
    except (RubricError, PackNotFound) as error:
        _stop(str(error), WRONG_USAGE)
    except grading.OurFault as error:
        _stop(str(error), OUR_FAULT)
    report = prove_pack(loaded, backend, say=lambda line: print(line, flush=True))
    if report.problems:
        _stop("\n".join(["", *report.problems]), WRONG_USAGE)


@rubric_app.command()
def schema() -> None:
    """Print the JSON Schema of rubric.yaml."""
    from grader.core.schema import rubric_schema

    print(json.dumps(rubric_schema(), indent=2))


@app.command()
def submit(
    path: Path,
    assignment: Annotated[str, typer.Option(help="The assignment's slug.")],
    server: Annotated[str, typer.Option(envvar="GRADER_URL")] = "http://127.0.0.1:8000",
    token: Annotated[str, typer.Option(envvar="GRADER_TOKEN", help="Your access token.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the result and print it.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Hand in over REST; exit 0 graded or handed in, 1 refused, 2 the service failed."""
    from grader.client import Refused, ServiceFailed, hand_in

    try:
        result = hand_in(
            path, assignment, server, token, wait, say=lambda line: print(line, file=sys.stderr, flush=True)
        )
    except Refused as error:
        _stop(str(error), WRONG_USAGE)
    except ServiceFailed as error:
        _stop(str(error), OUR_FAULT)
    if as_json:
        print(json.dumps(result))
    elif wait and result.get("result"):
        from grader.core.result import Result
        from grader.report import print_result

        document = {key: value for key, value in result["result"].items() if key in Result.model_fields}
        print_result(Result.model_validate(document))


@app.command()
def serve() -> None:
    """Run the API and the pages."""
    from grader import launcher

    launcher.serve()


@app.command()
def worker() -> None:
    """Run a Celery worker."""
    from grader import launcher

    launcher.worker()


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="Create the demo course and hand in a sample.")] = False,
) -> None:
    """Run everything on one machine, with embedded PostgreSQL and Redis."""
    from grader import launcher

    launcher.up(demo=demo)


@app.command()
def sweep() -> None:
    """Send unfinished attempts again, once."""
    from grader import launcher

    launcher.sweep()


def _stop(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    raise typer.Exit(code)


def main() -> None:
    """The console script `grader`. Exit status 0: done; 1: wrong usage; 2: our fault."""
    try:
        status = app(standalone_mode=False)
    except (typer.exceptions.TyperException, typer.exceptions.Abort) as error:
        show = getattr(error, "show", None)
        show() if show else print(error, file=sys.stderr)
        sys.exit(WRONG_USAGE)
    except Exception:
        traceback.print_exc()
        sys.exit(OUR_FAULT)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
