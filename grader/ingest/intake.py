"""What has been taken in so far, and how much more may be: every byte of a submission passes through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.ingest.errors import Bomb, TooLarge, TooManyFiles, UnsafePath
from grader.ingest.paths import junk, oddity, safe_path, show

MIB = 1 << 20
CHUNK = 64 * 1024
_RATIO_FROM = MIB  # below this size no compression ratio is suspicious
_WORK = (".py", ".ipynb", ".md", ".txt", ".json")


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes. `ratio` is unpacked over packed size; `stream` caps what a compressed tar may unpack to, skipped
    files included; `directory` caps a zip's table of contents."""

    upload: int = 256 * MIB
    total: int = 128 * MIB
    file: int = 64 * MIB
    count: int = 10_000
    ratio: int = 200
    stream: int = 1024 * MIB
    directory: int = 12 * MIB


DEFAULT = Limits()


@dataclass(frozen=True)
class Unpacked:
    """Files by relative path, and what was skipped or odd."""

    files: Mapping[str, bytes]
    remarks: tuple[str, ...] = ()


class Intake:
    """Collects files under limits. Declared sizes are hints only: bytes are counted as they come."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.files: dict[str, bytes] = {}
        self.remarks: list[str] = []
        self._skipped: dict[str, list[str]] = {}
        self._admitted = 0
        self._bytes = 0

    def admit(self, name: str, under: str = "") -> str | None:
        """The path under which a file will be kept; None if it is skipped, which is noted.

        Raises UnsafePath, TooManyFiles.
        """
        if kind := junk(name):
            safe_path(name.removesuffix("\r"))
            return self.skip(name, kind)
        path = safe_path(name)
        if not path:
            return None
        path = f"{under}/{path}" if under else path
        if kind := oddity(path):
            return self.skip(path, kind)
        self._admitted += 1
        if self._admitted > self.limits.count:
            raise TooManyFiles(
                f"There are more than {self.limits.count:,} files. Hand in only your own code, notebooks and answers."
            )
        return path

    def skip(self, name: str, kind: str) -> None:
        """Note a file that is not taken."""
        self._skipped.setdefault(kind, []).append(name)

    def fits(self, path: str, size: int) -> bool:
        """False, and noted, for a large file that is neither code nor text (a model, a video): it is left out."""
        if size <= self.limits.file or path.lower().endswith(_WORK):
            return True
        self.skip(path, f"files over {self.limits.file // MIB} MiB")
        return False

    def read(self, path: str, read: Callable[[int], bytes], packed: int | None = None) -> None:
        """Keep what `read(size)` gives until it gives nothing. `packed` is the size in the archive.

        Raises TooLarge, Bomb.
        """
        chunks: list[bytes] = []
        size = 0
        while chunk := read(CHUNK):
            size += len(chunk)
            self._bytes += len(chunk)
            self._check(path, size, packed)
            chunks.append(chunk)
        self._keep(path, b"".join(chunks))

    def _check(self, path: str, size: int, packed: int | None) -> None:
        if packed is not None and size > _RATIO_FROM and size > self.limits.ratio * packed:
            raise Bomb(
                f"{show(path)} unpacks to more than {self.limits.ratio} times its packed size, as zip bombs do. "
                "Remove the file and hand in again."
            )
        if size > self.limits.file:
            raise TooLarge(f"{show(path)} is larger than {self.limits.file // MIB} MiB. Shrink it or leave it out.")
        if self._bytes > self.limits.total:
            raise TooLarge(
                f"Unpacked, the submission is larger than {self.limits.total // MIB} MiB (reached at {show(path)}). "
                "Leave out data sets and models."
            )

    def _keep(self, path: str, data: bytes) -> None:
        if path in self.files and self.files[path] != data:
            self.remarks.append(f"{show(path)} was there twice with different content; the last one was taken.")
        self.files[path] = data

    def result(self) -> Unpacked:
        """Everything taken. Raises UnsafePath if a name is a file and a folder at once."""
        for path in self.files:
            parent = path
            while "/" in parent:
                parent = parent.rpartition("/")[0]
                if parent in self.files:
                    raise UnsafePath(f"{show(parent)} is a file and a folder at once. Pack the folder again.")
        skipped = (
            f"Skipped {len(names)} {'file' if len(names) == 1 else 'files'} ({kind}): {show(names[0])}"
            + (f" and {len(names) - 1} more." if len(names) > 1 else ".")
            for kind, names in self._skipped.items()
        )
        return Unpacked(dict(self.files), (*self.remarks, *skipped))
