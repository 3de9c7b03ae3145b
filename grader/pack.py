"""Rubric packs on disk: `rubrics/<name>/` or any folder with a `rubric.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.core.rubric import Rubric, parse_rubric, rubric_hash

RUBRICS = Path(__file__).resolve().parents[1] / "rubrics"


class PackNotFound(ValueError):
    """There is no such pack; the message lists those that there are."""


@dataclass(frozen=True)
class Pack:
    name: str
    folder: Path
    rubric: Rubric
    text: str
    rubric_hash: str

    @property
    def support(self) -> Path | None:
        """The folder of course-provided modules, if the pack has one."""
        folder = self.folder / self.rubric.code.support if self.rubric.code else None
        return folder if folder and folder.is_dir() else None


def find_pack(name_or_path: str) -> Path:
    """The pack's folder. Raises PackNotFound."""
    for folder in (RUBRICS / name_or_path, Path(name_or_path)):
        if (folder / "rubric.yaml").is_file():
            return folder.resolve()
    known = ", ".join(sorted(path.parent.name for path in RUBRICS.glob("*/rubric.yaml"))) or "none"
    raise PackNotFound(f"no pack {name_or_path!r}: neither a folder with a rubric.yaml nor one of {known}")


def load_pack(name_or_path: str) -> Pack:
    """Raises PackNotFound, or `grader.core.rubric.RubricError` naming file and line of every problem."""
    folder = find_pack(name_or_path)
    file = folder / "rubric.yaml"
    text = file.read_text(encoding="utf-8")
    return Pack(folder.name, folder, parse_rubric(text, str(file)), text, rubric_hash(text))
