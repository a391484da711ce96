"""Pillow: resize one picture to its tile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray


def resize(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Resize (rows, columns) grey or (rows, columns, 3) RGB to `width` x `height` px, antialiased.

    Shrinking weighs areas (Lanczos over the whole footprint of a pixel, after an exact box reduction that
    leaves at least twice the target), so that thin bright lines do not vanish.
    """
    if picture.shape[:2] == (height, width):
        return picture
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0))
