"""Pillow: canvas -> WebP, JPEG or PNG."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image

from dicom_series_preview.core.ask.formats import JPEG, PNG, WEBP, Encoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FULL_COLOUR: Final = 90
"""From this JPEG quality on colours keep their full resolution (4:4:4); below, every four pixels share them."""

_EFFORT: Final = 50
"""How hard the lossless WebP encoder tries, 0 to 100."""


def encode(canvas: NDArray[np.uint8], encoder: Encoder, quality: int, *, lossless: bool = False) -> bytes:
    """Encode a (height, width) grey or (height, width, 3) RGB canvas, no side longer than the encoder's limit.

    `quality` is 0 to 100; PNG, which is always lossless, has none.  `lossless` is WebP's other kind.
    """
    image = Image.fromarray(canvas)
    if encoder is JPEG:
        return _jpeg(image, quality)
    if encoder is PNG:
        return _saved(image, PNG)
    return _lossless_webp(image) if lossless else _webp(image, quality)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    options = {"quality": quality}
    if image.mode == "RGB" and quality >= FULL_COLOUR:
        options["subsampling"] = 0
    try:
        return _saved(image, JPEG, optimize=True, **options)
    except OSError:
        # Pillow sets aside a byte or two a pixel for an optimized picture, which one of noise outgrows.
        return _saved(image, JPEG, **options)


def _webp(image: Image.Image, quality: int) -> bytes:
    # method 2 is the best size for its time: 0 is half as large again, 4 and 6 cost twice as long for 5 %.
    try:
        return _saved(image, WEBP, quality=quality, method=2)
    except ValueError:
        # Of very large pictures what method 2 finds out overflows WebP's first partition (512 KB).
        return _saved(image, WEBP, quality=quality, method=0)


def _lossless_webp(image: Image.Image) -> bytes:
    return _saved(image, WEBP, lossless=True, quality=_EFFORT, method=2)


class _File(BytesIO):
    """A file in memory, with a name: Pillow loads the one format that its extension tells, and not all others."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def _saved(image: Image.Image, encoder: Encoder, **options: int) -> bytes:
    file = _File(f"canvas.{encoder.name.lower()}")
    image.save(file, None, **options)
    return file.getvalue()
