"""imagecodecs as a decoder: RLE, JPEG of 12 bits and lossless, JPEG-LS, JPEG XL."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from returns.result import Failure, Result, Success

from dicom_series_preview.core.pixels.buffers import buffer
from dicom_series_preview.core.pixels.codec import Codec
from dicom_series_preview.core.pixels.stream_checks import rle_segments

if TYPE_CHECKING:
    from dicom_series_preview.core.pixels.finish import Raw
    from dicom_series_preview.core.pixels.recipe import Step

_SPARE = 4096
"""Bytes that an RLE segment may hold beyond its pixels."""


def is_installed() -> bool:
    """Whether imagecodecs can be imported."""
    return find_spec("imagecodecs") is not None


def decode(step: Step, frame: bytes) -> Result[Raw, str]:
    """(rows, columns) or (rows, columns, 3) samples of a frame, (segments, bytes) of an RLE one; else why not."""
    try:
        return Success(_decode(step, frame))
    except (RuntimeError, ValueError) as error:  # what imagecodecs says of a broken frame
        return Failure(_reason(error))


def _reason(error: Exception) -> str:
    words = str(error)
    if "OUTPUT_TOO_SMALL" in words:
        return "an RLE segment unpacks to more than a frame"
    if "INPUT_CORRUPT" in words:
        return "an RLE segment breaks off inside a run"
    return words or type(error).__name__


def _decode(step: Step, frame: bytes) -> Raw:
    from imagecodecs import jpeg8_decode, jpegls_decode, jpegxl_decode

    match step.codec:
        case Codec.RLE:
            return _unpacked(step, rle_segments(frame) or ())
        case Codec.JPEG_LS:
            return jpegls_decode(frame, out=_samples(step))
        case Codec.JPEG_XL:
            return jpegxl_decode(frame, index=0, keeporientation=True, numthreads=1)
        case _:
            # Naming one colour space twice makes libjpeg leave the samples as they are.
            same = None if step.fmt.samples_per_pixel == 1 else "rgb"
            return jpeg8_decode(frame, colorspace=same, outcolorspace=same, out=_samples(step))


def _samples(step: Step) -> Raw:
    """Room for what a stream says that it holds."""
    fmt = step.fmt
    precision = fmt.bits_stored if step.header is None else step.header.precision
    shape = (fmt.rows, fmt.columns, 3) if fmt.samples_per_pixel == 3 else (fmt.rows, fmt.columns)
    return buffer(shape, np.uint8 if precision <= 8 else np.uint16)


def _unpacked(step: Step, segments: tuple[bytes, ...]) -> Raw:
    """The segments side by side, as long as the shortest, and no longer than a plane."""
    from imagecodecs import packbits_decode

    pixels = step.fmt.rows * step.fmt.columns
    planes = np.empty((len(segments), pixels), np.uint8)
    shortest = pixels
    for plane, segment in zip(planes, segments, strict=True):
        values = np.frombuffer(packbits_decode(segment, out=pixels + _SPARE), np.uint8)[:pixels]
        plane[: len(values)] = values
        shortest = min(shortest, len(values))
    return planes[:, :shortest]
