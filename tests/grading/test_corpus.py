"""Whole hand-ins in the styles of real students, graded in the sandbox: nobody right is accused, no slip is missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.pack import load_pack
from worker.trusted.prove import check_sample
from worker.trusted.sandbox.backend import default_backend

STUDENTS = Path(__file__).parents[1] / "corpus" / "students"


@pytest.mark.parametrize("student", sorted(file.parent.name for file in STUDENTS.glob("*/expect.yaml")))
def test_a_student_gets_what_is_deserved(student: str) -> None:
    assert check_sample(load_pack("cs231n_a2"), STUDENTS / student, default_backend()) == []
