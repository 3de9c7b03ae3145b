"""A student's own script trains in a thread of its own, while the host asks how far it is.

    Call("_sandbox.training.start", ("train.py",), {"seed": 0, "images": …, "ways": […], "every": 2.0, "cores": 1})
    Call("_sandbox.training.next", (), {"seconds": 10.0}, seed=None)      # again and again
    Call("_sandbox.training.finish", (), {"seconds": 30.0}, seed=None)    # where its time is over: a last look
    Call("_sandbox.training.stop", (), {"seconds": 5.0}, seed=None)

`images` are those that the script does not have, without labels. What `next` returns are claims, as everything from here.
"""

import ctypes
import sys
import threading

from . import errors, kerasfit, looking, scripts

ROOT = "/code"
STACK = 64 << 20
"""Bytes: as the main thread has at most; a thread's usual stack ends deep nets' recursions early."""

_runs = []
_watched = set()


class Run:
    def __init__(self, path, seed, images, ways, every, also_at):
        self.path, self.seed = path, seed
        self.news = []
        self.looked = 0  # the step of the last look
        self.changed = threading.Condition()
        self.ended = False
        self.error = None
        self.cell = None
        self.stand_ins = []
        self.watcher = looking.Watcher(images, ways, every, also_at, self.tell)
        self.thread = threading.Thread(target=self.run, name="script", daemon=True)

    def tell(self, look):
        with self.changed:
            self.news.append(look)
            self.looked = look["step"]
            self.changed.notify()

    def entered(self, cell):
        self.watcher.cell = cell

    def failed(self, error):
        self.error = errors.describe(error, ROOT, False)
        self.stand_ins = scripts.stand_ins(error, ROOT)

    def run(self):
        try:
            failed = scripts.run(ROOT, self.path, self.seed, self.entered)
            if failed is not None:
                self.cell = failed[0]
                self.failed(failed[1])
        except (looking.Stopped, SystemExit):
            pass
        except BaseException as error:
            self.failed(error)
        try:
            if not self.watcher.stopping:
                self.watcher.last_look()
        except BaseException as error:
            self.error = self.error or errors.describe(error, ROOT, False)
        with self.changed:
            self.ended = True
            self.changed.notify()


def start(path, seed, images, ways, every, cores, also_at=None):
    """also_at: a net is looked at, too, when it was given so many images in all (None: no such number). False if the run
    before this one cannot be ended."""
    if not stop(5.0):
        return False
    _watch(path, cores)
    _runs.append(Run(path, seed, images, ways, every, also_at))
    threading.stack_size(STACK)
    _runs[-1].thread.start()
    threading.stack_size(0)
    return True


def next(seconds):
    """What happened since it was asked last; waits for something to happen, at most `seconds`."""
    run = _runs[-1]
    with run.changed:
        if not run.news and not run.ended:
            run.changed.wait(seconds)
        return _news(run)


def finish(seconds):
    """The same, with a look at the script's next step if it made any since it was looked at last; so what it had reached when
    its time was over is known however slow the machine is. Waits for it, at most `seconds`."""
    run = _runs[-1]
    with run.changed:
        run.watcher.next = 0.0
        begun = run.watcher.steps
        run.changed.wait_for(lambda: run.ended or run.looked >= begun, seconds)
        return _news(run)


def _news(run):
    looks, run.news = run.news, []
    return {
        "looks": looks, "ended": run.ended, "error": run.error, "cell": run.cell,
        "steps": run.watcher.steps, "notes": list(scripts.notes), "stand_ins": run.stand_ins,
    }  # fmt: skip


def stop(seconds):
    """Whether the script has come to its end: at its next step, or wherever Python is in it."""
    if not _runs:
        return True
    run = _runs[-1]
    run.watcher.stopping = True
    run.thread.join(seconds / 2)
    if run.thread.is_alive():
        thread, exception = ctypes.c_ulong(run.thread.ident), ctypes.py_object(looking.Stopped)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, exception)
        run.thread.join(seconds / 2)
    return not run.thread.is_alive()


def _current():
    """The watcher of the script of this thread; of a script that was stopped and goes on all the same, still its own."""
    here = threading.current_thread()
    for run in _runs:
        if run.thread is here:
            return run.watcher
    return None


def _watch(path, cores):
    import torch

    torch.set_num_threads(cores)
    if "torch" not in _watched:
        _watched.add("torch")
        looking.watch_torch(_current)
    with open(f"{ROOT}/{path}", "rb") as file:
        uses_keras = b"keras" in file.read() or "keras" in sys.modules
    if uses_keras and "keras" not in _watched:
        _watched.add("keras")
        kerasfit.watch_keras(_current)
