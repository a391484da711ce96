"""Pillow as a decoder: 8-bit JPEG, and JPEG and JPEG 2000 at a fraction of their size."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from dicom_series_preview.core.pixels.samples import Samples, centred
from dicom_series_preview.core.pixels.streams import J2kHeader, JpegHeader

# Pillow refuses large images to guard against small files that unpack to much; here the size was compared
# with the DICOM header, and the DICOM header with a limit, before.
Image.MAX_IMAGE_PIXELS = None


def decode_jpeg(
    frame: bytes,
    header: JpegHeader,
    photometric_interpretation: str,
    at_least: tuple[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Decode an 8-bit JPEG to (rows, columns) grey or (rows, columns, 3) RGB.

    Where the stream itself does not say what its colours are, `photometric_interpretation` does.  With
    `at_least` (rows, columns), to a half, quarter or eighth of the size that is not smaller than that; the
    inverse cosine transform does it.  Raises OSError, SyntaxError or ValueError if the frame is broken.
    """
    try:
        image = Image.open(BytesIO(frame), formats=("JPEG",))
    except UnidentifiedImageError as error:
        raise ValueError("not a JPEG frame that Pillow knows") from error
    if image.mode not in ("L", "RGB"):
        raise ValueError(f"JPEG with {header.components} components")
    # Without a word on colour libjpeg takes three components for YCbCr; asking for YCbCr leaves them alone.
    as_they_are = photometric_interpretation == "RGB" and not header.names_colours
    mode = "L" if image.mode == "L" else "YCbCr" if as_they_are else "RGB"
    rows, columns = at_least or (header.rows, header.columns)
    image.draft(mode, (columns, rows))
    return np.asarray(image)


def halvings(size: tuple[int, int], at_least: tuple[int, int], most: int) -> int:
    """How often, up to `most`, a (rows, columns) size can be halved, rounding up, and stay `at_least` that.

    >>> halvings((512, 500), (128, 128), 5), halvings((512, 500), (128, 125), 5), halvings((9, 9), (8, 8), 5)
    (1, 2, 0)
    """
    count = 0
    while count < most and all(
        -(-side // 2 ** (count + 1)) >= least for side, least in zip(size, at_least, strict=True)
    ):
        count += 1
    return count


def decode_reduced_j2k(
    frame: bytes, header: J2kHeader, signed: bool, at_least: tuple[int, int]
) -> Samples | None:
    """Decode JPEG 2000 at its lowest resolution that is not smaller than `at_least` (rows, columns).

    (rows, columns) samples of the stream's precision and sign, or (rows, columns, 3) uint8 RGB; None where
    that would be the whole frame, is not known to be right, or Pillow cannot: decode it whole then.
    """
    reduce = halvings((header.rows, header.columns), at_least, header.levels)
    depth = 8 if header.precision <= 8 else 16
    plain = frame[:2] == b"\xff\x4f" and header.signed == signed and header.precision <= depth
    if reduce == 0 or not plain or (header.components == 3 and (header.precision != 8 or signed)):
        return None
    try:
        image = Image.open(BytesIO(frame), formats=("JPEG2000",))
        image.reduce = reduce  # type: ignore[assignment,method-assign]
        samples = np.asarray(image)
    except (OSError, ValueError, SyntaxError):
        return None
    if image.mode == "RGB":
        return centred(samples, reduce)
    if image.mode != {8: "L", 16: "I;16"}[depth]:
        return None
    # Pillow fills the container from the top, and lifts signed samples by half its range.
    samples = samples.astype(np.uint8 if depth == 8 else np.uint16)
    if signed:
        samples = (samples ^ samples.dtype.type(1 << (depth - 1))).view(f"i{depth // 8}")
    return centred(samples >> (depth - header.precision), reduce)
