"""Changing a YAML text in places, so that every other byte of it stays as somebody wrote it.

Positions come from composing the text; each function returns a new text. Positions are then out of date: compose again.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


class CannotEdit(ValueError):
    """The text is valid, but written in a way that cannot be changed in place; the message says why."""


def compose(text: str) -> Node:
    """The tree of nodes with their positions. Raises CannotEdit for aliases: a change would be made in two places."""
    root = YAML(typ="safe", pure=True).compose(text)
    _refuse_aliases(root, set())
    return root


def child(mapping: MappingNode, key: str) -> Node | None:
    return next((value for name, value in mapping.value if name.value == key), None)


def scalar(value: str | float, style: str | None = None) -> str:
    """`value` as it may stand anywhere in YAML, in the quotes of `style` if it is a string."""
    if isinstance(value, int | float):
        return f"{round(value, 4) or 0.0:.4f}".rstrip("0").rstrip(".")
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    if style == '"':
        return json.dumps(value, ensure_ascii=False)
    out = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style, writer.width, writer.allow_unicode = True, 10**6, True
    writer.dump([value], out)
    return out.getvalue().strip().removeprefix("[").removesuffix("]")


def flow(entries: Sequence[tuple[str, str]]) -> str:
    """`{key: value, …}` of values that are written already."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in entries) + "}"


def set_scalar(text: str, node: ScalarNode, value: str | float) -> str:
    """Put `value` where `node` stands."""
    end = "\n" if node.style in ("|", ">") and text[: node.end_mark.index].endswith("\n") else ""
    return text[: node.start_mark.index] + scalar(value, node.style) + end + text[node.end_mark.index :]


def set_key(text: str, mapping: MappingNode, key: str, written: str) -> str:
    """Set `key` to the value `written`; a new key comes after the last one whose value ends on its line."""
    present = child(mapping, key)
    if present is not None:
        return text[: present.start_mark.index] + written + text[_end(text, present) :]
    if mapping.flow_style:
        last = mapping.value[-1][1]
        at = _end(text, last)
        return f"{text[:at]}, {key}: {written}{text[at:]}"
    name, value = next((name, value) for name, value in reversed(mapping.value) if _is_short(value))
    at = _line_end(text, _end(text, value))
    return f"{text[:at]}\n{' ' * name.start_mark.column}{key}: {written}{text[at:]}"


def remove_key(text: str, mapping: MappingNode, key: str) -> str:
    """Without `key`; as it is when there is none. Raises CannotEdit for a mapping's only key."""
    names = [name.value for name, _ in mapping.value]
    if key not in names:
        return text
    index = names.index(key)
    name, value = mapping.value[index]
    if index == 0:
        if len(names) == 1:
            raise CannotEdit(f"{key!r} is the only key in line {name.start_mark.line + 1}")
        return text[: name.start_mark.index] + text[mapping.value[1][0].start_mark.index :]
    before = _end(text, mapping.value[index - 1][1])
    if mapping.flow_style:
        return text[:before] + text[_end(text, value) :]
    return text[: _line_start(text, name.start_mark.index)] + text[_next_line(text, _end(text, value)) :]


def add_entry(text: str, sequence: SequenceNode, entries: Sequence[tuple[str, str]], after: int) -> str:
    """A new mapping behind the one at index `after`, written in the style of that one."""
    neighbour = sequence.value[after]
    if sequence.flow_style:
        at = neighbour.end_mark.index
        return f"{text[:at]}, {flow(entries)}{text[at:]}"
    at = _line_end(text, _end(text, neighbour))
    dash = " " * _column(text, _dash(text, neighbour))
    body = flow(entries)
    if not neighbour.flow_style:
        body = f"\n{dash}  ".join(f"{key}: {value}" for key, value in entries)
    return f"{text[:at]}\n{dash}- {body}{text[at:]}"


def remove_entry(text: str, sequence: SequenceNode, index: int) -> str:
    """Without the entry at `index`; a comment in a line of its own stays. Raises CannotEdit for the only entry."""
    if len(sequence.value) == 1:
        raise CannotEdit(f"there is only one entry in line {sequence.start_mark.line + 1}")
    node = sequence.value[index]
    if not sequence.flow_style:
        start, end = _line_start(text, _dash(text, node)), _next_line(text, _end(text, node))
        if not _is_first_on_line(text, _dash(text, node)):
            raise CannotEdit(f"the entry in line {node.start_mark.line + 1} begins on the line of something else")
        return (text[:start] + text[end:]) if end > start else text
    if index == 0:
        return text[: node.start_mark.index] + text[sequence.value[1].start_mark.index :]
    return text[: _end(text, sequence.value[index - 1])] + text[_end(text, node) :]


def swap_entries(text: str, sequence: SequenceNode, index: int) -> str:
    """The entries at `index` and `index + 1` change places; comments above an entry, and behind it, go with it."""
    first, second = (_span(text, sequence, sequence.value[at]) for at in (index, index + 1))
    between = text[first[1] : second[0]]
    return text[: first[0]] + text[second[0] : second[1]] + between + text[first[0] : first[1]] + text[second[1] :]


def _span(text: str, sequence: SequenceNode, node: Node) -> tuple[int, int]:
    if sequence.flow_style:
        return node.start_mark.index, _end(text, node)
    dash = _dash(text, node)
    if not _is_first_on_line(text, dash):
        raise CannotEdit(f"the entry in line {node.start_mark.line + 1} begins on the line of something else")
    column, start = _column(text, dash), _line_start(text, dash)
    while start > 0:
        above = _line_start(text, start - 1)
        line = text[above : start - 1]
        if not line.startswith(" " * column + "#"):
            break
        start = above
    return start, _line_end(text, _end(text, node))


def _end(text: str, node: Node) -> int:
    """Behind the last character of `node`, without the comments and blank lines that follow it."""
    if isinstance(node, ScalarNode) or node.flow_style or not node.value:
        end = node.end_mark.index
        return len(text[:end].rstrip()) if getattr(node, "style", None) in ("|", ">") else end
    last = node.value[-1]
    return _end(text, last[1] if isinstance(node, MappingNode) else last)


def _dash(text: str, node: Node) -> int:
    at = len(text[: node.start_mark.index].rstrip()) - 1
    if at < 0 or text[at] != "-":
        raise CannotEdit(f"line {node.start_mark.line + 1} is written in an unusual way; change it in the YAML itself")
    return at


def _is_short(value: Node) -> bool:
    return isinstance(value, ScalarNode) or bool(value.flow_style)


def _is_first_on_line(text: str, at: int) -> bool:
    return not text[_line_start(text, at) : at].strip()


def _column(text: str, at: int) -> int:
    return at - _line_start(text, at)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _next_line(text: str, at: int) -> int:
    return min(_line_end(text, at) + 1, len(text))


def _refuse_aliases(node: Node, seen: set[int]) -> None:
    if id(node) in seen:
        raise CannotEdit(
            f"line {node.start_mark.line + 1} is used in several places (a YAML anchor); change it in the YAML itself"
        )
    seen.add(id(node))
    if isinstance(node, MappingNode):
        for name, value in node.value:
            _refuse_aliases(name, seen)
            _refuse_aliases(value, seen)
    elif isinstance(node, SequenceNode):
        for value in node.value:
            _refuse_aliases(value, seen)
