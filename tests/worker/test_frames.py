"""The framing of the exchange: what is written is read back, and nothing that was tampered with is anything but FrameError."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from worker.untrusted import frames
from worker.untrusted.frames import FrameError, Leaf

TAG = b"0123456789abcdef"
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text()
ARRAYS = st.sampled_from(sorted(frames.DTYPES)).flatmap(lambda dtype: nps.arrays(dtype, nps.array_shapes(min_dims=0)))
LEAVES = st.builds(lambda text: Leaf("opaque", text), st.text()) | st.builds(lambda n: Leaf("token", n), st.integers())
VALUES = st.recursive(
    SCALARS | ARRAYS | LEAVES | st.just(Leaf("missing")),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=12,
)


def reader(data: bytes):
    """`receive` of these bytes; the end of them raises, as a closed pipe does."""
    position = 0

    def receive(size: int) -> bytearray:
        nonlocal position
        found = data[position : position + size]
        position += len(found)
        if len(found) < size:
            raise EOFError
        return bytearray(found)

    return receive


def written(message: object) -> bytes:
    return b"".join(bytes(buffer) for buffer in frames.encode(message, TAG))


def read(data: bytes) -> object:
    return frames.read(reader(data), TAG)[0]


def same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray):
        return type(b) is np.ndarray and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return type(b) is dict and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and (a == b or a != a)


@given(VALUES)
def test_values_come_back_as_they_were(value: object) -> None:
    assert same(value, read(written(value)))


def test_numpy_numbers_stay_numbers() -> None:
    back = read(written([np.float32(1.5), np.array(2.5)]))

    assert type(back[0]) is np.float32 and back[0] == 1.5
    assert type(back[1]) is np.ndarray and back[1].shape == ()


def test_arrays_that_are_not_contiguous_or_native_are_copied() -> None:
    value = np.arange(12, dtype=">f8").reshape(3, 4).T

    back = read(written(value))

    assert np.array_equal(back, value) and back.dtype == np.float64 and back.flags.writeable


@pytest.mark.parametrize(
    "value",
    [object(), {1.5: 1}, {(1,): 1}, np.zeros(2, complex), np.array([None]), np.zeros(2, "M8[D]"), {1}, b"x", 1j],
    ids=["object", "float-key", "tuple-key", "complex-array", "object-array", "dates", "set", "bytes", "complex"],
)
def test_other_values_are_not_written(value: object) -> None:
    with pytest.raises(FrameError):
        written(value)


def test_nesting_without_end_is_not_written() -> None:
    value: list = []
    value.append(value)

    with pytest.raises(FrameError, match="deep"):
        written(value)


def test_another_tag_is_refused() -> None:
    with pytest.raises(FrameError, match="tag"):
        frames.read(reader(written(1)), b"x" * 16)


def frame(header: object, body: bytes = b"") -> bytes:
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return frames.PREFIX.pack(frames.MAGIC, TAG, len(data), len(body)) + data + body


FORGERIES = {
    "not JSON": b"{",
    "not ASCII": b'"\xff"',
    "not a dict": [1],
    "other keys": {"message": 1},
    "more keys": {"message": 1, "arrays": [], "score": 100},
    "no list of arrays": {"message": 1, "arrays": {}},
    "unknown node": {"message": ["eval", "1"], "arrays": []},
    "empty node": {"message": [], "arrays": []},
    "dict in the tree": {"message": {"a": 1}, "arrays": []},
    "no such array": {"message": ["array", 0], "arrays": []},
    "negative index": {"message": ["array", -1], "arrays": []},
    "true as an index": {"message": ["array", True], "arrays": []},
    "text as items": {"message": ["list", "abc"], "arrays": []},
    "three in a pair": {"message": ["dict", [["a", 1, 2]]], "arrays": []},
    "list as a key": {"message": ["dict", [[["a"], 1]]], "arrays": []},
    "leaf without data": {"message": ["opaque"], "arrays": []},
    "leaf with a list": {"message": ["opaque", ["a"]], "arrays": []},
    "object dtype": {"message": 1, "arrays": [["object", [1]]]},
    "dtype as a list": {"message": 1, "arrays": [[["f8"], [1]]]},
    "negative length": {"message": 1, "arrays": [["float64", [-1]]]},
    "length as a float": {"message": 1, "arrays": [["float64", [1.0]]]},
    "length as a boolean": {"message": 1, "arrays": [["float64", [True]]]},
    "huge length": {"message": 1, "arrays": [["float64", [2**62]]]},
    "body missing": {"message": 1, "arrays": [["float64", [3]]]},
    "impossible shape": {"message": 1, "arrays": [["float64", [0, 2**40, 2**40]]]},
    "too many dimensions": {"message": 1, "arrays": [["float64", [1] * 100]]},
    "too many arrays": {"message": 1, "arrays": [["float64", [0]]] * 5000},
    "too many values": {"message": ["list", [1] * 200_000], "arrays": []},
    "number with a shape": {"message": ["number", 0], "arrays": [["float64", [0]]]},
    "deep": b'{"message": ' + b'["list", [' * 100 + b"]]" * 100 + b', "arrays": []}',
    "very deep": b'{"message": ' + b"[" * 200_000 + b"]" * 200_000 + b', "arrays": []}',
    "endless number": b'{"message": ' + b"9" * 100_000 + b', "arrays": []}',
}


@pytest.mark.parametrize("header", FORGERIES.values(), ids=FORGERIES.keys())
def test_forged_headers_are_refused(header: object) -> None:
    with pytest.raises(FrameError):
        read(frame(header))


@pytest.mark.parametrize("sizes", [(2**32 - 1, 0), (10, 2**63), (10, 2**33)])
def test_sizes_beyond_the_caps_are_refused_before_anything_is_read(sizes: tuple[int, int]) -> None:
    asked = []

    def receive(size: int) -> bytearray:
        asked.append(size)
        return reader(frames.PREFIX.pack(frames.MAGIC, TAG, *sizes)[sum(asked[:-1]) :])(size)

    with pytest.raises(FrameError, match="too large"):
        frames.read(receive, TAG)
    assert sum(asked) == frames.PREFIX.size


SAMPLES = [
    written({"kind": "reply", "values": [np.arange(6.0).reshape(2, 3), Leaf("opaque", "Net")], "error": None}),
    written({"kind": "upcall", "args": (np.ones(2, np.float32), 3, {"mode": "train", "mean": np.zeros(3)})}),
    written([Leaf("missing"), Leaf("token", 7), True, -1.5, "text", [[], ()], {}, np.float16(2)]),
]


def mutated(data: bytes, draw: random.Random) -> bytes:
    frame = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 8))):
        where = draw.randrange(len(frame))
        kind = draw.randrange(5)
        if kind == 0:
            frame[where] ^= 1 << draw.randrange(8)
        elif kind == 1:
            frame[where] = draw.randrange(256)
        elif kind == 2:
            del frame[where : where + draw.randrange(1, 9)]
        elif kind == 3:
            frame[where:where] = draw.randbytes(draw.randrange(1, 9))
        else:
            frame[where : where + 1] = draw.choice((b"[", b"]", b'"', b"-1", b"1e9", b"null", b",", b"99999999999"))
        if not frame:
            return b""
    return bytes(frame)


def test_mutated_frames_give_nothing_but_the_protocol_error() -> None:
    """EOFError is the closed pipe: more bytes were announced than came."""
    draw = random.Random(20)
    refused = 0
    for number in range(300_000):
        data = mutated(SAMPLES[number % len(SAMPLES)], draw)
        try:
            read(data)
        except (FrameError, EOFError):
            refused += 1
    assert refused > 200_000  # some mutations only change a number in the body


@settings(max_examples=500)
@given(st.binary(max_size=300))
def test_any_header_is_a_message_or_refused(data: bytes) -> None:
    try:
        read(frame(data))
    except FrameError:
        return
    assert "message" in json.loads(data)
