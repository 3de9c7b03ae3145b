"""Which of the files that were handed in are the saved weights of a run, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from grader.core.result import Status
from grader.core.verdict import Judgement, unread

SUFFIXES = (
    ".safetensors", ".weights.h5", ".keras", ".hdf5", ".h5", ".pth.tar", ".pt.tar", ".ckpt.tar", ".pth", ".pt", ".ckpt", ".bin",
    ".model", ".weights",
)  # fmt: skip
UNLIKE = re.compile(
    r"\.(py|ipynb|md|markdown|txt|tex|csv|tsv|json|jsonl|ya?ml|toml|ini|cfg|html?|pdf|docx?|odt|rtf|log|out|png|jpe?g|gif|svg|sh|"
    r"xlsx?|css|js|pyc)$|(^|/)[^./]*$|tfevents",
    re.IGNORECASE,
)
"""Files that are no weights, whatever they are called."""


def weights_in(files: Iterable[str]) -> list[str]:
    """Paths of all files that are called saved weights, those that lie highest first."""
    found = [path for path in files if path.lower().endswith(SUFFIXES)]
    return sorted(found, key=lambda path: (path.count("/"), len(path), path))


def first_fitting(paths: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Those that fit the first pattern that any of them fits: by the file's name, else by its folders too."""
    for part in (lambda path: path.rpartition("/")[2], lambda path: path):
        for pattern in patterns:
            found = [path for path in paths if _fits(part(path), pattern)]
            if found:
                return found
    return []


def _fits(name: str, pattern: str) -> bool:
    name, pattern = _level(name), _level(pattern)
    names = {name} | {name.removesuffix(ending) for ending in SUFFIXES}
    return any(fnmatchcase(one, pattern) for one in names)


def _level(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.casefold())


def find_weights(patterns: Sequence[str], others: Sequence[str], files: Iterable[str]) -> list[str] | Judgement:
    """The files that are meant, or why there are none."""
    files = list(files)
    paths = weights_in(files)
    found = first_fitting(paths, patterns)
    if found:
        return found
    names = ", ".join(patterns[:3])
    unknown = first_fitting([path for path in files if path not in paths and not UNLIKE.search(path)], patterns)
    if unknown:
        return unread(f"{unknown[0]} may be saved weights called {names}, but such files are not read. A TA looks at it.")
    open_ = [path for path in paths if not first_fitting([path], others)]
    if open_:
        shown = ", ".join(open_[:5])
        return unread(
            f"No saved weights are called {names}. Which file is meant was not clear: {shown}. A TA looks at it."
        )
    return Judgement(Status.MISSING, f"No saved weights called {names} were handed in.")
