"""Bytes on the exchange that the runner did not write."""

import gc
import json
import os
import struct
import sys
import threading
import time

PREFIX = struct.Struct("<4s16sIQ")


def channel():
    return next(found for found in gc.get_objects() if type(found).__name__ == "Channel")


def frame(message, tag, body=b"", arrays=()):
    header = json.dumps({"message": message, "arrays": list(arrays)}).encode()
    return PREFIX.pack(b"GRX1", tag, len(header), len(body)) + header + body


def garbage_everywhere():
    """On every descriptor that there is."""
    for descriptor in range(256):
        try:
            os.write(descriptor, os.urandom(4096))
        except OSError:
            continue


def text_everywhere():
    for descriptor in range(256):
        try:
            os.write(descriptor, b'{"score": 100, "max_score": 100}\n')
        except OSError:
            continue


PERFECT = {"kind": "reply", "values": ["list", [42]], "changed": ["list", []], "error": None}


def tree(message):
    return ["dict", list(map(list, message.items()))]


def wrong_tag():
    os.write(channel().replies, frame(tree(PERFECT), b"x" * 16))


def stolen_tag():
    """A perfect forgery. It is worth nothing: it is a claim as any other, and no expected value is in here."""
    os.write(channel().replies, frame(tree(PERFECT), channel().tag))
    time.sleep(1000)


def stolen_tag_twice():
    """The runner's own reply after the forgery is one too many."""
    os.write(channel().replies, frame(tree(PERFECT), channel().tag))
    return 1


def huge_header():
    os.write(channel().replies, PREFIX.pack(b"GRX1", channel().tag, 2**32 - 1, 0))
    time.sleep(1000)


def huge_body():
    os.write(channel().replies, PREFIX.pack(b"GRX1", channel().tag, 10, 2**63))
    time.sleep(1000)


def stalled_body():
    data = frame(tree(PERFECT), channel().tag, b"12345678", [["float64", [1000]]])
    header = PREFIX.pack(b"GRX1", channel().tag, len(data) - PREFIX.size - 8, 8000)
    os.write(channel().replies, header + data[PREFIX.size :])
    time.sleep(1000)


def body_that_does_not_fit():
    os.write(channel().replies, frame(tree(PERFECT), channel().tag, b"12345678", [["float64", [1000]]]))
    time.sleep(1000)


def impossible_array():
    message = {**PERFECT, "values": ["list", [["array", 0]]]}
    os.write(channel().replies, frame(tree(message), channel().tag, b"", [["float64", [0, 2**40, 2**40]]]))
    time.sleep(1000)


def object_array():
    message = {**PERFECT, "values": ["list", [["array", 0]]]}
    os.write(channel().replies, frame(tree(message), channel().tag, bytes(8), [["object", [1]]]))
    time.sleep(1000)


def nested_header():
    text = '{"message": ' + "[" * 200_000 + "]" * 200_000 + ', "arrays": []}'
    os.write(channel().replies, PREFIX.pack(b"GRX1", channel().tag, len(text), 0))
    data = text.encode()
    while data:
        data = data[os.write(channel().replies, data) :]
    time.sleep(1000)


def wrong_kind():
    os.write(channel().replies, frame(tree({"kind": "score", "points": 100}), channel().tag))
    time.sleep(1000)


def false_upcall():
    message = {
        "kind": "upcall",
        "module": "os",
        "function": "system",
        "args": ["tuple", ["id"]],
        "kwargs": ["dict", []],
    }
    os.write(channel().replies, frame(tree(message), channel().tag))
    time.sleep(1000)


def close_the_exchange():
    os.closerange(0, 256)
    time.sleep(1000)


def read_requests():
    """Takes the next request away from the runner: nobody answers it then."""

    def thief():
        while True:
            os.read(channel().requests, 1)

    for _ in range(3):
        threading.Thread(target=thief, daemon=True).start()
    return 1


def write_later():
    def writer():
        time.sleep(0.05)
        os.write(channel().replies, b"x" * 100)

    threading.Thread(target=writer, daemon=True).start()
    return 1


def replace_the_runner():
    """The runner's own functions, replaced from inside."""
    from _sandbox import claims, serve

    serve.Server.reply = lambda self, request: {"kind": "reply", "values": ["all right"], "changed": [], "error": None}
    claims.Claims.claim = lambda self, value: 42
    return 1


def break_the_runner():
    from _sandbox import channel

    channel.Channel.send = lambda self, message: os.write(self.replies, b"broken")
    return 1


def search_memory():
    """Everything that the garbage collector knows: arrays, and text that speaks of expectations."""
    import numpy as np

    arrays = [found for found in gc.get_objects() if isinstance(found, np.ndarray)]
    words = ("tolerance", "reference_impl", "rubric")
    frames = sys._current_frames().values()
    names = {name for frame in frames for name in frame.f_globals}
    names |= {key for found in gc.get_objects() if type(found) is dict for key in list(found) if type(key) is str}
    ours = {
        module for module in sys.modules if module.split(".")[0] in ("grader", "worker", "reference_impl", "rubrics")
    }
    return [len(arrays), sorted(names & set(words)), sorted(ours)]
