"""`grader import …`: reads what other graders export."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from grader.ingest.gradescope import Export

app = typer.Typer(no_args_is_help=True, help="Read what other graders export.")


@app.callback()
def main() -> None:
    """A group, although there is one command: others will follow."""


@app.command()
def gradescope(
    file: Annotated[Path, typer.Argument(help="A graded export: PDF, text or Markdown.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read a graded Gradescope export: scores, rubric items with the TA's marks, and the answers."""
    from grader.ingest.errors import IngestError
    from grader.ingest.gradescope import NotAnExport
    from grader.ingest.gradescope.export import as_json as document
    from grader.ingest.gradescope.file import read_export_file

    try:
        export = read_export_file(file.read_bytes())
    except OSError as error:
        _stop(f"{file} cannot be read: {error.strerror}")
    except (NotAnExport, IngestError) as error:
        _stop(f"{file}: {error}")
    if as_json:
        print(json.dumps(document(export), ensure_ascii=False, indent=2))
    else:
        _print(export)


def _print(export: Export) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(f"[bold]{escape(export.title)}[/]  {export.score:g} / {export.max_score:g} points")
    for question in export.questions:
        title = f"{question.number} {question.title}"
        console.print(f"\n[bold]{escape(title)}[/]  {question.score:g} / {question.max_score:g}")
        for item in question.items:
            tick = "[green]✓[/]" if item.applied else " "
            console.print(f"  {tick} {item.points:+g} {escape(item.label)}")
        for adjustment in question.adjustments:
            console.print(f"  [green]✓[/] {adjustment.points:+g} point adjustment {escape(adjustment.comment)}")
        for comment in question.comments:
            console.print(f"    comment: {escape(comment)}")
        console.print(f"    [dim]{escape(question.answer or 'no answer')}[/]")
    for repair in export.repairs:
        console.print(f"[yellow]repair[/] {escape(repair)}")


def _stop(message: str) -> None:
    print(message, file=sys.stderr)
    raise typer.Exit(1)
