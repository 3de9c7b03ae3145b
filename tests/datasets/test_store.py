"""Data sets in their published formats are checked, installed at once, and never read damaged."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import pickle
import shutil
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.datasets import DatasetError, load_image_set, load_images
from grader.datasets.published import KNOWN
from grader.datasets.store import ARRAYS, add, installed

_spec = importlib.util.spec_from_file_location("published_files", Path(__file__).with_name("published_files.py"))
_files = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_files)
cifar, fashion, idx = _files.cifar, _files.fashion, _files.idx


def same(name: str, folder: Path, arrays: dict[str, np.ndarray]) -> None:
    images = load_image_set(name, folder)
    assert images.name == name and images.classes == 10
    for part in ARRAYS:
        np.testing.assert_array_equal(getattr(images, part), arrays[part])


def packed(folder: Path, kind: str) -> Path:
    """The folder as it is, as an archive, or one of its files."""
    if kind == "folder":
        return folder
    if kind == "file":
        return next(iter(sorted(folder.glob("t*-images*"))), folder / "test_batch")
    archive = folder.with_name(f"archive.{kind}")
    if kind == "zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for path in folder.iterdir():
                file.write(path, f"inside/{path.name}")
    else:
        with tarfile.open(archive, "w:gz" if kind == "tar.gz" else "w") as file:
            file.add(folder, "inside")
    return archive


@pytest.mark.parametrize("kind", ["folder", "file", "zip", "tar", "tar.gz"])
def test_fashion_mnist_however_it_comes(tmp_path: Path, kind: str) -> None:
    arrays = fashion(tmp_path / "files")

    added = add("fashion-mnist", packed(tmp_path / "files", kind), tmp_path / "data")

    assert added.changed and added.manifest.training == 6 and added.manifest.hidden == 4
    assert added.manifest.published is False  # not the published files, and it says so
    assert "as published has 60000" in " ".join(added.remarks)
    same("fashion-mnist", tmp_path / "data", arrays)


@pytest.mark.parametrize("mark", ["-", "."])
def test_mnist_unpacked_by_a_browser(tmp_path: Path, mark: str) -> None:
    arrays = fashion(tmp_path / "files", compress=False, mark=mark)

    assert add("mnist", tmp_path / "files", tmp_path / "data").manifest.published is None
    same("mnist", tmp_path / "data", arrays)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("kind", ["folder", "tar.gz"])
def test_cifar10(tmp_path: Path, kind: str, binary: bool) -> None:
    arrays = cifar(tmp_path / "files", binary=binary)

    added = add("cifar10", packed(tmp_path / "files", kind), tmp_path / "data")

    assert added.manifest.size == (32, 32, 3) and added.manifest.published is (None if binary else False)
    same("cifar10", tmp_path / "data", arrays)
    centred = load_images("cifar10-or-digits", tmp_path / "data")  # the training checks of code see it too
    assert centred.name == "cifar10" and centred.x_train.shape == (20, 3, 32, 32)


def test_adding_twice_changes_nothing_and_another_edition_replaces(tmp_path: Path) -> None:
    fashion(tmp_path / "files")
    data = tmp_path / "data"
    add("fashion-mnist", tmp_path / "files", data)
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}

    assert not add("fashion-mnist", tmp_path / "files", data).changed
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before

    load_image_set("fashion-mnist", data)  # a worker has read the old one
    arrays = fashion(tmp_path / "other", training=7)
    assert add("fashion-mnist", tmp_path / "other", data).changed
    same("fashion-mnist", data, arrays)
    assert sorted(path.name for path in data.iterdir()) == ["fashion-mnist"]
    assert [manifest.training for manifest in installed(data)] == [7]


@pytest.mark.parametrize("part", ["x_train", "y_hidden"])
def test_a_damaged_file_is_noticed_and_repaired_by_adding_again(tmp_path: Path, part: str) -> None:
    arrays = fashion(tmp_path / "files")
    add("fashion-mnist", tmp_path / "files", tmp_path / "data")
    file = tmp_path / "data" / "fashion-mnist" / f"{part}.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)

    with pytest.raises(DatasetError, match=rf"{part}\.npy is damaged.*grader datasets add fashion-mnist"):
        load_image_set("fashion-mnist", tmp_path / "data")

    assert add("fashion-mnist", tmp_path / "files", tmp_path / "data").changed
    same("fashion-mnist", tmp_path / "data", arrays)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    fashion(tmp_path / "files")
    add("fashion-mnist", tmp_path / "files", tmp_path / "data")
    (tmp_path / "data" / "fashion-mnist" / "x_hidden.npy").unlink()

    with pytest.raises(DatasetError, match=r"x_hidden\.npy cannot be read"):
        load_image_set("fashion-mnist", tmp_path / "data")


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


def swap(folder: Path) -> None:
    (folder / IMAGES).rename(folder / "aside")
    (folder / LABELS).rename(folder / IMAGES)
    (folder / "aside").rename(folder / LABELS)


def put(name: str, content: bytes):
    return lambda folder: (folder / name).write_bytes(content)


def cut(folder: Path) -> None:
    (folder / IMAGES).write_bytes((folder / IMAGES).read_bytes()[:-20])


def end_early(folder: Path) -> None:
    (folder / IMAGES).write_bytes(gzip.compress(gzip.decompress((folder / IMAGES).read_bytes())[:-1]))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (swap, "swapped"),
        (cut, "Is the download complete"),
        (end_early, "is truncated"),
        (put(IMAGES, b""), "is no idx file"),
        (put(IMAGES, b"<!DOCTYPE html><title>Not found</title>"), "is no idx file"),
        (put(IMAGES, gzip.compress(b"\0\0\x08")), "is no idx file"),
        (put(IMAGES, b"\0\0\x08\x03\0\0"), "ends within its header"),
        (put(IMAGES, b"\0\0\x08\x03" + b"\xff" * 12), "is truncated"),
        (put(IMAGES, idx(np.zeros((6, 28, 28), np.uint8), kind=0x0D)), "0x0d"),
        (put(IMAGES, idx(np.zeros((6, 32, 32), np.uint8))), r"\(32, 32\)"),
        (put(IMAGES, idx(np.zeros((5, 28, 28), np.uint8))), "5 images with 6 labels"),
        (put(LABELS, idx(np.full(6, 10, np.uint8))), "outside 0 … 9"),
        (lambda folder: (folder / LABELS).unlink(), "lacks train-labels"),
        (lambda folder: [path.unlink() for path in folder.iterdir()], "holds no file of fashion-mnist"),
        (shutil.rmtree, "is not there"),
    ],
)  # fmt: skip
def test_files_that_are_not_what_they_should_be(tmp_path: Path, spoil, message: str) -> None:
    arrays = fashion(tmp_path / "files")
    add("fashion-mnist", tmp_path / "files", tmp_path / "data")
    spoil(tmp_path / "files")

    with pytest.raises(DatasetError, match=message):
        add("fashion-mnist", tmp_path / "files", tmp_path / "data")

    same("fashion-mnist", tmp_path / "data", arrays)  # what was there is untouched
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["fashion-mnist"]


def test_a_batch_that_wants_to_run_code_installs_nothing(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    cifar(tmp_path / "files")
    (tmp_path / "files" / "data_batch_3").write_bytes(pickle.dumps({b"data": Bomb(), b"labels": []}))

    with pytest.raises(DatasetError, match="data_batch_3: the file wants to load"):
        add("cifar10", tmp_path / "files", tmp_path / "data")
    assert not (tmp_path / "ran").exists() and not (tmp_path / "data").exists()


@pytest.mark.parametrize("gone", ["data_batch_2", "test_batch"])
def test_a_batch_that_is_not_there(tmp_path: Path, gone: str) -> None:
    cifar(tmp_path / "files")
    (tmp_path / "files" / gone).unlink()

    with pytest.raises(DatasetError, match=f"lacks {gone}"):
        add("cifar10", tmp_path / "files", tmp_path / "data")


def test_half_an_archive(tmp_path: Path) -> None:
    cifar(tmp_path / "files", count=40)
    archive = packed(tmp_path / "files", "tar.gz")
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])

    with pytest.raises(DatasetError, match="Is the download complete"):
        add("cifar10", archive, tmp_path / "data")


def test_two_editions_in_one_folder(tmp_path: Path) -> None:
    fashion(tmp_path / "files" / "a")
    fashion(tmp_path / "files" / "b")

    with pytest.raises(DatasetError, match="two different files"):
        add("fashion-mnist", tmp_path / "files", tmp_path / "data")


def test_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="known are fashion-mnist, mnist, cifar10"):
        add("imagenet", tmp_path, tmp_path)


def test_compressed_and_unpacked_files_side_by_side(tmp_path: Path) -> None:
    fashion(tmp_path / "files", compress=False)
    arrays = fashion(tmp_path / "files")  # those whose checksums are compared

    add("fashion-mnist", tmp_path / "files", tmp_path / "data")

    same("fashion-mnist", tmp_path / "data", arrays)


def test_files_of_another_data_set_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fashion(tmp_path / "files")
    published = {file.name: hashlib.md5(file.read_bytes()).hexdigest() for file in (tmp_path / "files").iterdir()}
    monkeypatch.setitem(KNOWN, "mnist", replace(KNOWN["mnist"], md5=published))

    with pytest.raises(DatasetError, match="files of mnist, not of fashion-mnist"):
        add("fashion-mnist", tmp_path / "files", tmp_path / "data")
    assert add("mnist", tmp_path / "files", tmp_path / "data").manifest.published is True


def test_an_archive_inside_the_folder_is_pointed_at(tmp_path: Path) -> None:
    cifar(tmp_path / "files")
    (tmp_path / "down").mkdir()
    packed(tmp_path / "files", "tar.gz").rename(tmp_path / "down" / "cifar-10-python.tar.gz")

    with pytest.raises(DatasetError, match=r"own path, such as .*/down/cifar-10-python\.tar\.gz"):
        add("cifar10", tmp_path / "down", tmp_path / "data")
