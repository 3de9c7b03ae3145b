"""What PostgreSQL's text and jsonb can hold: no NUL characters, no lone surrogates, no NaN."""

from __future__ import annotations

import math
from typing import Any

_NUL_SHOWN = "\N{SYMBOL FOR NULL}"


def storable(text: str) -> str:
    """`text` with the characters that PostgreSQL refuses replaced by visible stand-ins."""
    return text.replace("\0", _NUL_SHOWN).encode("utf-8", "replace").decode("utf-8")


def storable_json(value: Any) -> Any:
    """`value` (of JSON types) for a jsonb column: strings as by `storable`, NaN and infinities as None."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value
