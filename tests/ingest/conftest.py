from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.core.submission import AnswerSlot

CORPUS = Path(__file__).parents[1] / "corpus"


def _notebook(*cells: tuple[str, str], nbformat: int = 4) -> bytes:
    """Notebook bytes of (kind, text) cells, as Jupyter writes them."""
    if nbformat == 4:
        body = [
            {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for kind, text in cells
        ]
        return json.dumps({"cells": body, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    body = [
        {"cell_type": kind, "metadata": {}, ("input" if kind == "code" else "source"): text.splitlines(keepends=True)}
        for kind, text in cells
    ]
    return json.dumps({"worksheets": [{"cells": body}], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}).encode()


def _zip(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    stream.seek(0)
    return stream


@pytest.fixture(scope="session")
def notebook():
    return _notebook


@pytest.fixture(scope="session")
def zip_of():
    return _zip


@pytest.fixture(scope="session")
def slots() -> tuple[AnswerSlot, ...]:
    return tuple(AnswerSlot(**slot) for slot in json.loads((CORPUS / "slots.json").read_text()))
