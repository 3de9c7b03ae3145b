"""`grader answers suggest`: what the rubric's declarations say about answers, without a server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Suggest marks for written answers.")

WRONG_USAGE = 1
_COLOURS = {"clear": "green", "deduct": "red", "unknown": "yellow"}


@app.callback()
def _group() -> None:
    """Keeps `suggest` a command of its own."""


@app.command()
def suggest(
    file: Annotated[Path, typer.Argument(help="JSON: {question id: answer}.")],
    pack: Annotated[str, typer.Option(help="A pack by name (rubrics/, GRADER_PACKS_DIR), or its folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say for every rubric item whether the answer shows that it applies; nothing is applied. Exit 1: wrong usage."""
    from grader.core.rubric_file import RubricError
    from grader.pack import PackNotFound, load_pack

    try:
        rubric = load_pack(pack).rubric
        answers = read_answers(file)
        questions = suggestions(rubric, answers)
    except (RubricError, PackNotFound, ValueError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(WRONG_USAGE) from None
    if as_json:
        print(json.dumps({"questions": questions}, ensure_ascii=False))
    else:
        _print(questions)


def read_answers(file: Path) -> dict[str, str]:
    """The answers in `file`. Raises ValueError that says what is wrong with it."""
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file}: not UTF-8 text; save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{file}:{error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise ValueError(f"{file}: nested too deeply; it must be one object {{question id: answer}}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{file}: must be one object {{question id: answer}}")
    for question, answer in document.items():
        if not isinstance(answer, str):
            raise ValueError(f"{file}: the answer to {question!r} must be text")
    return document


def suggestions(rubric: Any, answers: dict[str, str]) -> list[dict[str, Any]]:
    """One entry per answered question, in the rubric's order. Raises ValueError for a question that the pack lacks."""
    from grader.core.answers.suggest import suggest as suggest_items
    from grader.core.answers.suggest import suggested_score
    from grader.core.submission import Answer

    written = {question.id: question for question in rubric.questions if question.items}
    for question_id in answers:
        if question_id not in written:
            known = ", ".join(written) or "none"
            raise ValueError(f"this pack has no written question {question_id!r}; it has: {known}")
    entries = []
    for question in written.values():
        if question.id not in answers:
            continue
        items = suggest_items(question, Answer(question.id, answers[question.id], "json"))
        entries.append(
            {
                "id": question.id,
                "score": suggested_score(question, items) or 0.0,
                "max_score": question.points,
                "status": "graded" if all(item.suggested == "clear" for item in items) else "needs_review",
                "items": [item.model_dump(mode="json") for item in items],
            }
        )
    return entries


def _print(questions: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    for question in questions:
        state = "decided" if question["status"] == "graded" else "for a TA"
        title = f"{question['id']}: {question['score']:g} of {question['max_score']:g}, {state}"
        table = Table(title=escape(title), title_justify="left")
        for name, justify in (("Item", "left"), ("Points", "right"), ("Suggested", "left"), ("Because", "left")):
            table.add_column(name, justify=justify)  # type: ignore[arg-type]
        for item in question["items"]:
            colour = _COLOURS[item["suggested"]]
            quoted = " … ".join(f"“{quote}”" for quote in item["evidence"])
            because = escape(" ".join(part for part in (item["reason"], quoted) if part))
            table.add_row(escape(item["label"]), f"{item['points']:g}", f"[{colour}]{item['suggested']}[/]", because)
        console.print(table)
