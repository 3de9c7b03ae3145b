"""TensorBoard's event files: TFRecord frames around protocol buffers, of which only scalars are taken.

Frames as TensorFlow documents them: length (8 bytes, little-endian), its checksum (4), data, its checksum (4).
"""

from __future__ import annotations

import struct

from grader.core.logs.column import MAX_COLUMNS, MAX_POINTS, Column, column

MAX_RECORD = 1 << 20
"""Bytes: an event of scalars is small; larger ones are pictures and graphs, which are passed over."""


def read_events(data: bytes, source: str) -> list[Column]:
    """Scalars by tag over steps. What is cut off or damaged at the end is left out."""
    from google.protobuf.message import DecodeError
    from tensorboardX.proto.event_pb2 import Event

    scalars: dict[str, list[tuple[float, float]]] = {}
    at = 0
    while at + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        start, at = at + 12, at + 12 + length + 4
        if at > len(data):
            break
        if length > MAX_RECORD:
            continue
        try:
            event = Event.FromString(data[start : start + length])
        except DecodeError:
            break
        for value in event.summary.value[:MAX_COLUMNS]:
            number = _scalar(value)
            if number is None or (value.tag not in scalars and len(scalars) >= MAX_COLUMNS):
                continue
            points = scalars.setdefault(value.tag, [])
            if len(points) < MAX_POINTS:
                points.append((float(event.step), number))
    return [one for tag, points in scalars.items() for one in column(source, tag[:200], points, counted="step")]


def _scalar(value: object) -> float | None:
    """`simple_value`, or a float tensor of one element, as TensorFlow 2 writes it."""
    if value.HasField("simple_value"):
        return float(value.simple_value)
    if not value.HasField("tensor"):
        return None
    tensor = value.tensor
    if len(tensor.float_val) == 1:
        return float(tensor.float_val[0])
    if tensor.dtype == 1 and len(tensor.tensor_content) == 4:
        return float(struct.unpack("<f", tensor.tensor_content)[0])
    return None
