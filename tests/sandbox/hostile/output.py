"""Printing without measure."""

import ctypes
import os
import sys


def one_gigabyte():
    line = "x" * (1 << 20)
    for _ in range(1024):
        print(line)
    return "done"


def below_python():
    for _ in range(1024):
        os.write(1, bytes(1 << 16))
        os.write(2, b"\xff\xfe\x00" * 1000)
    ctypes.CDLL(None).puts(b"from C")
    return "done"


def without_end():
    while True:
        print("still here")


def closed():
    os.close(1)
    os.close(2)
    return "done"


def replaced():
    class Broken:
        def write(self, text):
            return len(text)

        def flush(self):
            raise RuntimeError("no")

    sys.stdout = sys.stderr = Broken()
    return "done"


def surrogates():
    print("\ud800 \0 \x1b[31m")
    return "done"
