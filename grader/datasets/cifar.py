"""CIFAR-10 in its published formats: the pickled ("python") and the binary version."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np

from grader.core.checks.images import ImageSet
from grader.datasets.error import DatasetError
from grader.datasets.pickles import unpickle_arrays

FOLDERS = ("cifar-10-batches-py", "cifar-10-batches-bin", "cifar10")
RECORD = 1 + 3 * 32 * 32

Batch = tuple[np.ndarray, np.ndarray]
"""(N, 32, 32, 3) uint8 and (N,) int64."""


def find_cifar10(folder: Path | None) -> Path | None:
    """The folder of CIFAR-10's files under `folder`, or None."""
    for name in FOLDERS if folder else ():
        if any((folder / name).glob("*_batch*")):
            return folder / name
    return None


@functools.cache
def cifar10(folder: Path) -> ImageSet:
    """From its pickled (`data_batch_1`) or binary (`data_batch_1.bin`) files; `test_batch` is held back."""
    binary = any(folder.glob("data_batch_*.bin"))
    read, ending = (read_cifar_binary, ".bin") if binary else (read_cifar_pickle, "")
    names = sorted(path for path in folder.glob(f"data_batch_*{ending}") if binary or not path.suffix)
    test = folder / f"test_batch{ending}"
    if not names or not test.is_file():
        raise DatasetError(f"{folder} has no data_batch_1{ending} or no test_batch{ending}")
    parts = [read(path.read_bytes(), str(path)) for path in names]
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return ImageSet("cifar10", x, y, *read(test.read_bytes(), str(test)), 10)


def read_cifar_binary(content: bytes, name: str) -> Batch:
    """Records of one label byte and 3,072 pixel bytes: red, green, blue plane. Raises DatasetError, naming `name`."""
    raw = np.frombuffer(content, dtype=np.uint8)
    if raw.size == 0 or raw.size % RECORD:
        raise DatasetError(f"{name}: {raw.size} bytes are not a whole number of {RECORD}-byte records")
    records = raw.reshape(-1, RECORD)
    return _checked(name, records[:, 1:], records[:, 0].astype(np.int64))


def read_cifar_pickle(content: bytes, name: str) -> Batch:
    """A pickled dict with `data` (N, 3072) uint8 and `labels`. Raises DatasetError, naming `name`."""
    batch = unpickle_arrays(content, name)
    try:
        data, labels = np.asarray(batch[b"data"]), np.asarray(batch[b"labels"], dtype=np.int64)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DatasetError(f"{name} is no CIFAR-10 batch: {type(error).__name__}: {error}") from error
    return _checked(name, data, labels)


def _checked(name: str, pixels: np.ndarray, labels: np.ndarray) -> Batch:
    if pixels.dtype != np.uint8 or labels.ndim != 1 or pixels.shape != (len(labels), RECORD - 1):
        raise DatasetError(
            f"{name}: images have shape {pixels.shape} and dtype {pixels.dtype} for labels of shape {labels.shape}"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() <= 9:
        raise DatasetError(f"{name}: a label is outside 0 … 9")
    return np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), labels
