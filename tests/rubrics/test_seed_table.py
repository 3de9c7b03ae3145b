"""README's table of the seed documents: every question of every pack once, with the kinds that judge it and a test that exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.core.rubric import Question
from grader.pack import RUBRICS, load_pack

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = ("shapes", "counts", "formulas", "graph", "choices", "numbers", "statements")
PACKS = sorted(file.parent.name for file in RUBRICS.glob("*/rubric.yaml"))


class Row(NamedTuple):
    asked: str
    kinds: list[str]
    pack: str
    question: str
    tests: list[str]


def rows() -> list[Row]:
    """Lines such as "| a sentence | `kind`, `kind` | `pack.question` | `tests/file.py::function` |"."""
    found = []
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and "::" in cells[3]:
            kinds, [place], tests = (re.findall(r"`([^`]+)`", cell) for cell in cells[1:])
            pack, _, question = place.partition(".")
            found.append(Row(cells[0], kinds, pack, question, tests))
    return found


ROWS = rows()


def kinds_of(question: Question) -> set[str]:
    """Of its checks, and of its answer; a question that only people judge is `manual`."""
    kinds = {check.kind for check in question.checks} | {kind for kind in ANSWERS if getattr(question, kind)}
    return kinds or {"manual"}


@cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("pack", PACKS)
def test_no_question_is_missing_and_none_is_there_twice(pack: str) -> None:
    named = [row.question for row in ROWS if row.pack == pack]
    assert sorted(named) == sorted(question.id for question in load_pack(pack).rubric.questions)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.pack}.{row.question}")
def test_a_row_is_true(row: Row) -> None:
    assert row.asked and row.pack in PACKS
    assert set(row.kinds) == kinds_of(load_pack(row.pack).rubric.question(row.question))
    assert row.tests
    for test in row.tests:
        file, _, function = test.partition("::")
        assert function.startswith("test_") and function in functions(file), f"there is no {test}"


def test_every_seed_document_has_its_part() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    summaries = re.findall(r"<summary>(.*?): .*<code>(\w+)</code>", text)
    assert dict(summaries) == {"000 and 001": "cs231n_a2", "002": "dl_hw1", "003": "nn_hw4", "004": "cv_hw"}
