"""Suggestions for written answers: what a rubric declares, read out of a student's text. Pure; see docs/answers.md."""
