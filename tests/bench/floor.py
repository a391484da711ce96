"""The floor: what a preview costs when all is known beforehand.

It is told the files, their order and the window, and does nothing but import, read, decode, window, shrink,
tile and encode:  python floor.py OUTPUT CENTER WIDTH FILE...
"""

import sys
from collections.abc import Sequence

import numpy as np
import pydicom
from PIL import Image


def show(output: str, center: float, width: float, files: Sequence[str]) -> None:
    """Write a mosaic of 6 x 6 files through one window."""
    low, side = center - width / 2, 6
    canvas = Image.new("L", (side * 128, side * 128))
    for place, file in enumerate(files):
        dataset = pydicom.dcmread(file)
        values = dataset.pixel_array.astype(np.float32) * np.float32(dataset.RescaleSlope) + np.float32(
            dataset.RescaleIntercept
        )
        grey = (((values - low) / width).clip(0, 1) * 255 + 0.5).astype(np.uint8)
        tile = Image.fromarray(grey).resize((128, 128), Image.Resampling.LANCZOS)
        canvas.paste(tile, (place % side * 128, place // side * 128))
    canvas.save(output, quality=25)


if __name__ == "__main__":
    show(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
