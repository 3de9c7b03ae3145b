"""More processes, other processes, other users."""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import threading
import time


def fork():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return pid


def fork_bomb():
    while True:
        os.fork()


def daemon():
    """The double fork of a daemon that wants to outlive its job."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1000)
        os._exit(0)


def execute():
    return subprocess.run(["/bin/sh", "-c", "id"], capture_output=True).stdout


def execute_python():
    import sys

    os.execv(sys.executable, [sys.executable, "-c", "print('free')"])


def spawn():
    return os.posix_spawn("/python/bin/python3", ["python3"], {})


def pool():
    with multiprocessing.Pool(2) as workers:
        return workers.map(abs, [1])


def thread_bomb():
    """How many threads could be had."""
    stop = threading.Event()
    threads = []
    try:
        for _ in range(100_000):
            thread = threading.Thread(target=stop.wait, daemon=True)
            thread.start()
            threads.append(thread)
    except RuntimeError:
        pass
    count = len(threads)
    stop.set()
    return count


def burn_in_threads():
    """CPU burnt outside the interpreter's lock."""
    import hashlib

    def burn():
        while True:
            hashlib.sha256(bytes(1 << 24)).digest()

    for _ in range(4):
        threading.Thread(target=burn, daemon=True).start()
    while True:
        time.sleep(1)


def kill_everybody():
    os.kill(-1, signal.SIGKILL)


def kill_parent():
    os.kill(os.getppid(), signal.SIGKILL)


def stop_myself():
    signal.raise_signal(signal.SIGSTOP)
    while True:
        time.sleep(1)


def terminate_myself():
    """Process 1 does not die of a signal that it sends to itself and that has no handler."""
    signal.raise_signal(signal.SIGTERM)
    return "still here"


def ignore_signals():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while True:
        pass


def become_root():
    gained = []
    for name, change in {
        "setuid": os.setuid,
        "setgid": os.setgid,
        "seteuid": os.seteuid,
        "setegid": os.setegid,
    }.items():
        try:
            change(0)
            gained.append(name)
        except OSError:
            continue
    try:
        os.setgroups([0])
        gained.append("setgroups")
    except OSError:
        pass
    return gained


def raise_limits():
    import resource

    gained = []
    for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_CORE"):
        kind = getattr(resource, name)
        soft, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY:
            continue
        try:
            resource.setrlimit(kind, (soft + 1, hard + 1))
            gained.append(name)
        except (OSError, ValueError):
            continue
    return gained


def who_else():
    """Other processes that a signal or a query could reach."""
    found = []
    for pid in range(1, 400):
        if pid != os.getpid():
            try:
                os.sched_getaffinity(pid)
                found.append(pid)
            except OSError:
                continue
    return found


def identity():
    return {"uid": os.getuid(), "pid": os.getpid(), "groups": os.getgroups(), "environment": sorted(os.environ)}


def nice():
    os.nice(-10)


def priorities():
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(251, 1, 0, 0)  # ioprio_set
