"""What a sandbox's Python consists of: interpreter, standard library, the few distributions that students may use."""

from __future__ import annotations

import functools
import os
import re
import sys
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from worker.trusted.sandbox.backend import PLACES, SandboxUnavailable

NUMPY = ("numpy", "scipy")
DEEP_LEARNING = ("torch", "keras", "h5py", "safetensors")
UNNEEDED = frozenset({"setuptools"})
"""Required by torch for building extensions only, which no sandbox can do."""

SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
PREFIX = "/python"


@dataclass(frozen=True)
class Mount:
    source: Path
    target: str


def package_mounts(torch: bool) -> list[Mount]:
    """Top-level folders and files of the installed NumPy and SciPy; with `torch` also of torch, Keras, the formats of saved
    weights, and what they require."""
    names = dict.fromkeys(NUMPY)
    if torch:
        names |= dict.fromkeys(name for package in DEEP_LEARNING for name in _requirements(package))
    entries = {path.name: path for name in names for path in _top_level(name)}
    return [Mount(path, f"{PLACES.packages}/{name}") for name, path in sorted(entries.items())]


@functools.cache
def _requirements(name: str) -> tuple[str, ...]:
    """The distribution and all it requires without extras, as far as it is installed."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        key = re.sub(r"[-_.]+", "-", current).lower()
        if key in found or key in UNNEEDED:
            continue
        try:
            requires = metadata.requires(key) or []
        except metadata.PackageNotFoundError:
            if current == name:
                raise SandboxUnavailable(f"{name} is not installed: `pip install {name}`") from None
            continue  # required on another platform
        found[key] = None
        waiting += [re.match(r"[\w.-]+", line)[0] for line in requires if "extra ==" not in line]
    return tuple(found)


@functools.cache
def _top_level(name: str) -> tuple[Path, ...]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise SandboxUnavailable(f"{name} is not installed: `pip install {name}`") from None
    record = distribution.read_text("RECORD") or ""
    names = set(re.findall(r"^([^/,\n]+)", record, re.MULTILINE)) - {"..", "__pycache__"}
    names = {entry for entry in names if not entry.endswith((".dist-info", ".pth"))}
    if not names:
        raise SandboxUnavailable(f"{name} was installed without a RECORD of its files: install it again with pip")
    return tuple(Path(distribution.locate_file(entry)) for entry in sorted(names))


@functools.cache
def python_mounts() -> tuple[Mount, ...]:
    """Interpreter, its shared library and the standard library, to `PREFIX`, laid out as any prefix is."""
    executable = Path(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
    stdlib = Path(sysconfig.get_path("stdlib"))
    mounts = [
        Mount(executable, interpreter()),
        Mount(stdlib, f"{PREFIX}/{sys.platlibdir}/{stdlib.name}"),
    ]
    library = Path(sysconfig.get_config_var("LIBDIR") or "/") / (sysconfig.get_config_var("INSTSONAME") or "")
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and library.is_file():
        mounts.append(Mount(library, f"{PREFIX}/lib/{library.name}"))
    return tuple(mounts)


def interpreter() -> str:
    return f"{PREFIX}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def hidden_folders() -> list[str]:
    """Folders of the standard library that an empty one covers: what is installed there is not for students."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    return [
        f"{PREFIX}/{sys.platlibdir}/{stdlib.name}/{name}"
        for name in ("site-packages", "dist-packages", "test", "idlelib", "ensurepip")
        if (stdlib / name).is_dir()
    ]
