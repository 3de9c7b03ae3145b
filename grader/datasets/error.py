"""What is said when a data set cannot be had."""

from __future__ import annotations


class DatasetError(ValueError):
    """A data set is not there, or its files are not in their format; the message says which file and why."""
