"""Which names a statement of a submission sets, and which it reads."""

import ast


def bound(statement):
    """The names that a statement would have set."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return {statement.name}
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {
        (alias.asname or alias.name).partition(".")[0] for node in ast.walk(statement) for alias in getattr(node, "names", ())
        if isinstance(alias, ast.alias)
    }  # fmt: skip


def used(statement):
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
