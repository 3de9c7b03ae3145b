"""Shapes in an answer (m×50, (m, 50), [None, 50], a vector of 50), found, given to what they are said of, and judged exactly."""

from grader.core.answers.shapes.declaration import Shapes
from grader.core.answers.shapes.judge import read

__all__ = ["Shapes", "read"]
