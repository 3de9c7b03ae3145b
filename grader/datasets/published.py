"""The data sets that `grader datasets add` knows: which files they have, how they are read, how they were published."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.core.checks.images import ImageSet
from grader.datasets.cifar import read_cifar_binary, read_cifar_pickle
from grader.datasets.error import DatasetError
from grader.datasets.files import files_in
from grader.datasets.idx import read_idx

IDX = re.compile(r"^(train|t10k)-(images|labels)[.-]idx([13])-ubyte(?:\.gz)?$")
ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
BATCH = re.compile(r"^(data_batch_[1-9]|test_batch)(\.bin)?$")


@dataclass(frozen=True)
class Known:
    """counts: training and test images as published. md5: of the published files, by name."""

    wanted: re.Pattern[str]
    read: Callable[[str, Mapping[str, bytes]], ImageSet]
    counts: tuple[int, int]
    md5: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """What was read from a path. `published`: whether every file is, byte for byte, as it was published; None where the
    published checksums are those of another form of the files (unpacked ones)."""

    images: ImageSet
    published: bool | None
    remarks: tuple[str, ...]


def read_source(name: str, path: Path) -> Source:
    """Raises DatasetError, naming the file."""
    if name not in KNOWN:
        raise DatasetError(f"there is no data set {name!r} to install; known are {', '.join(KNOWN)}")
    known = KNOWN[name]
    files = files_in(path, lambda file: known.wanted.match(file) is not None)
    if not files:
        raise DatasetError(f"{path} holds no file of {name}: {_asked_for(known, path)}")
    sums = {file: hashlib.md5(content).hexdigest() for file, content in files.items()}
    for other, its in KNOWN.items():
        if other != name and any(md5 == its.md5.get(file) for file, md5 in sums.items()):
            raise DatasetError(f"{path} holds files of {other}, not of {name}: their checksums say so")
    images = known.read(name, files)
    remarks = []
    counts = len(images.x_train), len(images.x_hidden)
    if counts != known.counts:
        remarks.append(
            f"It has {counts[0]} training and {counts[1]} test images; {name} as published has "
            f"{known.counts[0]} and {known.counts[1]}."
        )
    compared = [sums[file] == md5 for file, md5 in known.md5.items() if file in files]
    published = all(compared) if len(compared) == len(known.md5) else None
    return Source(images, published, tuple(remarks))


def _asked_for(known: Known, path: Path) -> str:
    archives = sorted(file.name for file in path.iterdir() if file.name.endswith(ARCHIVES)) if path.is_dir() else []
    inside = f". An archive in it is given by its own path, such as {path / archives[0]}" if archives else ""
    return f"asked for are {', '.join(known.md5)}, in a folder or an archive{inside}"


def _read_idx(name: str, files: Mapping[str, bytes]) -> ImageSet:
    """From four idx files, compressed or not, with `-` or `.` before "idx"; of two for one part, from the one whose checksum was
    published."""
    parts: dict[tuple[str, str], tuple[str, bytes]] = {}
    for file, content in sorted(files.items(), key=lambda entry: (entry[0] not in KNOWN[name].md5, entry[0])):
        part, what, _ = IDX.match(file).groups()
        parts.setdefault((part, what), (file, content))
    arrays = {}
    for part in ("train", "t10k"):
        for what, dimensions in (("images", 3), ("labels", 1)):
            if (part, what) not in parts:
                raise DatasetError(f"{name} lacks {part}-{what}-idx{dimensions}-ubyte.gz")
            file, content = parts[part, what]
            arrays[part, what] = read_idx(content, file, dimensions)
        images, labels = arrays[part, "images"], arrays[part, "labels"]
        if images.shape[1:] != (28, 28):
            raise DatasetError(f"{parts[part, 'images'][0]} holds images of {images.shape[1:]}, not of (28, 28)")
        if len(images) != len(labels) or not len(images):
            raise DatasetError(f"{part}: {len(images)} images with {len(labels)} labels")
        if labels.max() > 9:
            raise DatasetError(f"{parts[part, 'labels'][0]}: a label is {labels.max()}, outside 0 … 9")
    ordered = (arrays[part, what] for part in ("train", "t10k") for what in ("images", "labels"))
    x_train, y_train, x_hidden, y_hidden = ordered
    return ImageSet(name, x_train, y_train.astype(np.int64), x_hidden, y_hidden.astype(np.int64), 10)


def _read_cifar(name: str, files: Mapping[str, bytes]) -> ImageSet:
    """From the pickled or the binary batches."""
    binary = any(file.endswith(".bin") for file in files)
    batches = {
        BATCH.match(file)[1]: (read_cifar_binary if binary else read_cifar_pickle)(content, file)
        for file, content in sorted(files.items())
        if file.endswith(".bin") == binary
    }
    training = [batch for file, batch in batches.items() if file != "test_batch"]
    if "test_batch" not in batches or not training:
        raise DatasetError(f"{name} lacks {'test_batch' if training else 'data_batch_1'}{'.bin' if binary else ''}")
    numbers = [int(file[-1]) for file in batches if file != "test_batch"]
    if lacking := sorted(set(range(1, max(5, *numbers) + 1)) - set(numbers)):
        raise DatasetError(f"{name} lacks {', '.join(f'data_batch_{number}' for number in lacking)}")
    x, y = (np.concatenate(arrays) for arrays in zip(*training, strict=True))
    x_hidden, y_hidden = batches["test_batch"]
    if not len(x) or not len(x_hidden):
        raise DatasetError(f"{name}: {len(x)} training and {len(x_hidden)} test images")
    return ImageSet(name, x, y, x_hidden, y_hidden, 10)


KNOWN = {
    "fashion-mnist": Known(
        IDX,
        _read_idx,
        (60_000, 10_000),
        {
            "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
        },
    ),
    "mnist": Known(
        IDX,
        _read_idx,
        (60_000, 10_000),
        {
            "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
            "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
            "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
        },
    ),
    "cifar10": Known(
        BATCH,
        _read_cifar,
        (50_000, 10_000),
        {
            "data_batch_1": "c99cafc152244af753f735de768cd75f",
            "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
            "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
            "data_batch_4": "634d18415352ddfa80567beed471001a",
            "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
            "test_batch": "40351d587109b95175f43aff81a1287e",
        },
    ),
}
