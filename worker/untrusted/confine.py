"""The last step before a student's file is read: resource limits and the strict system-call filter, put on by oneself.

Both are for good: neither can be taken off again from inside, and every thread gets them.
"""

import ctypes
import resource

SYS_SECCOMP = 317  # x86-64
SET_MODE_FILTER = 1
ALL_THREADS = 1
PR_SET_NO_NEW_PRIVS = 38

RESOURCES = {
    "address_space": resource.RLIMIT_AS,
    "cpu": resource.RLIMIT_CPU,
    "file_size": resource.RLIMIT_FSIZE,
    "open_files": resource.RLIMIT_NOFILE,
    "processes": resource.RLIMIT_NPROC,
    "core": resource.RLIMIT_CORE,
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def set_limits(limits):
    """`limits`: {name of RESOURCES: value}. Soft equals hard: process 1 ignores the soft limit's signal."""
    for name, value in limits.items():
        hard = resource.getrlimit(RESOURCES[name])[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(RESOURCES[name], (value, value))


def set_filter(program):
    """`program`: BPF instructions as uint8 array. OSError when the kernel does not take it."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    data = ctypes.create_string_buffer(program.tobytes(), program.nbytes)
    filter_ = _Program(program.nbytes // 8, ctypes.addressof(data))
    if libc.syscall(SYS_SECCOMP, SET_MODE_FILTER, ALL_THREADS, ctypes.byref(filter_)) != 0:
        raise OSError(ctypes.get_errno(), "the system-call filter was not accepted")
