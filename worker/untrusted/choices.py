"""What a script may be asked for on its command line. Nobody is there to ask while it is read for its models, so it is read once
with the first choices, and what follows again for each of the others: `--technique bn` makes another net than `--technique none`.
"""

import ast
import contextlib
import sys

MOST = 8
"""Further readings of one file."""

SWITCH_NO_MODEL = frozenset(
    {
        "help", "version", "device", "cuda", "no_cuda", "use_cuda", "gpu", "cpu", "verbose", "quiet", "debug", "resume", "eval",
        "evaluate", "test", "save", "save_model", "plot", "dry_run", "download", "dataset", "optimizer", "optim", "scheduler",
        "loss", "seed",
    }
)  # fmt: skip

ARGUMENT = "sys.argv"

_given = {}
_open = []


@contextlib.contextmanager
def giving(chosen):
    """Within, options have the values of `chosen`: {name of the option: value}; ARGUMENT is the first word of the command line."""
    before = sys.argv
    _given.update(chosen)
    if ARGUMENT in chosen:
        sys.argv = [before[0] if before else "", chosen[ARGUMENT]]
    try:
        yield
    finally:
        sys.argv = before
        _given.clear()
        _open.clear()


def others(statements):
    """The choices that were left since this was asked last, [{name of the option: value}]; without a parser of the command line
    the words that the statements compare something with, if they read it."""
    found = list(_open)
    _open.clear()
    if not found and any(map(reads_arguments, statements)):
        words = (part.value for statement in statements for part in _compared(statement) if isinstance(part, ast.Constant))
        found = [{ARGUMENT: word} for word in dict.fromkeys(words) if type(word) is str and word != "__main__"]
    return found[:MOST]


def reads_arguments(statement):
    """Whether it takes a word from `sys.argv`."""
    return any(
        isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "argv"
        for node in ast.walk(statement)
    )


def _compared(statement):
    """Both sides of each ==, and what stands in a list behind `in`."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                yield from side.elts if isinstance(side, (ast.List, ast.Tuple, ast.Set)) else [side]


def asked():
    """Whether there are choices that were left."""
    return bool(_open)


def forgiving(original):
    """For `ArgumentParser.parse_known_args`: arguments that are needed are the first choice, or nothing."""

    def parse_known_args(this, args=None, namespace=None):
        for action in this._actions:
            if action.required:
                action.required = False
                if action.default is None and action.choices:
                    action.default = next(iter(action.choices))
            if action.dest in _given:
                action.default = _given[action.dest]
            elif args is None and action.dest not in SWITCH_NO_MODEL:
                _open.extend({action.dest: value} for value in _values(action) if value != action.default)
        return original(this, [] if args is None else args, namespace)

    return parse_known_args


def _values(action):
    """Those that it may have, as far as they can be counted."""
    if action.choices and not isinstance(action.choices, dict):  # a dict: of sub-commands
        return list(action.choices)[: MOST + 1]
    return [action.const] if action.nargs == 0 and isinstance(action.const, bool) else []
