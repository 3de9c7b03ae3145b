"""Image data sets in their real file formats, where a course has them, and scikit-learn's digits. Trusted side only."""

from __future__ import annotations

from grader.datasets.error import DatasetError
from grader.datasets.images import load_image_set, load_images

__all__ = ["DatasetError", "load_image_set", "load_images"]
