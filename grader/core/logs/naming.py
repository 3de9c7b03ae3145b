"""What a column of a log is: which metric, of which part of the data, of which run. By words, nearest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from grader.core.logs.column import Column, words

SET_WORDS: dict[str, frozenset[str]] = {
    "train": frozenset({"train", "training", "trn", "tr", "אימון"}),
    "validation": frozenset({"val", "valid", "validation", "dev", "eval", "ולידציה"}),
    "test": frozenset({"test", "testing", "tst", "בדיקה", "מבחן"}),
}
STEMS = {
    "train": ("тренув", "навчан", "навчальн", "обуч"),
    "validation": ("валідац", "валидац", "перевір"),
    "test": ("тест",),
    "accuracy": ("точн",),
    "loss": ("втрат", "лосс", "потер"),
}
"""How words of Ukrainian and Russian begin, whatever their endings."""
METRIC_WORDS: dict[str, frozenset[str]] = {
    "accuracy": frozenset({"acc", "accs", "accuracy", "accuracies", "accu", "דיוק"}),
    "loss": frozenset({"loss", "losses", "cost", "nll", "הפסד"}),
    "error": frozenset({"error", "err"}),
}
OTHERS = frozenset(
    {"lr", "rate", "time", "seconds", "norm", "grad", "memory", "f1", "precision", "recall", "auc", "batch", "size", "samples"}
)
"""What is logged besides, and is no curve that a homework asks for."""
WITHOUT = frozenset({"no", "without", "wo", "non", "not", "ללא", "בלי", "без"})


@lru_cache(maxsize=10_000)
def meanings(word: str) -> frozenset[str]:
    """What a word in small letters may say: a metric, a part of the data. Hebrew articles and prepositions are passed over."""
    bare = word[1:] if len(word) > 3 and word[0] in "הבלמ" else word
    known = {name for name, some in (SET_WORDS | METRIC_WORDS).items() if word in some or bare in some}
    return frozenset(known | {name for name, some in STEMS.items() if word.startswith(some)})


def metric_of(column: Column, named: Mapping[str, Sequence[str]]) -> str | None:
    """By the words declared for each metric (`named`), else by the common ones."""
    known = {name: {*own, *METRIC_WORDS.get(name, ())} for name, own in named.items()}
    for text in (column.name, *column.labels):
        own = words(text)
        said = frozenset().union(*map(meanings, own))
        found = {name for name, some in known.items() if name in said or any(_stands(own, words(word)) for word in some)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def part_of(column: Column) -> str | None:
    """ "train", "validation" or "test"; None where no word says it."""
    for text in (column.name, *column.labels):
        said = frozenset().union(*map(meanings, words(text)))
        found = [name for name in SET_WORDS if name in said]
        if len(found) == 1:
            return found[0]
    return None


def run_of(column: Column, runs: Mapping[str, Sequence[str]]) -> str | None:
    """By the longest of the phrases that stand in the nearest text that has one of them; "no dropout" is not dropout."""
    for text in (column.name, *column.labels):
        own = words(text)
        found: dict[str, int] = {}
        for run, phrases in runs.items():
            lengths = [len("".join(words(phrase))) for phrase in phrases if _stands(own, words(phrase))]
            if lengths:
                found[run] = max(lengths)
        longest = [run for run, length in found.items() if length == max(found.values())]
        if longest:
            return longest[0] if len(longest) == 1 else None
    return None


def _stands(own: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether the phrase stands among the words, however it is joined: batchnorm, batch_norm, BatchNorm."""
    joined = "".join(phrase)
    if not joined:
        return False
    for start in range(len(own)):
        if start and own[start - 1] in WITHOUT:
            continue
        text = ""
        for word in own[start : start + 6]:
            text += word
            if text == joined:
                return True
            if not joined.startswith(text):
                break
    return False
