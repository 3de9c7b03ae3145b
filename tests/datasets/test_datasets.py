"""CIFAR-10's real file formats on small files, and scikit-learn's digits; no file can run code."""

import os
import pickle

import numpy as np
import pytest

from grader.datasets import DatasetError, load_image_set, load_images
from grader.datasets.cifar import cifar10, read_cifar_binary, read_cifar_pickle
from grader.datasets.digits import digits

RNG = np.random.default_rng(0)


def pixels(count):
    return RNG.integers(0, 256, size=(count, 3072), dtype=np.uint8)


def write_pickle(path, data, labels):
    path.write_bytes(
        pickle.dumps({b"data": data, b"labels": [int(label) for label in labels], b"batch_label": b"x"}, protocol=2)
    )


def write_binary(path, data, labels):
    path.write_bytes(b"".join(bytes([label]) + row.tobytes() for label, row in zip(labels, data, strict=True)))


@pytest.mark.parametrize(
    ("write", "name", "ending"),
    [(write_pickle, "cifar-10-batches-py", ""), (write_binary, "cifar-10-batches-bin", ".bin")],
)
def test_both_formats(tmp_path, write, name, ending):
    folder = tmp_path / name
    folder.mkdir()
    batches = [(pixels(4), RNG.integers(10, size=4)) for _ in range(3)]
    for number, (data, labels) in enumerate(batches[:2], 1):
        write(folder / f"data_batch_{number}{ending}", data, labels)
    write(folder / f"test_batch{ending}", *batches[2])
    (folder / "batches.meta").write_bytes(b"not read")
    images = load_images("cifar10-or-digits", tmp_path)
    assert images.name == "cifar10" and images.classes == 10
    assert images.x_train.shape == (8, 3, 32, 32) and images.x_hidden.shape == (4, 3, 32, 32)
    np.testing.assert_array_equal(images.y_hidden, batches[2][1])
    np.testing.assert_allclose(images.x_train.mean(axis=0), 0, atol=1e-12)
    first = batches[0][0][0].reshape(3, 32, 32) / 255
    mean = np.concatenate([batches[0][0], batches[1][0]]).reshape(-1, 3, 32, 32).mean(axis=0) / 255
    np.testing.assert_allclose(images.x_train[0], first - mean, atol=1e-12)


def test_digits_stand_in_and_are_real_images():
    images = load_images("cifar10-or-digits", None)
    assert (
        images.name == "digits" and images.x_train.shape == (1400, 1, 8, 8) and images.x_hidden.shape == (397, 1, 8, 8)
    )
    assert set(np.unique(images.y_train)) == set(range(10))
    assert images is digits()


@pytest.mark.parametrize(("name", "size"), [("digits", (28, 28)), ("digits-colour", (32, 32, 3))])
def test_digits_stand_in_for_larger_images_too(name, size):
    images = load_image_set(name, None)
    assert images.name == name and images.size == size and images.classes == 10
    assert len(images.x_train) == 1400 and len(images.x_hidden) == 397
    assert images.x_train.dtype == np.uint8 and images.x_train.max() >= 250
    np.testing.assert_array_equal(images.y_hidden, digits().y_hidden)
    small = digits().x_train[:, 0] + 0  # the same pictures, whatever their scale
    shrunk = (images.x_train[:, 3:27:3, 3:27:3] if name == "digits" else images.x_train.mean(axis=3)[:, ::4, ::4]) / 255
    assert np.corrcoef((shrunk - shrunk.mean(axis=0)).ravel(), small.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("name", ["fashion-mnist", "mnist", "cifar10"])
def test_a_data_set_that_is_not_installed_names_the_command(tmp_path, name):
    with pytest.raises(DatasetError, match=f"grader datasets add {name} PATH"):
        load_image_set(name, tmp_path)


def test_cifar_that_was_asked_for_and_is_not_there(tmp_path):
    with pytest.raises(DatasetError, match="cifar-10-batches-py"):
        load_images("cifar10", tmp_path)


def test_a_batch_that_wants_to_run_code_is_refused_and_runs_nothing(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    file = tmp_path / "data_batch_1"
    file.write_bytes(pickle.dumps({b"data": Bomb(), b"labels": []}))
    with pytest.raises(DatasetError, match="wants to load"):
        read_cifar_pickle(file.read_bytes(), str(file))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"not a pickle", pickle.dumps([1, 2]), pickle.dumps({b"data": 1})])
def test_a_pickle_that_is_no_batch(tmp_path, content):
    file = tmp_path / "data_batch_1"
    file.write_bytes(content)
    with pytest.raises(DatasetError, match="data_batch_1"):
        read_cifar_pickle(file.read_bytes(), str(file))


@pytest.mark.parametrize("content", [b"", b"12345", bytes([11]) + bytes(3072)])
def test_a_binary_file_that_is_no_batch(tmp_path, content):
    file = tmp_path / "data_batch_1.bin"
    file.write_bytes(content)
    with pytest.raises(DatasetError, match=r"data_batch_1\.bin"):
        read_cifar_binary(file.read_bytes(), str(file))


def test_labels_that_do_not_fit_the_images(tmp_path):
    write_pickle(tmp_path / "data_batch_1", pixels(3), [1, 2])
    with pytest.raises(DatasetError, match=r"labels of shape \(2,\)"):
        read_cifar_pickle((tmp_path / "data_batch_1").read_bytes(), "data_batch_1")


def test_a_folder_without_batches(tmp_path):
    with pytest.raises(DatasetError, match="test_batch"):
        cifar10(tmp_path)
