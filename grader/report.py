"""A result as a table on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.core.result import QuestionResult, Result, Status

COLOURS = {Status.PASS: "green", Status.FAIL: "red", Status.MISSING: "yellow", Status.OURS: "magenta"}


def print_result(result: Result, console: Console | None = None) -> None:
    """Score table first, then the reason for every check that did not pass, then what was remarked."""
    console = console or Console()
    table = Table(title=f"{result.pack}: {result.score:g} of {result.max_score:g} points", title_justify="left")
    for name, justify in (("Question", "left"), ("Points", "right"), ("Checks", "left")):
        table.add_column(name, justify=justify)
    for question in result.questions:
        table.add_row(escape(question.title), _points(question), " ".join(_pills(question)))
    console.print(table)
    for question in result.questions:
        for check in question.checks:
            if check.status is not Status.PASS:
                kind = "" if check.scope == "core" else " (beyond the assignment)"
                colour = COLOURS.get(check.status, "red")
                name = escape(f"{check.function} {check.id}{kind}")
                console.print(f"[{colour}]{check.status.value:>8}[/] [bold]{name}[/]: {escape(check.message)}")
            for remark in check.remarks if check.scope == "core" else ():
                console.print(f"  remark [bold]{check.function}[/]: {escape(remark)}")
    for remark in result.remarks:
        console.print(f"  remark {escape(remark)}")
    if result.awaiting_review:
        console.print(f"{result.awaiting_review:g} points wait for a TA.")
    console.print(f"Graded in {result.seconds:.1f} s.")


def _points(question: QuestionResult) -> str:
    if question.status == "needs_review":
        return f"{question.score:g} + ? / {question.max_score:g}"
    return f"{question.score:g} / {question.max_score:g}"


def _pills(question: QuestionResult) -> list[str]:
    if not question.checks:
        return ["answer found, waits for a TA" if question.answer else "no answer found"]
    return [
        f"[{COLOURS.get(check.status, 'red')}]{check.status.value}[/]"
        for check in question.checks
        if check.scope == "core"
    ]
