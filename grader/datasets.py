"""Image data sets: CIFAR-10 in its real file formats where a course has them, scikit-learn's digits otherwise.

Trusted side only. Pickled batches are read by an unpickler that knows arrays and plain containers and nothing else.
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
import io
import pickle
from pathlib import Path

import numpy as np

from grader.core.checks.training import Images

CIFAR_FOLDERS = ("cifar-10-batches-py", "cifar-10-batches-bin", "cifar10")
CIFAR_RECORD = 1 + 3 * 32 * 32
HIDDEN_DIGITS = 397


class DatasetError(ValueError):
    """A data set is not there, or its files are not in their format; the message says which file and why."""


def load_images(name: str, folder: Path | None) -> Images:
    """`cifar10`, `digits`, or `cifar10-or-digits`: CIFAR-10 if `folder` holds it.

    Images are (N, C, H, W) float64 with the training mean subtracted. Raises DatasetError.
    """
    if name == "digits":
        return digits()
    found = find_cifar10(folder)
    if found is not None:
        return cifar10(found)
    if name == "cifar10":
        raise DatasetError(f"CIFAR-10 is not in {folder}: put the folder {CIFAR_FOLDERS[0]} there")
    return digits()


@functools.cache
def digits() -> Images:
    """scikit-learn's 1,797 handwritten digits, 8x8, split by a fixed shuffle; 397 are held back."""
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise DatasetError("scikit-learn is not installed, so its digits cannot be read")
    with gzip.open(Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    table = table[np.random.default_rng(2017).permutation(len(table))]
    x, y = table[:, :-1].reshape(-1, 1, 8, 8) / 16.0, table[:, -1].astype(np.int64)
    return _split("digits", x, y, HIDDEN_DIGITS)


def find_cifar10(folder: Path | None) -> Path | None:
    """The folder of CIFAR-10's files under `folder`, or None."""
    for name in CIFAR_FOLDERS if folder else ():
        if (folder / name).is_dir():
            return folder / name
    return None


@functools.cache
def cifar10(folder: Path) -> Images:
    """CIFAR-10 from its pickled (`data_batch_1`) or binary (`data_batch_1.bin`) files; `test_batch` is held back."""
    binary = any(folder.glob("data_batch_*.bin"))
    read, ending = (read_cifar_binary, ".bin") if binary else (read_cifar_pickle, "")
    names = sorted(path for path in folder.glob(f"data_batch_*{ending}") if binary or not path.suffix)
    test = folder / f"test_batch{ending}"
    if not names or not test.is_file():
        raise DatasetError(f"{folder} has no data_batch_1{ending} or no test_batch{ending}")
    parts = [read(path) for path in names]
    x, y = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    x_hidden, y_hidden = read(test)
    mean = x.mean(axis=0)
    return Images("cifar10", x - mean, y, x_hidden - mean, y_hidden, 10)


def read_cifar_binary(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(N, 3, 32, 32) float64 in 0 … 1 and (N,) labels from CIFAR-10's binary version (1 label byte, 3,072 pixel bytes)."""
    raw = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    if raw.size == 0 or raw.size % CIFAR_RECORD:
        raise DatasetError(f"{path}: {raw.size} bytes are not a whole number of {CIFAR_RECORD}-byte records")
    records = raw.reshape(-1, CIFAR_RECORD)
    return _checked(path, records[:, 1:], records[:, 0].astype(np.int64))


def read_cifar_pickle(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The same from CIFAR-10's Python version: a pickled dict with `data` (N, 3072) uint8 and `labels`."""
    try:
        batch = _ArraysOnly(io.BytesIO(path.read_bytes()), encoding="bytes").load()
        data, labels = batch[b"data"], np.asarray(batch[b"labels"], dtype=np.int64)
    except DatasetError:
        raise
    except Exception as error:
        raise DatasetError(f"{path} is not a CIFAR-10 batch: {type(error).__name__}: {error}") from error
    return _checked(path, np.asarray(data), labels)


def _checked(path: Path, pixels: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape != (len(labels), CIFAR_RECORD - 1):
        raise DatasetError(
            f"{path}: images have shape {pixels.shape} and dtype {pixels.dtype} for {len(labels)} labels"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() <= 9:
        raise DatasetError(f"{path}: a label is outside 0 … 9")
    return pixels.reshape(-1, 3, 32, 32) / 255.0, labels


def _split(name: str, x: np.ndarray, y: np.ndarray, hidden: int) -> Images:
    mean = x[:-hidden].mean(axis=0)
    return Images(name, x[:-hidden] - mean, y[:-hidden], x[-hidden:] - mean, y[-hidden:], int(y.max()) + 1)


class _ArraysOnly(pickle.Unpickler):
    """Unpickles NumPy arrays in plain containers; anything else is refused before it can run."""

    _ALLOWED = frozenset(
        {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("_codecs", "encode"),
        }
    )

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self._ALLOWED:
            raise DatasetError(f"the file wants to load {module}.{name}, which no CIFAR-10 batch needs")
        if module.startswith("numpy."):
            return np._core.multiarray._reconstruct
        return super().find_class(module, name)
