"""Conversion of pixels."""

import numpy as np


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Convert floats in [-1, 1], of any shape, to uint8; clip others, leave uint8 unchanged."""
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    return np.clip(np.rint((images.astype("float64") + 1.0) * 127.5), 0, 255).astype("uint8")
