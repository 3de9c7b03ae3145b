"""Which rubric a class is to be graded again by, as a form or the API names it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from sqlalchemy.orm import Session

from grader.core.rubric_file import RubricError
from grader.db import rubrics
from grader.db.tables import Assignment, RubricVersion
from grader.errors import BadInput
from grader.pack import PackNotFound, load_pack

RunId = Annotated[int, Path(ge=1, le=2**31 - 1)]
DISK = "disk"
PRESENT = "present"


def wanted_version(session: Session, assignment: Assignment, rubric: str, yaml: str | None = None) -> RubricVersion:
    """`rubric`: "disk" for the pack's file as it is now, "present" for the one in force, or a version's sha256; or else
    the text `yaml`. Raises BadInput with every problem of the text, NotFound for an unknown version."""
    try:
        if yaml is not None:
            return rubrics.draft(session, assignment, yaml)
        if rubric == DISK:
            return rubrics.draft(session, assignment, load_pack(assignment.pack).text)
    except RubricError as error:
        raise BadInput("; ".join(error.problems)) from error
    except PackNotFound as error:
        raise BadInput(f"the pack's folder is not on this machine: {error}") from error
    return assignment.rubric_version if rubric == PRESENT else rubrics.version_by_sha256(session, assignment, rubric)
