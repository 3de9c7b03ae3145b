"""The framing of the exchange: a small JSON header and raw array buffers. No pickle, no `.npy`.

    magic 4 bytes | tag 16 bytes | header length u32 | body length u64 | header (JSON) | body (all buffers)

The header is {"message": tree, "arrays": [[dtype, [shape]], ...]}. In a tree a JSON scalar stands for itself and a
list is a node: ["list", items], ["tuple", items], ["dict", [[key, value], ...]], ["array", index], ["number", index] (a
NumPy scalar), and the leaves of `LEAVES` with plain scalars: ["opaque", type], ["missing"], ["token", id] ...

Read on both sides of the wall, so all is refused that is not exactly as written here: `FrameError` and nothing else.
Standard library and NumPy only.
"""

import json
import struct

import numpy as np

MAGIC = b"GRX1"
TAG = 16
PREFIX = struct.Struct("<4s16sIQ")
REST = struct.Struct("<16sIQ")
MAX_HEADER = 1024 * 1024
MAX_ARRAYS = 4096
MAX_NODES = 100_000
MAX_DEPTH = 24
MAX_DIMENSION = 2**40
DTYPES = frozenset(
    ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
)
LEAVES = {"opaque": 1, "missing": 0, "token": 1, "ref": 2}


class FrameError(Exception):
    """These bytes are not a frame, or this value does not fit into one."""


class Leaf:
    """A node that is neither scalar, container nor array: `kind` is one of `LEAVES`, `data` its plain values."""

    __slots__ = ("data", "kind")

    def __init__(self, kind, *data):
        self.kind = kind
        self.data = data

    def __eq__(self, other):
        return type(other) is Leaf and (self.kind, self.data) == (other.kind, other.data)

    def __hash__(self):
        return hash((self.kind, repr(self.data)))

    def __repr__(self):
        return f"Leaf({self.kind!r}, {self.data!r})"


# --- writing --------------------------------------------------------------------------------------------------------


def encode(message, tag):
    """`message`: a tree of None, bool, int, float, str, list, tuple, dict, ndarray, NumPy scalars and `Leaf`.

    Returns a list of buffers to be written one after another. FrameError for anything else or anything too large.
    """
    arrays = []
    tree = _node(message, arrays, MAX_DEPTH)
    shapes = [[array.dtype.name, list(array.shape)] for array in arrays]
    header = json.dumps({"message": tree, "arrays": shapes}, separators=(",", ":")).encode("ascii")
    if len(header) > MAX_HEADER or len(arrays) > MAX_ARRAYS:
        raise FrameError("too many values for one frame")
    body = sum(array.nbytes for array in arrays)
    buffers = [memoryview(array.reshape(-1)).cast("B") for array in arrays if array.nbytes]
    return [PREFIX.pack(MAGIC, tag, len(header), body) + header, *buffers]


def _node(value, arrays, depth):
    if depth == 0:
        raise FrameError("values nested too deeply")
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (list, tuple):
        return [kind.__name__, [_node(item, arrays, depth - 1) for item in value]]
    if kind is dict:
        return ["dict", [[_key(key), _node(item, arrays, depth - 1)] for key, item in value.items()]]
    if kind is Leaf:
        return [value.kind, *value.data]
    if kind is np.ndarray or isinstance(value, np.generic):
        array = np.asarray(value)
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(array.shape)
        if array.dtype.name not in DTYPES:
            raise FrameError(f"arrays of {array.dtype} do not cross")
        arrays.append(array)
        return ["array" if kind is np.ndarray else "number", len(arrays) - 1]
    raise FrameError(f"values of type {kind.__name__} do not cross")


def _key(key):
    if type(key) not in (str, int, bool):
        raise FrameError(f"dict keys of type {type(key).__name__} do not cross")
    return key


# --- reading --------------------------------------------------------------------------------------------------------


