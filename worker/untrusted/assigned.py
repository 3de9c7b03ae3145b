"""Which names a statement of a submission sets, which it reads, and what a value holds that it sets."""

import ast

HELD = 50
"""Things in a list that are looked at."""


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


def held(value, depth=2):
    """What stands in lists and dicts, as nets do that a loop is to train."""
    if type(value) not in (list, tuple, dict) or len(value) > HELD:
        return
    for one in value.values() if type(value) is dict else value:
        yield one
        if depth > 1:
            yield from held(one, depth - 1)
