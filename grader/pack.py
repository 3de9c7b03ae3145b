"""Rubric packs on disk: `rubrics/<name>/`, `<GRADER_PACKS_DIR>/<name>/` for a course's own, or any folder with a `rubric.yaml`."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from grader.core.answers.labelled import LabelledAnswer
from grader.core.rubric import Rubric
from grader.core.rubric_file import parse_rubric, read_rubric, rubric_hash
from grader.settings import get_settings

_LABELLED = TypeAdapter(list[LabelledAnswer])
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
        folder = self.folder / self.rubric.code.support
        return folder if folder.is_dir() else None


def find_pack(name_or_path: str) -> Path:
    """The pack's folder. Raises PackNotFound."""
    shelves = (RUBRICS, get_settings().packs_folder)
    for folder in (*(shelf / name_or_path for shelf in shelves), Path(name_or_path)):
        if (folder / "rubric.yaml").is_file():
            return folder.resolve()
    known = ", ".join(sorted({path.parent.name for shelf in shelves for path in shelf.glob("*/rubric.yaml")})) or "none"
    raise PackNotFound(f"no pack {name_or_path!r}: neither a folder with a rubric.yaml nor one of {known}")


def found_by_name(pack: Pack) -> Pack:
    """The same pack. Raises PackNotFound unless its name alone leads to it: that is all that a worker is told."""
    try:
        if find_pack(pack.name) == pack.folder:
            return pack
    except PackNotFound:
        pass
    raise PackNotFound(
        f"workers find a pack by its name alone: put the folder {pack.name} into {get_settings().packs_folder.resolve()} "
        "(GRADER_PACKS_DIR, which every worker needs), under a name that no other pack has"
    )


def load_pack(name_or_path: str) -> Pack:
    """Raises PackNotFound, or `grader.core.rubric_file.RubricError` naming file and line of every problem."""
    folder = find_pack(name_or_path)
    file = folder / "rubric.yaml"
    text = file.read_text(encoding="utf-8")
    return Pack(folder.name, folder, read_rubric(text, str(file)), text, rubric_hash(text))


def labelled_answers(pack: Pack) -> list[LabelledAnswer]:
    """The answers of the pack's `answers.yaml`; none without that file. Raises ValueError naming what is wrong in it."""
    file = pack.folder / "answers.yaml"
    if not file.is_file():
        return []
    try:
        return _LABELLED.validate_python(YAML(typ="safe").load(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise ValueError("\n".join(f"{file}: {problem}" for problem in told(error))) from error
    except YAMLError as error:
        raise ValueError(f"{file}: {error}") from error


def told(error: ValidationError) -> list[str]:
    """What is wrong in a file of a pack: a key, counted from 0 in lists, and what it lacks."""
    return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]


def save_rubric(name_or_path: str, text: str, seen_hash: str) -> Path:
    """Replace the pack's rubric.yaml, all at once; the file's path.

    Raises PackNotFound; RubricError for a text that is no rubric; ValueError when the file is not the one whose sha256
    is `seen_hash`; OSError where the folder cannot be written.
    """
    parse_rubric(text)
    file = find_pack(name_or_path) / "rubric.yaml"
    if rubric_hash(file.read_text(encoding="utf-8")) != seen_hash:
        raise ValueError(f"{file.name} of {file.parent.name} was changed meanwhile; look at it again")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=file.parent, delete=False) as fresh:
        fresh.write(text)
    os.chmod(fresh.name, file.stat().st_mode & 0o777)
    os.replace(fresh.name, file)
    return file
