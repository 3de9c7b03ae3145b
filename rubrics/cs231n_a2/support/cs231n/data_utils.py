"""Data sets from files beside the code; every reader says which file it misses.

Pickles are read as they come: call these inside a sandbox only.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np

DATASETS = Path(__file__).parent / "datasets"


def load_pickle(f):
    """The object pickled in the open binary file `f`, by Python 2 or 3."""
    return pickle.load(f, encoding="latin1")


def load_CIFAR_batch(filename):
    """One CIFAR-10 batch: X (n, 32, 32, 3) float64 in 0..255, Y (n,) int."""
    with open(_present(filename, "a CIFAR-10 batch"), "rb") as file:
        batch = load_pickle(file)
    images = np.asarray(batch["data"]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).astype(np.float64)
    return images, np.array(batch["labels"])


def load_CIFAR10(ROOT):
    """All five training batches and the test batch: (X_train, y_train, X_test, y_test)."""
    root = _present(ROOT, "the CIFAR-10 folder (cifar-10-batches-py)")
    batches = [load_CIFAR_batch(os.path.join(root, f"data_batch_{number}")) for number in range(1, 6)]
    x_train = np.concatenate([images for images, _ in batches])
    y_train = np.concatenate([labels for _, labels in batches])
    return (x_train, y_train, *load_CIFAR_batch(os.path.join(root, "test_batch")))


def get_CIFAR10_data(num_training=49000, num_validation=1000, num_test=1000, subtract_mean=True, cifar10_dir=None):
    """CIFAR-10 as {"X_train", "y_train", "X_val", "y_val", "X_test", "y_test"}; images (n, 3, 32, 32), mean-free."""
    x_train, y_train, x_test, y_test = load_CIFAR10(cifar10_dir or DATASETS / "cifar-10-batches-py")
    validation = slice(num_training, num_training + num_validation)
    images = {"X_train": x_train[:num_training], "X_val": x_train[validation], "X_test": x_test[:num_test]}
    labels = {"y_train": y_train[:num_training], "y_val": y_train[validation], "y_test": y_test[:num_test]}
    mean = images["X_train"].mean(axis=0) if subtract_mean else 0.0
    return {name: (part - mean).transpose(0, 3, 1, 2).copy() for name, part in images.items()} | labels


def load_tiny_imagenet(path, dtype=np.float32, subtract_mean=True):
    """TinyImageNet needs an image reader, which is not part of this environment."""
    _present(path, "the TinyImageNet folder")
    raise RuntimeError("load_tiny_imagenet: reading JPEG files is not supported here; no graded part needs it")


def load_models(models_dir):
    """Every pickled model in a folder: {file name: model}."""
    models = {}
    for name in sorted(os.listdir(_present(models_dir, "a folder of pickled models"))):
        with open(os.path.join(models_dir, name), "rb") as file:
            try:
                models[name] = load_pickle(file)["model"]
            except (pickle.UnpicklingError, EOFError, KeyError, TypeError):
                continue  # not a model: other files may lie in the same folder
    return models


def load_imagenet_val(num=None):
    """A few ImageNet validation images: X (n, 224, 224, 3), y (n,), class names {label: name}."""
    with np.load(_present(DATASETS / "imagenet_val_25.npz", "imagenet_val_25.npz"), allow_pickle=True) as file:
        return file["X"][:num], file["y"][:num], file["label_map"].item()


def _present(path, what):
    if not os.path.exists(path):
        raise FileNotFoundError(f"{what} is not here: {path} does not exist; data sets are not part of a grading run")
    return path
