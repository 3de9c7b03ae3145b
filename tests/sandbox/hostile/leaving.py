"""Going away in the middle of a call."""

import atexit
import ctypes
import os
import sys
import threading


def now(code):
    os._exit(code)


def politely():
    sys.exit(0)


def system_exit():
    raise SystemExit("full marks")


def interrupted():
    raise KeyboardInterrupt


def from_a_thread():
    threading.Thread(target=os._exit, args=(0,)).start()
    threading.Event().wait()


def segfault():
    return ctypes.string_at(0)


def abort():
    os.abort()


def illegal_instruction():
    import mmap

    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(b"\x0f\x0b")
    ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()


def rewrite_at_exit():
    """Exit hooks that would change results afterwards: nothing is left to be changed."""

    @atexit.register
    def rewrite():
        print("rewritten")

    return 1


def alarm_later():
    """A signal handler that fires between two requests."""
    import signal

    def handler(number, frame):
        raise RuntimeError("from nowhere")

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    return 1


def interpreter_shutdown():
    ctypes.pythonapi.Py_Exit(0)
