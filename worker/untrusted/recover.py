"""Compiling what still compiles: tolerant decoding, and files in which one function is not Python 3.

A top-level function or a method that does not compile is replaced by a stub that raises the original SyntaxError, on
the same line; any other statement that does not compile is left out. Line numbers stay what they are.
"""

import __future__

import ast
import codecs
import io
import re
import tokenize
import warnings

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
DEFINITION = re.compile(r"\s*(?:async\s+)?(def|class)\s+(\w+)")
TOP = re.compile(r"(?:async\s+def|def|class|import|from|@)\b|@")
TRIPLE = re.compile(
    r"""\#[^\n]* | \"\"\".*?(?:\"\"\"|\Z) | '''.*?(?:'''|\Z) | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?""",
    re.VERBOSE | re.DOTALL,
)


def compile_source(data, path):
    """Code object of a module's bytes. Raises the SyntaxError of the whole where nothing can be saved."""
    return _compile(_what_compiles(data, path), path)


def statements_after(data, path, line):
    """Code objects of the top-level statements behind the one at `line`, in order."""
    for statement, code in statements(data, path):
        if min([statement.lineno, *(item.lineno for item in getattr(statement, "decorator_list", ()))]) > line:
            yield code


def statements(data, path, within=list):
    """(syntax tree, code object) of each top-level statement, in order; `within` maps the trees to those to be taken."""
    text = _what_compiles(data, path)
    flags = _compile(text, path).co_flags & FUTURE
    for statement in within(ast.parse(text).body):
        yield statement, compile(ast.Module([statement], []), path, "exec", flags, dont_inherit=True)


def _what_compiles(data, path):
    """The text of a module's bytes, as it was handed in or with what does not compile replaced."""
    text = decode(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _compile(text, path)
            return text
        except (SyntaxError, ValueError) as error:
            first = error
        if "\t" in text:
            text = text.expandtabs(8)  # Python 2 read tabs mixed with spaces so
            try:
                _compile(text, path)
                return text
            except (SyntaxError, ValueError):
                pass
        saved, kept = _recover(text.split("\n"), path)
        if kept:
            try:
                _compile("\n".join(saved), path)
                return "\n".join(saved)
            except (SyntaxError, ValueError):
                pass
        raise first


def decode(data):
    """Text of a source file with "\\n" line ends. Never fails."""
    return _text(data).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\f", "")


def _text(data):
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    if data[:200].count(b"\0") > len(data[:200]) // 4:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        declared = [tokenize.detect_encoding(io.BytesIO(data).readline)[0]]
    except SyntaxError:
        declared = []
    for encoding in [*declared, "utf-8", "cp1252"]:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def _compile(text, path):
    return compile(text, path, "exec", dont_inherit=True)


def _error(lines, start, path, head=()):
    """The SyntaxError of a block at line index `start`, with the line numbers of the file; None if it compiles."""
    padding = [""] * (start - len(head))
    try:
        _compile("\n".join([*padding, *head, *lines, ""]), path)
    except SyntaxError as error:
        return error
    except ValueError as error:
        return SyntaxError(str(error), (path, start + 1, None, None))
    return None


def _recover(lines, path):
    """(lines with the broken blocks replaced, whether anything was kept)."""
    saved = [""] * len(lines)
    kept = False
    for start, end in _blocks(lines, path):
        block = lines[start:end]
        error = _error(block, start, path)
        if error is None:
            saved[start:end] = block
            kept = True
        else:
            replaced = _replacement(block, start, path, error)
            saved[start:end] = replaced
            kept = kept or any(replaced)
    return saved, kept


def _blocks(lines, path, indent=0, head=()):
    """(start, end) of each statement at this indentation. Extended over `else:` and closing brackets while it does not
    compile, but never over the start of something new."""
    inside = _inside_strings(lines)
    starts = [
        index
        for index, line in enumerate(lines)
        if line.strip() and index not in inside and len(line) - len(line.lstrip()) <= indent and line.lstrip()[0] != "#"
    ]
    starts.append(len(lines))
    position = 0
    while position < len(starts) - 1:
        start = starts[position]
        following = position + 1
        while lines[start].lstrip().startswith("@") and following < len(starts) - 1:
            decorated = lines[starts[following]].lstrip()
            following += 1
            if not decorated.startswith("@"):
                break
        end = following
        while end < len(starts) and _error(lines[start : starts[end]], start, path, head) is not None:
            end += 1
            if end < len(starts) and TOP.match(lines[starts[end - 1]].lstrip()):
                end = len(starts)
        if end >= len(starts):
            end = following
        yield start, starts[end]
        position = end


def _inside_strings(lines):
    """Indices of the lines that begin within a triple-quoted string."""
    text = "\n".join(lines)
    inside = set()
    for found in TRIPLE.finditer(text):
        breaks = found.group().count("\n")
        if breaks:
            first = text.count("\n", 0, found.start()) + 1
            inside.update(range(first, first + breaks))
    return inside


def _replacement(block, start, path, error):
    """Lines in place of a broken block, as many as it has."""
    offset = next((i for i, line in enumerate(block) if not line.lstrip().startswith("@")), 0)
    line, blank = block[offset], [""] * len(block)
    found = DEFINITION.match(line)
    if found is None:
        return blank
    kind, name = found.groups()
    if kind == "class":
        return _class(block, offset, start, path) or _stub_class(blank, offset, name, error, path)
    blank[offset] = _stub(line[: len(line) - len(line.lstrip())], name, error, path)
    return blank


def _class(block, offset, start, path):
    """The class with its broken methods replaced, or None."""
    body = block[offset + 1 :]
    indents = [len(line) - len(line.lstrip()) for line in body if line.strip() and not line.lstrip().startswith("#")]
    if not indents or indents[0] == 0:
        return None
    head = ["class _:"]
    saved = [""] * len(body)
    first = start + offset + 1
    for begin, end in _blocks(body, path, indents[0], head):
        member = body[begin:end]
        error = _error(member, first + begin, path, head)
        saved[begin:end] = member if error is None else _replacement(member, first + begin, path, error)
    result = [*block[: offset + 1], *saved]
    if not any(saved) or _error(result, start, path) is not None:
        return None
    return result


def _stub_class(blank, offset, name, error, path):
    blank[offset] = f"class {name}: __init__ = lambda *args, **kwargs: (_ for _ in ()).throw({_raised(error, path)})"
    return blank


def _stub(indent, name, error, path):
    return f"{indent}def {name}(*args, **kwargs): raise {_raised(error, path)}"


def _raised(error, path):
    return f"SyntaxError({error.msg!r}, ({path!r}, {error.lineno!r}, {error.offset!r}, None))"
