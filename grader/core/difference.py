"""What changed between two small JSON objects, as lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One value: its name (`adjustment · points`), as text before and after; None where there was, or is, nothing.

    For a list, `before` has what went and `after` what came.
    """

    name: str
    before: str | None
    after: str | None


def differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, names: Mapping[str, str] | None = None
) -> list[Change]:
    """In the order of the keys, `before`'s first. names: words for identifiers in lists and keys, such as items' labels."""
    return list(_compare("", before or {}, after or {}, names or {}))


def _compare(path: str, before: Any, after: Any, names: Mapping[str, str]) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        was, now = before or {}, after or {}
        for key in dict.fromkeys([*was, *now]):
            name = names.get(key, str(key).replace("_", " "))
            yield from _compare(f"{path} · {name}" if path else name, was.get(key), now.get(key), names)
    elif isinstance(before, list | None) and isinstance(after, list | None):
        was, now = before or [], after or []
        gone, new = [it for it in was if it not in now], [it for it in now if it not in was]
        if gone or new:  # else only their order changed, or nothing became an empty list
            yield Change(path, _listed(gone, names), _listed(new, names))
    else:
        yield Change(path, _text(before), _text(after))


def _listed(values: Sequence[Any], names: Mapping[str, str]) -> str | None:
    texts = [names.get(value, value) if isinstance(value, str) else _text(value) or "" for value in values]
    return "; ".join(texts) or None


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "; ".join(_text(part) or "" for part in value)
    return str(value)
