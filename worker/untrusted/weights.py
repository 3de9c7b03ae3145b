"""Reads a file of saved weights without running what it holds: torch (`weights_only`), safetensors, Keras, TorchScript.

A file is judged by its content, not by its name. `Refused` says what is wrong with it and what to do; whatever gets through
is still only a claim. A pickled model is taken apart: its classes are replaced by inert shells (`Shell`), of which only the
tensors are kept, so that neither torch's nor the student's classes are made.
"""

import itertools
import os
import re
import sys
import zipfile

MAX_BYTES = 512 * 1024 * 1024
"""Of a file unpacked, and of all tensors together. The largest nets of a course (VGG-16) have 553 MB; the wall is nearer."""

MAX_TENSORS = 20_000
"""Of one file, and modules; more are there only to keep a reader busy."""

HEAD = 512
NESTED = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "params", "module")
HARMLESS = (
    "collections",
    "functools",
    "argparse",
    "pathlib",
    "datetime",
    "decimal",
    "enum",
    "typing",
    "types",
    "copyreg",
    "uuid",
)
"""Of the standard library, what settings and records beside the weights are made of. Like the classes of torch, of the
student and of other packages they become shells, which are carried and never run."""

HARMLESS_BUILTINS = (
    *("getattr", "set", "frozenset", "slice", "range", "complex", "bytearray", "object"),
    *("dict", "list", "tuple", "int", "float", "str", "bool"),
)


class Refused(Exception):
    """This file cannot be used. The message: what is wrong with it and what to do, after "The file …"."""


class Shell:
    """Stands for an object of any class: keeps what the pickle says about it, does nothing."""

    def __new__(cls, *args):
        shell = object.__new__(cls)
        shell.state = {}
        return shell

    def __init__(self, *args):
        pass

    def __setstate__(self, state):
        self.state = state if type(state) is dict else {}


def kind_of(path):
    """ "torch", "torchscript", "safetensors", "keras" or "h5". Raises Refused."""
    if os.path.islink(path):
        raise Refused("is a link, not a file: hand in the file itself")
    if not os.path.isfile(path):
        raise Refused("is not there")
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if not head.strip(b"\0"):
        raise Refused("is empty: save the weights and hand in again" if not head else "holds nothing but zeros")
    if head.startswith(b"version https://git-lfs"):
        raise Refused("is only a pointer of Git LFS, not the weights: run `git lfs pull` and hand in the file itself")
    if re.match(rb"\s*<(!doctype|html|\?xml)", head, re.IGNORECASE):
        raise Refused("is a web page: the page of a download was saved instead of the file")
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(path)
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return "h5"
    if path.lower().endswith(".safetensors"):
        _check_safetensors(path, head)
        return "safetensors"
    if head.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")):
        return "torch"
    raise Refused("is neither a file of torch.save nor of safetensors nor of Keras; it may be damaged. Save it again")


def _kind_of_zip(path):
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused(f"is damaged or was cut off ({_short(error)}). Save it and hand it in again") from error
    if sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise Refused(f"unpacks to more than {MAX_BYTES // 2**20} MB, which no net of this homework needs")
    names = {entry.filename for entry in entries}
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names):
        raise Refused("is an archive with names that lead out of it, so it was not opened. Save the weights again")
    if {"config.json", "model.weights.h5"} <= names:
        return "keras"
    parts = {name.partition("/")[2] for name in names}
    if "data.pkl" in parts:
        return "torchscript" if "constants.pkl" in parts else "torch"
    raise Refused("is a zip archive without weights in it")


def _check_safetensors(path, head):
    """The format: 8 bytes, little-endian, say how long the JSON header is that follows them."""
    length, size = int.from_bytes(head[:8], "little"), os.path.getsize(path)
    if length + 8 > size:
        raise Refused(f"says that its header has {length:,} bytes, but the file has only {size:,}. It is damaged")


def read_tensors(path, kind):
    """{name: tensor} of torch, and how it was saved: "state_dict", "whole model", … Raises Refused."""
    read = {"torch": _read_torch, "torchscript": _read_torchscript, "safetensors": _read_safetensors}[kind]
    try:
        tensors, form = read(path)
    except Refused:
        raise
    except (MemoryError, RecursionError) as error:
        raise Refused("needs more memory than a submission may have when it is opened") from error
    except Exception as error:
        raise Refused(
            f"cannot be opened ({_short(error)}). Save it again: torch.save(model.state_dict(), …)"
        ) from error
    _check_tensors(tensors)
    return tensors, form


def _read_safetensors(path):
    from safetensors.torch import load_file

    return load_file(path, device="cpu"), "safetensors"


def _read_torchscript(path):
    import torch

    return dict(torch.jit.load(path, map_location="cpu").state_dict()), "TorchScript"


