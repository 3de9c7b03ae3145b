"""A result as a table on a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape as escape_markup
from rich.table import Table

from grader.core.exhibit import Exhibit, Plot
from grader.core.result import CheckResult, ItemResult, QuestionResult, Result, Status

COLOURS = {Status.PASS: "green", Status.FAIL: "red", Status.MISSING: "yellow", Status.OURS: "magenta"}


BLOCKS = "▁▂▃▄▅▆▇█"
SPARK = 32
"""Characters of the little picture of a plot's line."""


def print_result(result: Result, console: Console | None = None) -> None:
    """Score table first, then the reason for every check that did not pass and every deduction that is suggested, then what was
    remarked."""
    console = console or Console()
    table = Table(title=f"{result.pack}: {result.score:g} of {result.max_score:g} points", title_justify="left")
    for name, justify in (("Question", "left"), ("Points", "right"), ("Checks", "left")):
        table.add_column(name, justify=justify)
    for question in result.questions:
        table.add_row(escape(question.title), _points(question), " ".join(_pills(question)))
    console.print(table)
    for question in result.questions:
        for check in question.checks:
            place = f"{question.id}.{check.id}"  # as in `expect.yaml`; a check of no function has no other name
            if check.status is not Status.PASS:
                kind = "" if check.scope == "core" else " (beyond the assignment)"
                name = escape(f"{check.function} {check.id}{kind}" if check.function else place)
                console.print(f"[{_colour(check)}]{_word(check):>8}[/] [bold]{name}[/]: {escape(check.message)}")
            for remark in check.remarks if check.scope == "core" else ():
                console.print(f"  remark [bold]{escape(check.function or place)}[/]: {escape(remark)}")
            _print_exhibits(check, place, console)
        for item in question.items if question.answer else ():
            if item.suggested == "deduct" or (item.suggested == "unknown" and item.reason):
                mark = f"{item.points:g}" if item.suggested == "deduct" else "?"
                text = f"{item.label}: {item.reason}" if item.reason else item.label
                console.print(f"[yellow]{mark:>8}[/] [bold]{escape(f'{question.id}.{item.id}')}[/]: {escape(text)}")
    for remark in result.remarks:
        console.print(f"  remark {escape(remark)}")
    if result.awaiting_review:
        console.print(f"{result.awaiting_review:g} points wait for a TA.")
    console.print(f"Graded in {result.seconds:.1f} s.")


def escape(text: str) -> str:
    """Without markup, and without the control characters by which a student's text could rule the terminal."""
    return escape_markup("".join(character if character.isprintable() else " " for character in text))


def _print_exhibits(check: CheckResult, place: str, console: Console) -> None:
    for exhibit in check.exhibits:
        console.print(f"[bold]{escape(place)}[/]: {escape(exhibit.title)}")
        console.print(_exhibit_table(exhibit))


def _exhibit_table(exhibit: Exhibit) -> Table:
    table = Table()
    if isinstance(exhibit, Plot):
        for name in (f"{exhibit.y_label} by {exhibit.x_label}", "first", "last", "lowest", "highest", ""):
            table.add_column(escape(name))
        for series in exhibit.series:
            values = [value for value in series.y if math.isfinite(value)]
            ends = (values[0], values[-1], min(values), max(values)) if values else ()
            numbers = [f"{value:.4g}" for value in ends] or [""] * 4
            table.add_row(escape(series.name), *numbers, sparkline(values))
        return table
    for name in exhibit.header:
        table.add_column(escape(name))
    for index, row in enumerate(exhibit.rows):
        table.add_row(*(escape(cell) for cell in row), style="red" if index in exhibit.wrong else None)
    return table


def sparkline(values: Sequence[float]) -> str:
    """A line of at most SPARK blocks, one per stretch of the values, from the lowest to the highest."""
    if not values:
        return ""
    count = min(SPARK, len(values))
    picked = [values[index * len(values) // count] for index in range(count)]
    low, high = min(picked), max(picked)
    if high <= low:
        return BLOCKS[0] * count
    return "".join(BLOCKS[round((value / 2 - low / 2) / (high / 2 - low / 2) * (len(BLOCKS) - 1))] for value in picked)


def _points(question: QuestionResult) -> str:
    if question.status == "needs_review":
        return f"{question.score:g} + ? / {question.max_score:g}"
    return f"{question.score:g} / {question.max_score:g}"


def _pills(question: QuestionResult) -> list[str]:
    if not question.checks:
        return [_reading(question) if question.answer else "no answer found"]
    return [f"[{_colour(check)}]{_word(check)}[/]" for check in question.checks if check.scope == "core"]


def _reading(question: QuestionResult) -> str:
    """What is suggested for a written answer; nothing of it counts before a TA has confirmed it."""
    deduct, unknown = (len(_suggested(question, kind)) for kind in ("deduct", "unknown"))
    if not deduct and not unknown:
        return "nothing to deduct; a TA confirms"
    parts = [f"{deduct} to deduct" if deduct else "", f"{unknown} open" if unknown else ""]
    return f"{', '.join(part for part in parts if part)}; a TA decides"


def _suggested(question: QuestionResult, kind: str) -> list[ItemResult]:
    return [item for item in question.items if item.suggested == kind]


def _word(check: CheckResult) -> str:
    """What no machine can judge is nobody's fault: a TA looks at it."""
    return "unread" if check.unread else check.status.value


def _colour(check: CheckResult) -> str:
    return "yellow" if check.unread else COLOURS.get(check.status, "red")
