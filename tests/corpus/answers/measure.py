"""How the suggestions do on labelled answers: `python tests/corpus/answers/measure.py [--file FILE] [QUESTION …]`.

For each question: answers, how many are fully decided, how many of those agree with the labels, wrong deductions, wrong clears;
then every answer that is wrong or open, with what was found.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML

from grader.core.answers.suggest import suggest
from grader.core.result import ItemResult
from grader.core.rubric import Question
from grader.core.submission import Answer
from grader.pack import load_pack

HERE = Path(__file__).parent


@dataclass
class Tally:
    answers: int = 0
    decided: int = 0
    right: int = 0
    items: int = 0
    wrong_deductions: int = 0
    wrong_clears: int = 0
    lines: list[str] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            *(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__)  # type: ignore[arg-type]
        )

    def __str__(self) -> str:
        share = self.right / self.decided if self.decided else 0
        return (
            f"{self.answers:4} answers, {self.decided / max(self.answers, 1):4.0%} decided, {share:4.0%} of those right, "
            f"{self.wrong_deductions} wrong deductions and {self.wrong_clears} wrong clears in {self.items} items"
        )


def read(file: Path) -> list[dict]:
    return YAML(typ="safe").load(file.read_text(encoding="utf-8"))


def tally(question: Question, entries: list[dict]) -> Tally:
    """The entries of one question against its rules."""
    total = Tally()
    for entry in entries:
        total += judge(question, entry)
    return total


def judge(question: Question, entry: dict) -> Tally:
    items = suggest(question, Answer(question.id, entry["text"], "corpus"))
    applied = set(entry["applied"])
    wrong_deductions = [item for item in items if item.suggested == "deduct" and item.id not in applied]
    wrong_clears = [item for item in items if item.suggested == "clear" and item.id in applied]
    decided = all(item.suggested != "unknown" for item in items)
    wrong = wrong_deductions or wrong_clears
    lines = [] if decided and not wrong else [_describe(entry, items, "WRONG" if wrong else "open")]
    return Tally(
        1, int(decided), int(decided and not wrong), len(items), len(wrong_deductions), len(wrong_clears), lines
    )


def _describe(entry: dict, items: tuple[ItemResult, ...], verdict: str) -> str:
    doubt = " (doubtful label)" if entry.get("doubt") else ""
    shown = [f"  {verdict} {entry['id']}{doubt} {entry['applied']}: {' '.join(entry['text'].split())}"]
    for item in items:
        mismatch = (item.suggested == "deduct") != (item.id in entry["applied"])
        if item.suggested != "clear" or mismatch:
            quoted = " … ".join(item.evidence)
            shown.append(f"      {item.suggested:>7} {item.id} {item.reason} «{quoted}»")
    return "\n".join(shown)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=HERE / "development.yaml")
    parser.add_argument("--pack", default="cs231n_a2")
    parser.add_argument("--language", default="en")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("questions", nargs="*")
    given = parser.parse_args()
    rubric = load_pack(given.pack).rubric
    entries = [entry for entry in read(given.file) if given.language in ("all", entry["language"])]
    total = Tally()
    for question in rubric.questions:
        own = [entry for entry in entries if entry["question"] == question.id]
        if own and (not given.questions or question.id in given.questions):
            tallied = tally(question, own)
            total += tallied
            print(f"{question.id:18}{tallied}")
            if not given.quiet:
                print("\n".join(tallied.lines))
    print(f"{'all':18}{total}")


if __name__ == "__main__":
    main()
