"""The student's package out of whatever folders it came in: `a/assignment2/cs231n/layers.py` → `cs231n/layers.py`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.core.submission import Layout
from grader.ingest.errors import IngestError
from grader.ingest.notebook import read_notebook, written_files
from grader.ingest.package import Folder, in_folder, package_folders, parents
from grader.ingest.paths import show
from grader.ingest.strays import stand_ins, strays

_MAX_NOTEBOOKS = 50
_VARIANT = re.compile(r"(?: ?\(\d{1,3}\)|[ _-]+copy(?: \d+)?)(?=\.py$)")
_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)|import[ \t]+([A-Za-z_][\w., \t]*))", re.M)
_CODING = re.compile(rb"^[^\n]{0,200}?coding[:=][ \t]*([-\w.]{1,30})")
_NEVER_LOCAL = sys.stdlib_module_names | {"numpy", "scipy", "torch", "torchvision", "matplotlib", "six", "tensorflow"}


@dataclass(frozen=True)
class CodeTree:
    """files: by canonical path ("cs231n/layers.py"). origin: canonical path → path in the submission, or "X.ipynb,
    %%writefile". missing: canonical paths of wanted files that are not there. remarks: what was chosen and why."""

    files: Mapping[str, bytes]
    origin: Mapping[str, str]
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass
class _Draft:
    files: dict[str, bytes] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def put(self, canonical: str, data: bytes, origin: str) -> None:
        if canonical not in self.files:
            self.files[canonical] = data
            self.origin[canonical] = origin


def code_tree(
    files: Mapping[str, bytes], layout: Layout | None = None, asked: Mapping[str, frozenset[str]] | None = None
) -> CodeTree:
    """Find the wanted files, at any depth or loose, and the modules that the student put beside them.

    asked: by canonical path, the names that a rubric asks a file for; with it, they are also looked for in notebooks and in
    files of other names. Raises nothing: what is not there is in `missing`.
    """
    layout = layout or Layout()
    sources = {path: data for path, data in files.items() if _is_source(path)}
    draft = _Draft()
    folders = package_folders(sources, layout)
    home = folders[0] if folders else None
    if home:
        draft.remarks += _about_choice(home, folders[1:])
    others = {folder.path for folder in folders[1:] if folder.is_package}
    for wanted in layout.files:
        _take_wanted(draft, sources, layout, wanted, home, others)
    missing = [
        f"{layout.package}/{wanted}" for wanted in layout.files if f"{layout.package}/{wanted}" not in draft.files
    ]
    if missing:
        _take_written(draft, files, missing)
    if home:
        _take_helpers(draft, sources, layout, home)
    _take_imported(draft, sources, layout, home)
    missing = [path for path in missing if path not in draft.files]
    if missing and asked:
        missing = _take_strays(draft, files, missing, asked, home)
    draft.remarks += [
        remark for wanted in layout.files if (remark := _about_text(f"{layout.package}/{wanted}", draft.files))
    ]
    return CodeTree(draft.files, draft.origin, tuple(missing), tuple(draft.remarks))


def _is_source(path: str) -> bool:
    """A Python file, but none below a folder that is called like one: the two could end in the same place."""
    return path.lower().endswith(".py") and ".py/" not in path.lower()


def _about_choice(home: Folder, others: Iterable[Folder]) -> Iterable[str]:
    rivals = [folder for folder in others if folder.wanted and folder.content != home.content and folder.is_package]
    if rivals and home.is_package:
        why = (
            "it is named after the assignment"
            if home.named > rivals[0].named
            else "it holds most of the code asked for"
        )
        yield f"The code was taken from {show(home.path or '.')} ({why}), not from {show(rivals[0].path or '.')}."


def _take_wanted(
    draft: _Draft,
    sources: Mapping[str, bytes],
    layout: Layout,
    wanted: str,
    home: Folder | None,
    others: set[str],
) -> None:
    canonical = f"{layout.package}/{wanted}"
    exact = f"{home.path}/{wanted}".lstrip("/") if home else wanted
    if home and home.is_package and sources.get(exact, b"").strip():
        return draft.put(canonical, sources[exact], exact)
    name = PurePosixPath(wanted).name.lower()
    candidates = [
        path
        for path in sources
        if _VARIANT.sub("", PurePosixPath(path).name.lower()) == name and others.isdisjoint(parents(path))
    ]
    if not candidates:
        return None
    nearest = home.path if home else ""
    candidates.sort(key=lambda path: (not sources[path].strip(), path != exact, _distance(path, nearest), path))
    chosen = candidates[0]
    rivals = [path for path in candidates[1:] if sources[path].strip() and sources[path] != sources[chosen]]
    if rivals:
        draft.remarks.append(f"{show(wanted)} was taken from {show(chosen)}, not from {show(rivals[0])}.")
    elif chosen != exact and home and home.is_package:
        draft.remarks.append(f"{show(chosen)} was taken for {show(canonical)}.")
    return draft.put(canonical, sources[chosen], chosen)


