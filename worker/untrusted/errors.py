"""What a student's exception says: type, message, and where in the submission it was raised."""

from .claims import type_name

MAX_MESSAGE = 2000


def describe(error, root, importing):
    """A dict as `StudentError` has it. `root`: the code folder; frames outside it are not the student's."""
    file, line, function = _innermost(error.__traceback__, root)
    file, line = _syntax(error, root) or (file, line)
    return {
        "type": type_name(error),
        "message": _message(error),
        "file": file,
        "line": line,
        "function": function,
        "importing": importing,
    }


def _message(error):
    try:
        text = error.msg if type(error) in (SyntaxError, IndentationError, TabError) else str(error)
        return str.__str__(text)[:MAX_MESSAGE]
    except BaseException:  # an evil __str__ may raise anything
        return ""


def _syntax(error, root):
    if not issubclass(type(error), SyntaxError):
        return None
    file = _inside(error.filename, root)
    if file is None or type(error.lineno) is not int:
        return None
    return file, error.lineno


def _innermost(trace, root):
    found = None, None, None
    while trace is not None:
        code = trace.tb_frame.f_code
        file = _inside(code.co_filename, root)
        if file is not None:
            function = code.co_name if not code.co_name.startswith("<") else found[2]
            found = file, trace.tb_lineno, function
        trace = trace.tb_next
    return found


def _inside(file, root):
    if type(file) is not str or not file.startswith(root + "/"):
        return None
    return file[len(root) + 1 :]
