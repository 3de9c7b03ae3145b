"""The idx format of MNIST and Fashion-MNIST: 00 00 08 n, n sizes as big-endian 32-bit numbers, then the bytes."""

from __future__ import annotations

import gzip
import io
import struct
import zlib

import numpy as np

from grader.datasets.error import DatasetError

MAX_BYTES = 512 * 2**20
UNSIGNED_BYTE = 0x08


def read_idx(content: bytes, name: str, dimensions: int) -> np.ndarray:
    """An array of `dimensions` dimensions, uint8, out of an idx file, compressed by gzip or not. Raises DatasetError."""
    content = _unpacked(content, name)
    if len(content) < 4 or content[:2] != b"\0\0":
        raise DatasetError(f"{name} is no idx file: it begins with {content[:4].hex(' ') or 'nothing'}, not with 00 00")
    kind, found = content[2], content[3]
    if kind != UNSIGNED_BYTE:
        raise DatasetError(f"{name} holds values of type {kind:#04x}; images and labels are unsigned bytes (0x08)")
    if found != dimensions:
        what = {1: "labels have 1 dimension", 3: "images have 3 dimensions"}[dimensions]
        raise DatasetError(f"{name} has {found} dimensions where {what}: were images and labels swapped?")
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise DatasetError(f"{name} ends within its header, after {len(content)} bytes")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    wanted, there = int(np.prod(shape, dtype=object)), len(content) - header
    if there != wanted:
        state = "is truncated" if there < wanted else "is too long"
        raise DatasetError(f"{name} {state}: its header announces {shape}, {wanted} bytes, and {there} follow")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _unpacked(content: bytes, name: str) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{name} cannot be unpacked by gzip: {error}. Is the download complete?") from error
    if len(unpacked) > MAX_BYTES:
        raise DatasetError(f"{name} unpacks to more than {MAX_BYTES} bytes")
    return unpacked
