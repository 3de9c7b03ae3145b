"""Small files in the formats in which the data sets are published."""

from __future__ import annotations

import gzip
import pickle
import struct
from pathlib import Path

import numpy as np

RNG = np.random.default_rng(0)


def idx(array: np.ndarray, kind: int = 0x08) -> bytes:
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def fashion(
    folder: Path, training: int = 6, hidden: int = 4, compress: bool = True, mark: str = "-"
) -> dict[str, np.ndarray]:
    """Writes the four files; the arrays by the names of an image set."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for part, ours, count in (("train", "train", training), ("t10k", "hidden", hidden)):
        x, y = RNG.integers(0, 256, (count, 28, 28), np.uint8), RNG.integers(0, 10, count).astype(np.uint8)
        arrays |= {f"x_{ours}": x, f"y_{ours}": y}
        for what, array in (("images", x), ("labels", y)):
            name = f"{part}-{what}{mark}idx{array.ndim}-ubyte"
            content = idx(array)
            if compress:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
            else:
                (folder / name).write_bytes(content)
    return arrays


def cifar(folder: Path, count: int = 4, binary: bool = False) -> dict[str, np.ndarray]:
    """Five training batches and a test batch; images as (N, 32, 32, 3)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "batches.meta.txt").write_text("not read")
    xs, ys = [], []
    for name in [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]:
        rows, labels = RNG.integers(0, 256, (count, 3072), np.uint8), RNG.integers(0, 10, count)
        if binary:
            content = b"".join(bytes([label]) + row.tobytes() for label, row in zip(labels, rows, strict=True))
            (folder / f"{name}.bin").write_bytes(content)
        else:
            batch = {b"data": rows, b"labels": [int(label) for label in labels], b"filenames": [b"a"] * count}
            (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
        xs.append(rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        ys.append(labels)
    return {
        "x_train": np.concatenate(xs[:-1]), "y_train": np.concatenate(ys[:-1]), "x_hidden": xs[-1], "y_hidden": ys[-1],
    }  # fmt: skip
