"""Scores as the files that other systems read: pure functions from `grades.ClassGrades` (or a `Result`) to text."""