def read(receive, tag=None, max_body=2**32):
    """One message. `receive(n)` returns exactly n bytes as a bytearray, grown as they arrive, or raises.

    Returns (message, tag). FrameError if the magic or the tag is not right, or for any other deviation.
    """
    if receive(len(MAGIC)) != MAGIC:  # at once: nobody waits for the rest of some garbage
        raise FrameError("wrong magic")
    found, header_size, body_size = REST.unpack(bytes(receive(REST.size)))
    if tag is not None and found != tag:
        raise FrameError("wrong tag")
    if header_size > MAX_HEADER or body_size > max_body:
        raise FrameError(f"frame too large: header {header_size}, body {body_size} bytes")
    shapes, tree = _header(bytes(receive(header_size)))
    sizes = [_size(*shape) for shape in shapes]
    if sum(sizes) != body_size:
        raise FrameError("body length does not match the arrays")
    arrays = [_array(receive(size), *shape) for size, shape in zip(sizes, shapes, strict=True)]
    return _Reader(arrays).value(tree, MAX_DEPTH), found


def _header(data):
    try:
        header = json.loads(data.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise FrameError("header is not JSON") from error
    if type(header) is not dict or header.keys() != {"message", "arrays"}:
        raise FrameError("header has other keys")
    shapes = header["arrays"]
    if type(shapes) is not list or len(shapes) > MAX_ARRAYS:
        raise FrameError("bad list of arrays")
    for entry in shapes:
        if type(entry) is not list or len(entry) != 2:
            raise FrameError("bad array entry")
    return shapes, header["message"]


def _size(dtype, shape):
    if type(dtype) is not str or dtype not in DTYPES:
        raise FrameError("dtype not allowed")
    if type(shape) is not list or len(shape) > 32:
        raise FrameError("bad shape")
    size = np.dtype(dtype).itemsize
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_DIMENSION:
            raise FrameError("bad shape")
        size *= length
    return size


def _array(data, dtype, shape):
    try:
        return np.frombuffer(data, dtype).reshape(shape)
    except (ValueError, OverflowError) as error:
        raise FrameError("bad shape") from error


class _Reader:
    def __init__(self, arrays):
        self.arrays = arrays
        self.nodes = 0

    def value(self, node, depth):
        self.nodes += 1
        if depth == 0 or self.nodes > MAX_NODES:
            raise FrameError("values nested too deeply or too many")
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is not list or not node or type(node[0]) is not str:
            raise FrameError("bad node")
        kind, data = node[0], node[1:]
        if kind in LEAVES:
            return self.leaf(kind, data)
        if len(data) != 1:
            raise FrameError("bad node")
        if kind in ("array", "number"):
            return self.array(kind, data[0])
        if type(data[0]) is not list:
            raise FrameError("bad node")
        if kind == "list":
            return [self.value(item, depth - 1) for item in data[0]]
        if kind == "tuple":
            return tuple([self.value(item, depth - 1) for item in data[0]])
        if kind == "dict":
            return dict([self.pair(item, depth - 1) for item in data[0]])
        raise FrameError("unknown node")

    def pair(self, item, depth):
        if type(item) is not list or len(item) != 2 or type(item[0]) not in (str, int, bool):
            raise FrameError("bad dict entry")
        return item[0], self.value(item[1], depth)

    def leaf(self, kind, data):
        if len(data) != LEAVES[kind]:
            raise FrameError("bad leaf")
        if kind == "ref":
            name, path = data
            if type(name) is not str or type(path) is not list or any(type(p) not in (str, int) for p in path):
                raise FrameError("bad reference")
            return Leaf(kind, name, tuple(path))
        if any(type(item) not in (str, int) for item in data):
            raise FrameError("bad leaf")
        return Leaf(kind, *data)

    def array(self, kind, index):
        if type(index) is not int or not 0 <= index < len(self.arrays):
            raise FrameError("no such array")
        array = self.arrays[index]
        if kind == "array":
            return array
        if array.shape != ():
            raise FrameError("a number has no shape")
        return array[()]
