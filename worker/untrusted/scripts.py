"""A script or a notebook of the submission, run as a student runs it: as `__main__`, in a folder where it may write.

What a laptop has and a sandbox has not is made harmless, and noted in `notes`: questions to the keyboard are answered with
an empty line, a GPU that is asked for is this CPU, an argument of the command line that is not there is said to be lacking.
"""

import builtins
import linecache
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import types

import numpy as np

from . import notebooks, recover, stubs
from .data import NotOffered
from .stubs import Stub, StubModule

COPIED = 4 << 20
"""Bytes: larger files are only linked, so that a script can read but not overwrite them."""
COPIED_IN_ALL = 24 << 20

EQUIVALENT = {"torchvision", "tqdm"}
"""Stand-ins that do what the module does: an exception there is a script's own."""

SHOWING = {"matplotlib", "seaborn", "IPython", "wandb"}
"""Nothing is read from them that a training could need."""

class NoArgument(NotOffered, IndexError):
    """A script asks for an argument of the command line, and has none here."""


class Arguments(list):
    """`sys.argv`."""

    def __getitem__(self, index):
        if type(index) is int and not -len(self) <= index < len(self):
            raise NoArgument(f"it asks for argument {index} of its command line; it was run without arguments")
        return super().__getitem__(index)


notes = []


def note(text):
    if text not in notes and len(notes) < 20:
        notes.append(text)


def run(root, path, seed, entered=lambda cell: None):
    """Executes the file at `path` below `root`; entered(number) is called before each cell of a notebook. A script's exception
    goes to the caller; a notebook's cell that raises is passed over, as its reader would, and the first such exception is
    returned as (number of the cell, exception)."""
    _fresh(root, seed)
    work = _workspace(root)
    os.chdir(work)
    here = os.path.join(work, path)
    sys.argv = Arguments([here])
    for folder in (root, os.path.dirname(os.path.join(root, path))):
        if folder in sys.path:
            sys.path.remove(folder)
        sys.path.insert(0, folder)
    main = types.ModuleType("__main__")
    main.__file__ = here
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    with open(os.path.join(root, path), "rb") as file:
        data = file.read()
    source = os.path.join(root, path)
    if not path.endswith(".ipynb"):
        exec(compile(recover.decode(data), source, "exec", dont_inherit=True), vars(main))
        return None
    return _run_cells(data, source, vars(main), entered)


def stand_ins(error, root):
    """Top-level names of the modules that are not here and that the submission's line which raised has to do with, or that
    were asked what they hold before it came to it."""
    trace, inside = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(root + "/"):
            inside = trace
        trace = trace.tb_next
    if inside is None:
        return []
    frame = inside.tb_frame
    words = set(re.findall(r"\w+", linecache.getline(frame.f_code.co_filename, inside.tb_lineno)))
    if frame.f_code.co_filename.endswith(".ipynb"):  # whose lines are those of its JSON
        words = set(frame.f_code.co_names)
    values = [value for names in (frame.f_globals, frame.f_locals) for name, value in names.items() if name in words]
    tops = {_top(value.__name__) for value in values if issubclass(type(value), StubModule)} - EQUIVALENT
    tops |= {_top(object.__getattribute__(value, "_module")) for value in values if issubclass(type(value), Stub)}
    return sorted(tops | {_top(name) for name in stubs.asked} - SHOWING)


def _top(module):
    return module.partition(".")[0]


def _run_cells(data, source, namespace, entered):
    first = None
    for number, text in notebooks.code_cells(data):
        entered(number)
        try:
            exec(compile(text, source, "exec", dont_inherit=True), namespace)
        except Exception as error:
            first = first or (number, error)
    return first


def _fresh(root, seed):
    """A second run starts like the first: with its own modules and its own random numbers."""
    notes.clear()
    stubs.asked.clear()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name != "__main__" and (type(module) is StubModule or (type(file) is str and file.startswith(root + "/"))):
            del sys.modules[name]
    builtins.input = _input
    signal.signal = _signal
    np.random.seed(seed % 2**32)
    random.seed(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
        if not torch.cuda.is_available():
            on_this_cpu(torch)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed % 2**32)


_set_signal = signal.signal


def _signal(number, handler):
    """A script runs beside the main thread, where Python takes no handlers: none of its signals comes here."""
    if threading.current_thread() is threading.main_thread():
        return _set_signal(number, handler)
    return signal.SIG_DFL


def _input(prompt=""):
    note("It asks for something at the keyboard (input); it was answered with an empty line.")
    return ""


ASKED_OF_A_GPU = {
    **dict.fromkeys(("set_device", "synchronize", "empty_cache", "reset_peak_memory_stats", "init"), None),
    **dict.fromkeys(("current_device", "memory_allocated", "memory_reserved", "max_memory_allocated", "max_memory_reserved"), 0),
    "get_device_name": "CPU",
}
"""What scripts print about a GPU or tell it, and never compute with."""


def on_this_cpu(torch):
    """`.cuda()` and `.to("cuda")` give what is here."""
    if getattr(torch.Tensor.cuda, "stays", False):
        return

    def stays(self, *args, **kwargs):
        note("It asks for a GPU without looking whether there is one; it was run on a CPU.")
        return self

    stays.stays = True
    for name, value in ASKED_OF_A_GPU.items():
        setattr(torch.cuda, name, lambda *args, value=value, **kwargs: value)
    for kind in (torch.Tensor, torch.nn.Module):
        kind.cuda = stays
        kind.to = _to_cpu(kind.to, torch)


def _to_cpu(original, torch):
    def place(value):
        if (type(value) is str or isinstance(value, torch.device)) and str(value).startswith("cuda"):
            note("It asks for a GPU without looking whether there is one; it was run on a CPU.")
            return "cpu"
        return value

    def to(self, *args, **kwargs):
        return original(self, *map(place, args), **{key: place(value) for key, value in kwargs.items()})

    return to


def _workspace(root):
    """A writable copy of the submission; large files are links."""
    work = tempfile.mkdtemp(prefix="run-")
    left = COPIED_IN_ALL
    for folder, _, files in os.walk(root):
        inside = os.path.join(work, os.path.relpath(folder, root))
        os.makedirs(inside, exist_ok=True)
        for name in files:
            path = os.path.join(folder, name)
            size = os.path.getsize(path)
            if size <= min(COPIED, left):
                left -= size
                shutil.copyfile(path, os.path.join(inside, name))
            else:
                os.symlink(path, os.path.join(inside, name))
    return work
