"""Which folder of a submission is the package: by what it holds, by its name, and by the assignment's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from grader.core.submission import Layout

_SPARE = re.compile(r"(?:^|[^a-z])(?:old|backup|bak|copy|orig|origin|original|starter|template|unsolved)(?:$|[^a-z])")


@dataclass(frozen=True)
class Folder:
    """A folder that may be the package. `wanted` counts the asked-for files in it that are not blank, `functions` the
    `def`s in them; `named` is True below a folder named after the assignment; `is_package` if it has the package's name."""

    path: str
    is_package: bool
    named: bool
    spare: bool
    wanted: int
    functions: int
    size: int
    content: str

    @property
    def rank(self) -> tuple[bool, bool, int, bool, int, int, int]:
        known = self.named and self.wanted > 0
        return known, not self.spare, self.wanted, self.is_package, self.functions, self.size, -self.path.count("/")


def package_folders(sources: Mapping[str, bytes], layout: Layout) -> list[Folder]:
    """Candidates, best first: folders of the package's name, and others that hold files asked for and no package."""
    paths: dict[str, None] = {}
    for path in sources:
        parts = path.split("/")
        for i, part in enumerate(parts[:-1]):
            if part.lower() == layout.package.lower():
                paths["/".join(parts[: i + 1])] = None
        for wanted in layout.files:
            if path == wanted or path.endswith(f"/{wanted}"):
                paths[path[: -len(wanted)].rstrip("/")] = None
    folders = [_folder(path, sources, layout) for path in paths]
    folders.sort(key=lambda folder: folder.path)
    above = {parent for folder in folders if folder.is_package and folder.wanted for parent in parents(folder.path)}
    candidates = [folder for folder in folders if folder.is_package or (folder.wanted and folder.path not in above)]
    return sorted(candidates, key=lambda folder: folder.rank, reverse=True)


def _folder(path: str, sources: Mapping[str, bytes], layout: Layout) -> Folder:
    held = [sources.get(f"{path}/{wanted}".lstrip("/"), b"") for wanted in layout.files]
    written = [data for data in held if data.strip()]
    above, _, name = path.rpartition("/")
    return Folder(
        path=path,
        is_package=name.lower() == layout.package.lower(),
        named=any(named_after(part, layout.assignment) for part in above.split("/")),
        spare=bool(_SPARE.search(path.lower())),
        wanted=len(written),
        functions=sum(data.count(b"def ") for data in written),
        size=sum(map(len, written)),
        content=hashlib.sha256(b"\0".join(hashlib.sha256(data).digest() for data in held)).hexdigest(),
    )


def named_after(folder: str, names: tuple[str, ...]) -> bool:
    """Whether a folder is called like the assignment: `Assignment-2`, `spring1617_assignment2`, `a2_code`, `hw2`.

    Short names must be a word of their own; long ones may be part of one, but no digit may follow.
    """
    folder = folder.lower()
    tokens = re.split(r"[^a-z0-9]+", folder)
    joined = "".join(tokens)
    pairs = {a + b for a, b in pairwise(tokens)}
    for name in names:
        bare = re.sub(r"[^a-z0-9]", "", name.lower())
        if bare in tokens or bare in pairs or bare == joined:
            return True
        if len(bare) > 6 and re.search(re.escape(bare) + r"(?!\d)", joined):
            return True
    return False


def parents(path: str) -> Iterator[str]:
    """Every folder that a path is in, the nearest first, "" last."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def in_folder(path: str, folder: str) -> bool:
    """Whether a file is below a folder; everything is below ""."""
    return not folder or path.startswith(f"{folder}/")
