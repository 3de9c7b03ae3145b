"""JSON: the `history` of Keras, lists of records, and nests of both."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping

from grader.core.logs.column import MAX_COLUMNS, Column, column
from grader.core.logs.tables import MAX_ROWS, from_records, number_of, x_column

MAX_DEPTH = 6
MAX_LITERAL = 400_000  # characters
NAMED_LIST = re.compile(r"^[ \t]*['\"]?([^\W\d][^\n\[\]{}()=:]{0,79}?)['\"]?[ \t]*[=:][ \t]*\[([^\[\]{}]*)\]", re.MULTILINE)
WRAPPED = re.compile(r"^(?:np\.float\d\d|tensor)\(([^()]*)\)$")
LEAST = 3  # numbers in a list that may be a curve
MAX_VALUES = 1_000_000  # commas and brackets: bounds the memory that parsing takes


def read_json(text: str, source: str) -> list[Column]:
    """Empty for what is no JSON, or no log."""
    if sum(text.count(mark) for mark in ",[{") > MAX_VALUES:
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _read_lines(text, source)
    found: list[Column] = []
    _walk(value, (), source, found, MAX_DEPTH)
    return found[:MAX_COLUMNS]


def read_literal(text: str, source: str) -> list[Column]:
    """A dict or list as Python shows it: the `history` at the end of a cell."""
    text = text.strip()
    if not text.startswith(("{", "[", "defaultdict(")) or len(text) > MAX_LITERAL:
        return []
    if text.startswith("defaultdict("):
        text = text.partition(",")[2].strip().removesuffix(")")
    found: list[Column] = []
    try:
        _walk(ast.literal_eval(text), (), source, found, MAX_DEPTH)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):  # a set of sets, a key of 5,000 digits
        return []
    return found[:MAX_COLUMNS]


def read_named_lists(text: str, source: str) -> list[Column]:
    """`train_acc = [0.31, 0.42]` and `val acc: [tensor(0.3), …]`: a list of numbers behind its name."""
    found: list[Column] = []
    for named in NAMED_LIST.finditer(text[:MAX_LITERAL]):
        cells = named[2].split(",")
        values = [number_of(WRAPPED.sub(r"\1", cell.strip())) for cell in cells if cell.strip()]
        if len(values) >= LEAST and None not in values and len(found) < MAX_COLUMNS:
            found += column(source, named[1], [(float(at), value) for at, value in enumerate(values, 1) if value is not None])
    return found


def _read_lines(text: str, source: str) -> list[Column]:
    """One record per line, as several loggers write it."""
    records = []
    for line in text.splitlines()[:MAX_ROWS]:
        try:
            record = json.loads(line) if line.lstrip().startswith("{") else None
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            records.append(_flat(record))
    return from_records(records, source)


def _walk(value: object, path: tuple[str, ...], source: str, found: list[Column], depth: int) -> None:
    if depth == 0 or len(found) >= MAX_COLUMNS:
        return
    if isinstance(value, Mapping) and len(value) > 1 and all(_is_epoch(key, item) for key, item in value.items()):
        value = [{"epoch": int(key), **item} for key, item in value.items()]
    if isinstance(value, Mapping):
        value = {str(key)[:100]: item for key, item in value.items()}
        lists = {key: item for key, item in value.items() if _is_numbers(item)}
        x_name, counted = x_column(list(lists))
        x = lists.get(x_name) if x_name in lists else None
        for key, item in value.items():
            if key in lists and key != x_name:
                same = x if x is not None and len(x) == len(item) else None
                xs = [number_of(one) for one in same] if same is not None else [float(at) for at in range(1, len(item) + 1)]
                pairs = [(a, b) for a, b in zip(xs, map(number_of, item), strict=True) if a is not None and b is not None]
                found += column(source, " ".join((*path, key)), pairs, counted=counted if same is not None else "row")
            else:
                _walk(item, (*path, str(key)[:100]), source, found, depth - 1)
        return
    if not isinstance(value, list) or not value:
        return
    rows = value[:MAX_ROWS]
    if all(isinstance(item, dict) for item in rows):
        flat = [_flat(item) for item in rows]
        found += [
            Column(one.source, " ".join((*path, one.name)), one.x, one.values, one.labels, one.counted)
            for one in from_records(flat, source)
        ]
    elif all(
        isinstance(item, list) and len(item) == 3 for item in rows
    ):  # [wall time, step, value]: a TensorBoard export
        pairs = [(x, y) for _, x, y in rows for x, y in [(number_of(x), number_of(y))] if x is not None and y is not None]
        found += column(source, " ".join(path), pairs, counted="step")
    elif all(isinstance(item, (list, tuple)) and len(item) == 2 and type(item[0]) is int for item in rows):  # (epoch, value)
        pairs = [(x, y) for x, y in ((number_of(x), number_of(y)) for x, y in rows) if x is not None and y is not None]
        found += column(source, " ".join(path), pairs, counted="epoch")
    elif _is_numbers(value):
        pairs = [(float(at), y) for at, y in enumerate(map(number_of, rows), 1) if y is not None]
        found += column(source, " ".join(path), pairs)


def _flat(record: Mapping[str, object], depth: int = 3) -> dict[str, object]:
    """{"train": {"loss": 1}} is {"train loss": 1}."""
    found: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(value, dict) and depth:
            found |= {f"{key} {inner}": item for inner, item in _flat(value, depth - 1).items()}
        else:
            found[key] = value
    return found


def _is_epoch(key: object, item: object) -> bool:
    return isinstance(item, dict) and str(key).isascii() and str(key).isdigit() and len(str(key)) < 7


def _is_numbers(value: object) -> bool:
    """Also in quotes."""
    if not isinstance(value, (list, tuple)) or len(value) < 2:
        return False
    return all(item is None or (isinstance(item, (int, float, str)) and number_of(item) is not None) for item in value)
