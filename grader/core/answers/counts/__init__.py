"""Counts in steps: parameters, multiplications. Every step is judged from the answer's own arithmetic, a slip costs once.

`Counts` is what a pack declares, `read` what an answer gives.
"""

from grader.core.answers.counts.declaration import Counts
from grader.core.answers.counts.reading import read

__all__ = ["Counts", "read"]
