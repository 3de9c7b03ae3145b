"""Reads a rubric from YAML, and names file and line of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from grader.core.checks import KINDS
from grader.core.rubric import Rubric


class RubricError(ValueError):
    """Everything that is wrong with a rubric: one `file:line: what` per problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def parse_rubric(text: str, file: str = "rubric.yaml") -> Rubric:
    """The rubric in `text` (YAML 1.2). Raises `RubricError` with file and line of every problem."""
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RubricError([f"{file}:{line}: {error.problem or error.context or 'not valid YAML'}"]) from error
    except Exception as error:
        raise RubricError([f"{file}:1: not valid YAML: {error}"]) from error
    if not isinstance(document, dict):
        raise RubricError([f"{file}:1: a rubric is a mapping with the keys assignment, title and questions"])
    try:
        return Rubric.model_validate(_plain(document))
    except ValidationError as error:
        raise RubricError(list(_problems(error, document, file))) from error


read_rubric = lru_cache(maxsize=64)(parse_rubric)
"""`parse_rubric`, remembered: a worker, a preview and its applying read the same texts again and again."""


def rubric_hash(text: str) -> str:
    """sha256 of the rubric's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _problems(error: ValidationError, document: Any, file: str) -> Iterator[str]:
    for problem in error.errors():
        where = tuple(part for part in problem["loc"] if part not in ("function-before",))
        what = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            what = f"unknown key {where[-1]!r}"
        if problem["type"] == "missing":
            what = f"missing key {where[-1]!r}"
        if problem["type"] == "tuple_type":
            what = "must be a list, such as [a, b]"
        path = ".".join(str(part) for part in where)
        yield f"{file}:{_line(document, where, what)}: {path + ': ' if path else ''}{what}"


def _line(document: Any, where: tuple[Any, ...], what: str) -> int:
    """The line of the innermost part of `where` that the document has, or of a duplicate's second appearance."""
    node, line = document, document.lc.line + 1
    for part in where:
        if isinstance(node, dict) and part not in node:
            node = next((node[kind] for kind in KINDS if kind in node), node)  # a check's own keys stand under its kind
        try:
            line = (node.lc.key(part) if isinstance(node, dict) else node.lc.item(part))[0] + 1
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    if what.startswith("duplicate id "):
        return _duplicate_line(node, what.split("'")[1]) or line
    if _UNKNOWN_NAME.match(what):
        return _name_line(node, what.split("'")[1]) or line
    return line


_UNKNOWN_NAME = re.compile(r"unknown \w+ '")


def _name_line(node: Any, name: str) -> int | None:
    """The line of the first text below `node` that is `name`, or refers to the glossary's `$name`."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        child = node[key]
        if isinstance(child, str) and re.search(rf"(?:^|\$){re.escape(name)}(?![\w-])", child):
            return (node.lc.value(key) if isinstance(node, dict) else node.lc.item(key))[0] + 1
        found = _name_line(child, name)
        if found:
            return found
    return None


def _duplicate_line(node: Any, identifier: str) -> int | None:
    found: list[int] = []
    for key in ("questions", "checks", "items"):
        for index, child in enumerate(node.get(key, ()) if isinstance(node, dict) else ()):
            if isinstance(child, dict) and str(child.get("id")) == identifier:
                found.append(node[key].lc.item(index)[0] + 1)
    return found[-1] if found else None


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    raise RubricError([f"unsupported YAML value {node!r}"])
