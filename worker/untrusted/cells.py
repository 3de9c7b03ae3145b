"""A module out of a notebook: functions that were handed in there and not in a file of their own."""

import ast

from . import notebooks, recover
from .loading import CodeLoader, place

DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class NotebookLoader(CodeLoader):
    """Definitions out of a notebook's cells (functions handed in there and not in a file): what computes is left out."""

    def get_code(self, fullname):
        return None

    def exec_module(self, module):
        for number, source in notebooks.code_cells(self.get_data(self.path)):
            try:
                for _, code in recover.statements(source.encode(), f"{self.path}, cell {number}", definitions):
                    self.run(code, module)
            except (SyntaxError, ValueError, RecursionError) as error:
                self.note(module, error)
        place(module, self.substitutes)


def definitions(statements):
    """Those of a module's statements that define functions, classes and constants."""
    for statement in statements:
        value = getattr(statement, "value", None)
        constant = isinstance(statement, (ast.Assign, ast.AnnAssign)) and value is not None
        if isinstance(statement, DEFINING) or (
            constant and not any(isinstance(node, (ast.Call, ast.Await)) for node in ast.walk(value))
        ):
            yield statement
