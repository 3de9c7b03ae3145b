"""File names out of archives and uploads: which are safe, which are odd, which are not part of the work."""

from __future__ import annotations

import re
import unicodedata

from grader.ingest.errors import UnsafePath

MAX_PATH = 1000  # characters
MAX_NAME = 255  # bytes of one component, the limit of usual file systems

_DRIVE = re.compile(r"^[A-Za-z]:")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"] + [f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)]
)

_JUNK_FOLDERS = {
    "__macosx": "files of macOS",
    ".git": "version control",
    ".svn": "version control",
    ".hg": "version control",
    "__pycache__": "caches",
    ".ipynb_checkpoints": "notebook checkpoints",
    ".pytest_cache": "caches",
    ".mypy_cache": "caches",
    ".ruff_cache": "caches",
    ".idea": "editor settings",
    ".vscode": "editor settings",
    ".venv": "Python environments",
    "venv": "Python environments",
    "site-packages": "Python environments",
    "node_modules": "installed packages",
    "cifar-10-batches-py": "data sets",
    "cifar-100-python": "data sets",
    "coco_captioning": "data sets",
    "tiny-imagenet-200": "data sets",
    "tiny-imagenet-100-a": "data sets",
}
_JUNK_NAMES = {
    ".ds_store": "files of macOS",
    "icon\r": "files of macOS",
    "thumbs.db": "files of Windows",
    "desktop.ini": "files of Windows",
    "cifar-10-python.tar.gz": "data sets",
}
_JUNK_SUFFIXES = {
    ".npy": "data sets",
    ".npz": "data sets",
    ".mat": "data sets",
    ".pyc": "compiled files",
    ".pyo": "compiled files",
    ".pyd": "compiled files",
    ".so": "compiled files",
    ".o": "compiled files",
    ".dll": "compiled files",
    ".dylib": "compiled files",
    ".exe": "compiled files",
}


def show(name: str) -> str:
    """A name as it may stand in a sentence: shortened, in quotes, with invisible characters escaped."""
    name = name if len(name) <= 120 else f"{name[:80]}…{name[-35:]}"
    visible = (c if unicodedata.category(c)[0] != "C" else c.encode("unicode_escape").decode() for c in name)
    return f"“{''.join(visible)}”"


def decode_name(raw: bytes, otherwise: str) -> str:
    """A name of unknown encoding: UTF-8 if it is, else in the given encoding (cp437 in zip files by their standard)."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(otherwise, "replace")


def safe_path(name: str) -> str:
    """The name as a relative path with `/`, NFC, without `.`; "" if nothing is left of it.

    Raises UnsafePath for absolute paths, drive letters, `..` and control characters. Backslashes count as separators,
    as Windows writes them.
    """
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        raise UnsafePath(f"The file name {show(name)} holds control characters. Rename the file and hand in again.")
    path = unicodedata.normalize("NFC", name.replace("\\", "/"))
    if path.startswith("/") or _DRIVE.match(path):
        raise UnsafePath(f"The file name {show(name)} is absolute. Pack the folder itself, with relative names.")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if any(not part.strip(" .") for part in parts):
        raise UnsafePath(f"The file name {show(name)} points outside the folder. Pack the folder itself.")
    return "/".join(parts)


def oddity(path: str) -> str | None:
    """Why a safe path is still not taken: too long, or a name that Windows reserves. None for an ordinary one."""
    parts = path.split("/")
    if len(path) > MAX_PATH or any(len(part.encode()) > MAX_NAME for part in parts):
        return "over-long names"
    if any(part.split(".")[0].rstrip().lower() in _RESERVED for part in parts):
        return "names reserved by Windows"
    return None


def junk(name: str) -> str | None:
    """The kind of thing that a file is if it is not part of the work ("caches", "data sets"); None if it may be."""
    *folders, base = name.replace("\\", "/").lower().split("/")
    for folder in folders:
        if folder in _JUNK_FOLDERS:
            return _JUNK_FOLDERS[folder]
    if base.startswith("._"):
        return "files of macOS"
    if base in _JUNK_NAMES:
        return _JUNK_NAMES[base]
    return next((kind for suffix, kind in _JUNK_SUFFIXES.items() if base.endswith(suffix)), None)
