"""The Python of a notebook's code cells: what IPython alone understands is left out."""

import ast
import json
import re

IPYTHON = re.compile(r"^(\s*)(?:[!%?].*|\w[\w, ]*=\s*[!%].*|[\w.]+\?{1,2}\s*)$")
KEPT_MAGICS = ("time", "timeit", "capture", "prun")
"""Cell magics whose cell is Python all the same; `%%writefile net.py` is, too."""


def code_cells(data):
    """[(number of the cell from 1, its Python)] of a notebook's bytes, also of the older format 3. ValueError if it is none."""
    notebook = json.loads(data.decode("utf-8-sig", "replace"))
    if not isinstance(notebook, dict):
        raise ValueError("not a notebook")
    cells = notebook.get("cells")
    if cells is None:
        cells = [cell for sheet in notebook.get("worksheets", []) for cell in sheet.get("cells", [])]
    found = []
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            found.append((number, python("".join(source))))
    return found


def python(source):
    """The cell's source with as many lines, without magics and shell commands."""
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].startswith("%%"):
        magic = lines[first][2:].split() or [""]
        if magic[0] not in KEPT_MAGICS and not (magic[0] in ("writefile", "file") and magic[-1].endswith(".py")):
            return ""
        lines[first] = ""
    text = "\n".join(lines)
    return text if _compiles(text) else "\n".join(IPYTHON.sub(r"\1pass", line) for line in lines)


def _compiles(text):
    """So that a line of an expression that begins with `%` stays."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
