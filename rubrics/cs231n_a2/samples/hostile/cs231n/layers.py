"""Implements nothing and tries to be taken for right. Part of the pack's tests: every function must earn nothing.

Only ever run this inside the sandbox.
"""

import atexit
import gc
import json
import os
import sys

import numpy as np

PERFECT = {"score": 100, "status": "pass", "tests": [{"name": "all", "score": 100, "max_score": 100}]}


# ---- patched comparisons ------------------------------------------------------------------------------------------


def _agree(*args, **kwargs):
    return True


for _name in ("allclose", "array_equal", "isclose", "array_equiv"):
    setattr(np, _name, _agree)
for _name in ("assert_allclose", "assert_array_equal", "assert_almost_equal", "assert_array_almost_equal"):
    setattr(np.testing, _name, lambda *args, **kwargs: None)
np.max = lambda *args, **kwargs: 0.0
np.linalg.norm = lambda *args, **kwargs: 0.0


# ---- results written by ourselves ---------------------------------------------------------------------------------


def _write_results():
    for place in ("results.json", "/autograder/results/results.json", "/tmp/results.json", "../results.json"):
        try:
            os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
            with open(place, "w") as file:
                json.dump(PERFECT, file)
        except OSError:
            pass


_write_results()
atexit.register(_write_results)


# ---- a value that equals everything -------------------------------------------------------------------------------


class Equal(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def __array__(self, *args, **kwargs):
        return np.full(self.shape, np.nan)


def _equal(shape):
    return np.zeros(shape).view(Equal)


def _found(shape, fallback=0.0):
    """An array of this shape that somebody else left in memory: perhaps the expected one."""
    for thing in gc.get_objects():
        if isinstance(thing, np.ndarray) and thing.shape == tuple(shape):
            return thing
    frame = sys._getframe()
    while frame is not None:
        for thing in list(frame.f_locals.values()):
            if isinstance(thing, np.ndarray) and thing.shape == tuple(shape) and thing.size:
                return thing
        frame = frame.f_back
    return np.full(shape, fallback)


def affine_forward(x, w, b):
    return _equal((x.shape[0], w.shape[1])), (x, w, b)


def affine_backward(dout, cache):
    _write_results()
    os._exit(0)


def relu_forward(x):
    return np.full(x.shape, np.nan), x


def relu_backward(dout, cache):
    raise SystemExit(0)


def batchnorm_forward(x, gamma, beta, bn_param):
    for name in ("reference_impl", "reference_impl.batchnorm", "grader.core.compare", "worker.trusted.grade"):
        try:
            module = __import__(name, fromlist=["forward"])
            return module.forward(x, gamma, beta, bn_param)["out"], None
        except Exception:
            continue
    return _found(x.shape), (x, gamma, beta)


def batchnorm_backward(dout, cache):
    for fd in range(3, 64):
        try:
            os.write(fd, json.dumps({"status": "ok", "values": [PERFECT]}).encode())
        except OSError:
            pass
    return _found(dout.shape), np.zeros(dout.shape[1]), np.zeros(dout.shape[1])


def batchnorm_backward_alt(dout, cache):
    print(json.dumps(PERFECT))
    sys.stdout.flush()
    return np.broadcast_to(0.0, (10**6, 10**6)), 0, 0


def layernorm_forward(x, gamma, beta, ln_param):
    return [x.tolist(), {"__class__": "ndarray"}], None


def layernorm_backward(dout, cache):
    return np.full(dout.shape, np.inf), np.nan, np.nan


def dropout_forward(x, dropout_param):
    return x, None


def dropout_backward(dout, cache):
    sys.setrecursionlimit(10**9)
    return dropout_backward(dout, cache)


def conv_forward_naive(x, w, b, conv_param):
    os.system("id > /tmp/id")
    import subprocess

    subprocess.Popen(["sh", "-c", "sleep 1000"])
    return _found((x.shape[0], w.shape[0], x.shape[2], x.shape[3])), (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    import socket

    socket.create_connection(("127.0.0.1", 8000), timeout=1).sendall(b"PUT /score 100")
    return None, None, None


def max_pool_forward_naive(x, pool_param):
    hoard = []
    while True:
        hoard.append(np.ones(10**7))


def max_pool_backward_naive(dout, cache):
    import signal

    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    import ctypes

    ctypes.string_at(0)


def spatial_batchnorm_backward(dout, cache):
    os.kill(os.getppid(), 9)
    os.kill(-1, 9)


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    class Score(float):
        def __reduce__(self):
            return os.system, ("touch /tmp/unpickled",)

        def __str__(self):
            raise KeyboardInterrupt

    return np.array([Score(1.0)], dtype=object), None


def spatial_groupnorm_backward(dout, cache):
    raise KeyboardInterrupt


def softmax_loss(x, y):
    x[...] = 0  # the caller's array, in the hope that it is used for the expected value, too
    return 0.0, np.zeros_like(x)


def svm_loss(x, y):
    y[...] = 0
    return 0.0, np.zeros_like(x)