def _read_torch(path):
    import torch

    shells = [(_dict if name == "collections.defaultdict" else Shell, name) for name in _unknown_names(path)]
    with torch.serialization.safe_globals(shells):
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    return _tensors_in(loaded)


def _dict(*args):
    """For a defaultdict: whatever its factory is, it is not called."""
    return {}


def _unknown_names(path):
    """What the pickle refers to beyond tensors, all harmless. Raises Refused when one of them has no business there."""
    import torch

    if not zipfile.is_zipfile(path):
        return []  # the format before torch 1.6: plain weights or nothing
    names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    for name in sorted(names):
        if not _is_harmless(name):
            raise Refused(
                f"asks to run {name[:80]} when it is opened, which no weights need, so it was not opened. Save only the "
                "weights: torch.save(model.state_dict(), …)"
            )
    return names


def _is_harmless(name):
    top, _, rest = name.partition(".")
    if top in ("builtins", "__builtin__"):
        return rest in HARMLESS_BUILTINS
    return top in HARMLESS or top == "__main__" or top not in sys.stdlib_module_names


def _tensors_in(loaded, depth=0):
    """The tensors of a state dict, of a training state that holds one, or of a whole model."""
    if type(loaded) is Shell:
        found = dict(itertools.islice(_walk(loaded, "", 0, [0]), MAX_TENSORS))
        if not found:
            raise Refused("holds a pickled object without weights in it. Save model.state_dict()")
        return found, "whole model"
    if not issubclass(type(loaded), dict):
        raise Refused(f"holds {_article(loaded)}, not the weights of a model. Save model.state_dict()")
    own = {key: value for key, value in loaded.items() if type(key) is str and _is_tensor(value)}
    if own and all(_is_tensor(value) or type(value) in (int, float, str, bool) for value in loaded.values()):
        return own, "state_dict"
    seen = set()
    inner = [key for key in NESTED if _holds_tensors(loaded.get(key), seen)]
    inner += [
        key for key, value in loaded.items()
        if key not in NESTED and "optim" not in str(key) and _holds_tensors(value, seen)
    ]  # fmt: skip
    if inner and depth < 4:
        return _tensors_in(loaded[inner[0]], depth + 1)
    if own:
        return own, "state_dict"
    raise Refused("holds no weights: no tensors were found in it. Save model.state_dict()")


def _holds_tensors(value, seen):
    """seen: ids of what was looked at and holds none; what refers to the same thing again and again is looked at once."""
    if type(value) is Shell:
        return type(value.state) is dict and "_modules" in value.state
    if not issubclass(type(value), dict) or id(value) in seen:
        return False
    seen.add(id(value))
    found = any(_is_tensor(item) or _holds_tensors(item, seen) for item in list(dict.values(value))[:5000])
    if found:
        seen.discard(id(value))
    return found


def _walk(shell, prefix, depth, count):
    """A module's parameters and buffers by dotted name, as its `state_dict` gives them. count: [modules so far]."""
    state = shell.state
    count[0] += 1
    if depth > 30 or count[0] > MAX_TENSORS:
        raise Refused("nests modules too deeply. Save model.state_dict()")
    hidden = state.get("_non_persistent_buffers_set") or ()
    for group in ("_parameters", "_buffers"):
        for name, tensor in _dict_of(state, group).items():
            if _is_tensor(tensor) and not (group == "_buffers" and name in hidden):
                yield prefix + str(name), tensor
    for name, module in _dict_of(state, "_modules").items():
        if type(module) is Shell:
            yield from _walk(module, f"{prefix}{name}.", depth + 1, count)


def _dict_of(state, key):
    value = state.get(key)
    return value if isinstance(value, dict) else {}


def _is_tensor(value):
    import torch

    return issubclass(type(value), torch.Tensor)


def _check_tensors(tensors):
    """Plain numbers in memory, not more than a file can hold: a view may claim a size that nothing backs."""
    import torch

    total = 0
    for name, tensor in tensors.items():
        if tensor.layout is not torch.strided or tensor.is_meta or tensor.is_quantized:
            raise Refused(f"holds {name[:80]} as a tensor without plain numbers (sparse, quantized or empty)")
        total += tensor.numel() * tensor.element_size()
    if total > MAX_BYTES:
        raise Refused(f"claims tensors of {total / 2**20:,.0f} MB, which no net of this homework needs")
    if not tensors:
        raise Refused("holds no weights: it is empty. Save model.state_dict() after training")


def _article(value):
    name = type(value).__name__[:60]
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _short(error):
    text = " ".join(str(error).split())
    text = re.split(r"(?<=[a-z])\. |, please|Please|In PyTorch|\(1\)", text)[0]
    return f"{type(error).__name__}: {text[:160]}" if text else type(error).__name__
