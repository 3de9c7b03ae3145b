"""Importable stubs: the captioning data belong to a later assignment."""

from __future__ import annotations

_MESSAGE = "the COCO captions are not part of assignment 2; this environment carries a stub only"


def load_coco_data(base_dir=None, max_train=None, pca_features=True):
    """Not available here."""
    raise NotImplementedError(_MESSAGE)


def decode_captions(captions, idx_to_word):
    """Not available here."""
    raise NotImplementedError(_MESSAGE)


def sample_coco_minibatch(data, batch_size=100, split="train"):
    """Not available here."""
    raise NotImplementedError(_MESSAGE)
