"""Pillow: canvas -> WebP or JPEG."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, WebPImagePlugin
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.formats import JPEG, WEBP, Encoder
from dicom_series_preview.core.ask.preview import Output
from dicom_series_preview.core.faults.request import CanvasTooLarge

# Pillow finds a format that is already loaded without loading its forty others.
_FORMATS = {WEBP: WebPImagePlugin.WebPImageFile.format, JPEG: JpegImagePlugin.JpegImageFile.format}


_LONGEST_JPEG: Final = 65500
"""The longest side in px that libjpeg writes, although the format has room for 65535 (ITU-T T.81 B.2.2)."""


def encode(canvas: NDArray[np.uint8], output: Output) -> Result[bytes, CanvasTooLarge]:
    """Encode a (height, width) grey or (height, width, 3) RGB canvas."""
    height, width = canvas.shape[:2]
    if output.encoder is JPEG and max(width, height) > _LONGEST_JPEG:
        return Failure(CanvasTooLarge(width, height, output.encoder.name, _LONGEST_JPEG))
    image = Image.fromarray(canvas)
    if output.encoder is WEBP:
        # method 2 is the best size for its time: 0 is half as large again, 4 and 6 cost twice as long for 5 %.
        try:
            return Success(_saved(image, WEBP, quality=output.quality, method=2))
        except ValueError:
            # Of very large pictures what method 2 finds out overflows WebP's first partition (512 KB).
            return Success(_saved(image, WEBP, quality=output.quality, method=0))
    return Success(_saved(image, JPEG, quality=output.quality, optimize=True))


def _saved(image: Image.Image, encoder: Encoder, **options: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, _FORMATS[encoder], **options)
    return buffer.getvalue()
