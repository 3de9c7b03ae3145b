"""Formulas in an answer (LaTeX, plain text, NumPy, in words), judged by their values on random data.

`declaration` says what is asked and what the symbols mean, `setting` draws the data and differentiates; `tokens` and `parser`
turn text into the trees of `tree`, `evaluate` gives their values; `statements` finds the equations of an answer, `judge` says
which of their links hold, `slips` which one edit would mend a wrong one, `reader` puts it into words.
"""

from grader.core.answers.formulas.declaration import Formulas
from grader.core.answers.formulas.reader import read

__all__ = ["Formulas", "read"]
