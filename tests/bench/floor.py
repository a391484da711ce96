"""The floor: what a preview costs when all is known beforehand.

It is told the files, their order and the window, and does nothing but import, read, decode, window, shrink,
tile and encode:  python floor.py OUTPUT CENTER WIDTH FILE...
"""

import sys

import numpy as np
import pydicom
from PIL import Image

output, center, width, *files = sys.argv[1:]
low, span = float(center) - float(width) / 2, float(width)
side = 6
canvas = Image.new("L", (side * 128, side * 128))
for place, file in enumerate(files):
    dataset = pydicom.dcmread(file)
    values = dataset.pixel_array.astype(np.float32) * np.float32(dataset.RescaleSlope) + np.float32(
        dataset.RescaleIntercept
    )
    grey = (((values - low) / span).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    tile = Image.fromarray(grey).resize((128, 128), Image.Resampling.LANCZOS)
    canvas.paste(tile, (place % side * 128, place // side * 128))
canvas.save(output, quality=25)