def _distance(path: str, folder: str) -> tuple[int, int]:
    """(steps up from `folder` until `path` is below it, steps down from there)."""
    up = 0
    while folder and not in_folder(path, folder):
        folder, up = folder.rpartition("/")[0], up + 1
    return up, path.count("/") - (folder.count("/") + 1 if folder else 0)


def _take_written(draft: _Draft, files: Mapping[str, bytes], missing: list[str]) -> None:
    """Files that notebooks write with `%%writefile`, where there is no file of that name."""
    notebooks = sorted(path for path in files if path.lower().endswith(".ipynb"))[:_MAX_NOTEBOOKS]
    for notebook in notebooks:
        try:
            written = written_files(read_notebook(files[notebook], notebook))
        except IngestError as error:
            draft.remarks.append(str(error))
            continue
        for path, text in written.items():
            base = PurePosixPath(path).name
            canonical = next((wanted for wanted in missing if PurePosixPath(wanted).name == base), None)
            if canonical and canonical not in draft.files:
                draft.put(canonical, text.encode(), f"{notebook}, %%writefile")
                draft.remarks.append(f"{show(canonical)} was taken from a %%writefile cell of {show(notebook)}.")


def _take_strays(
    draft: _Draft,
    files: Mapping[str, bytes],
    missing: list[str],
    asked: Mapping[str, frozenset[str]],
    home: Folder | None,
) -> list[str]:
    """What is still missing after the functions of notebooks and of files with other names were taken for it."""
    used = {*draft.origin.values(), *(path for path in files if home and home.is_package and in_folder(path, home.path))}
    taken, remark, served = stand_ins(strays(files, used), missing, asked)
    for path, data in taken.items():
        draft.put(path, data, remark)
    draft.remarks += [remark] if remark else []
    return [path for path in missing if path not in served]


def _take_helpers(draft: _Draft, sources: Mapping[str, bytes], layout: Layout, home: Folder) -> None:
    """The other modules of the package. A folder that only happens to hold loose files gives those beside them."""
    used = set(draft.origin.values())
    subfolders = {"", *(wanted.rpartition("/")[0] for wanted in layout.files)}
    for path, data in sorted(sources.items()):
        if path in used or not in_folder(path, home.path):
            continue
        inside = path[len(home.path) :].lstrip("/")
        if home.is_package or inside.rpartition("/")[0] in subfolders:
            draft.put(f"{layout.package}/{inside}", data, path)


def _take_imported(draft: _Draft, sources: Mapping[str, bytes], layout: Layout, home: Folder | None) -> None:
    """Modules beside the package, as far as the code imports them: `import my_layers` ran from the assignment's folder."""
    root = "" if home is None else home.path.rpartition("/")[0] if home.is_package else home.path
    beside: dict[str, list[str]] = {}
    for path in sorted(sources):
        if in_folder(path, root):
            inside = path[len(root) :].lstrip("/")
            beside.setdefault(inside.split("/")[0].removesuffix(".py"), []).append(inside)
    waiting = list(draft.files.values())
    known: set[str] = {layout.package, *_NEVER_LOCAL}
    while waiting:
        for name in _imported(waiting.pop()) - known:
            known.add(name)
            for inside in beside.get(name, ()):
                path = f"{root}/{inside}".lstrip("/")
                draft.put(inside, sources[path], path)
                waiting.append(sources[path])


def _imported(code: bytes) -> set[str]:
    names: set[str] = set()
    for source, plain in _IMPORT.findall(code):
        for name in [source] if source else plain.split(b","):
            names.add(name.strip().split(b".")[0].split(b" ")[0].decode("ascii", "replace"))
    return names - {""}


def _about_text(canonical: str, files: Mapping[str, bytes]) -> str | None:
    """What is odd about a wanted file's bytes; decoding them is the sandbox's business."""
    data = files.get(canonical)
    if data is None:
        return None
    if not data.strip():
        return f"{show(canonical)} is empty."
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        return f"{show(canonical)} is not a UTF-8 text file (it holds NUL bytes). Save it as UTF-8."
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        first_lines = data.split(b"\n", 2)[:2]
        if not any(_CODING.match(line) for line in first_lines):
            line = data.count(b"\n", 0, error.start) + 1
            return f"{show(canonical)} is not UTF-8: byte 0x{data[error.start]:02x} in line {line}. Save it as UTF-8."
    return None
