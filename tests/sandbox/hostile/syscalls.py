"""System calls by number, past libc and past Python."""

import ctypes
import errno
import mmap

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *args):
    """The name of the error, or the result."""
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(arg) for arg in args])
    return errno.errorcode[ctypes.get_errno()] if result == -1 else result


def machine_code(code):
    """Runs bytes, as a student's compiled extension would."""
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    function = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
    return function()


def int80():
    """getpid by the 32-bit gate: mov eax, 20; int 0x80; ret."""
    return machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")


def x32():
    """getpid as x32: mov eax, 0x40000000 | 39; syscall; ret."""
    return machine_code(b"\xb8\x27\x00\x00\x40\x0f\x05\xc3")


def undo_filter():
    """A filter that allows everything, put on top, changes nothing."""
    allow = (ctypes.c_uint64 * 1)(0x7FFF000000000006)
    program = (ctypes.c_uint64 * 2)(1, ctypes.addressof(allow))
    return call(317, 1, 0, ctypes.addressof(program)), call(157, 22, 2, ctypes.addressof(program))


def clone_namespaces():
    return call(56, 0x10000000 | 17, 0, 0, 0, 0), call(56, 17, 0, 0, 0, 0)


def clone_thread_in_user_namespace():
    return call(56, 0x10000000 | 0x00010000 | 0x00000800 | 0x00000100, 0, 0, 0, 0)
