"""Graded Gradescope exports: scores, rubric items with their marks, and answers, out of text, Markdown or PDF."""

from grader.ingest.gradescope.export import Export
from grader.ingest.gradescope.reader import NotAnExport, read_export

__all__ = ["Export", "NotAnExport", "read_export"]
