"""The pictures that belong to an answer in a notebook: what its cells plotted and what was pasted into them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.core.notebook import raw_cells
from grader.core.submission import Answer
from grader.ingest.anchors import anchors_of, pieces_of
from grader.ingest.errors import IngestError
from grader.ingest.notebook import Cell, read_json, read_notebook

MAX_PLOTS = 12
_MAX_BYTES = 4 << 20  # of one plot
_MAX_TOTAL = 16 << 20
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_OLD_KEYS = {"image/png": "png", "image/jpeg": "jpeg"}  # nbformat 3
_INLINE = re.compile(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/=\s]{16,})")
_SOURCE = re.compile(r"^(.+\.ipynb), cells? (\d{1,5})(?:[\d, –-]*?(\d{1,5}))?$", re.I | re.S)


@dataclass(frozen=True)
class Plot:
    """`mime` is "image/png" or "image/jpeg", and `data` begins as such a picture does. `cell` from 1."""

    mime: str
    data: bytes
    cell: int


def plots_of(files: Mapping[str, bytes], answer: Answer) -> tuple[Plot, ...]:
    """Pictures in the cells from the question before to the end of the answer, the last `MAX_PLOTS` of them.

    () for an answer that is not out of a notebook, and for a notebook that cannot be read.
    """
    found = _SOURCE.match(answer.source)
    if not found or found[1] not in files:
        return ()
    path, first, last = found[1], int(found[2]), int(found[3] or found[2])
    try:
        cells = read_notebook(files[path], path)
        raw = list(raw_cells(read_json(files[path], path)))
    except IngestError:
        return ()
    if not 1 <= first <= last <= len(cells):
        return ()
    begin, end = _stretch(cells, first, last)
    kept: list[Plot] = []
    total = 0
    for plot in reversed([plot for number in range(begin, end + 1) for plot in _plots(raw[number - 1], number)]):
        total += len(plot.data)
        if len(kept) == MAX_PLOTS or total > _MAX_TOTAL:
            break
        kept.append(plot)
    return tuple(reversed(kept))


def _stretch(cells: Sequence[Cell], first: int, last: int) -> tuple[int, int]:
    """The first and the last cell (from 1) whose pictures belong to a question in the cells `first` to `last`."""
    questions = sorted({anchor.cell for anchor in anchors_of(pieces_of(cells, lambda label: None))} | {first})
    before = max((cell for cell in questions if cell < first), default=0)
    after = min((cell for cell in questions if cell > last), default=len(cells) + 1)
    end = last
    while end + 1 < after and cells[end].kind != "code":
        end += 1
    return before + 1, end


def _plots(cell: Mapping[str, Any], number: int) -> Iterator[Plot]:
    for mime, text in _pictures(cell):
        if len(text) > 2 * _MAX_BYTES:
            continue
        try:
            data = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if data.startswith(_MAGIC[mime]) and len(data) <= _MAX_BYTES:
            yield Plot(mime, data, number)


def _pictures(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(mime, base64) of everything in a cell that says it is a picture."""
    outputs = cell.get("outputs")
    attachments = cell.get("attachments")
    bundles = list(attachments.values()) if isinstance(attachments, dict) else []
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict):
            bundles += [output.get("data"), {mime: output.get(key) for mime, key in _OLD_KEYS.items()}]
    for bundle in bundles:
        for mime in _MAGIC:
            text = bundle.get(mime) if isinstance(bundle, dict) else None
            if isinstance(text, list):
                text = "".join(part for part in text if isinstance(part, str))
            if isinstance(text, str):
                yield mime, text
    if cell.get("cell_type") == "markdown":
        source = cell.get("source")
        text = source if isinstance(source, str) else "".join(s for s in source or () if isinstance(s, str))
        yield from _INLINE.findall(text)
