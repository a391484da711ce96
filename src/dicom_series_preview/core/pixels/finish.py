"""From what a decoder gives to stored values: shape, sign, bits and planes (PS3.3 C.7.6.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from returns.result import Failure, Result, Success

from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.pixels.codec import LOSSY_SYNTAXES, Codec
from dicom_series_preview.core.pixels.decoding import Decoding, Samples
from dicom_series_preview.core.pixels.recipe import Library, Step
from dicom_series_preview.core.pixels.samples import (
    centred,
    finished,
    left_out,
    of_eight_bits,
    stored_values,
    to_rgb,
)
from dicom_series_preview.core.pixels.stream_checks import J2kHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

Raw: TypeAlias = "NDArray[np.integer]"
"""Integers as a decoder gives them."""


def finish(step: Step, decoded: Raw) -> Result[Decoding, str]:
    """The stored values of a compressed frame, from the integers that a step's decoder has made of it.

    `decoded` is (segments, bytes) for RLE, else (rows, columns) or (rows, columns, 3) samples as the stream holds
    them.  Grey and palette frames come as (rows, columns) with the pixels' sign and without the bits around
    BitsStored; colour frames as (rows, columns, 3) uint8 RGB.
    """
    fmt = step.fmt
    if step.codec is Codec.RLE:
        return _from_planes(fmt, decoded).map(lambda samples: finished(fmt, samples))
    rows, columns = (-(-side // (1 << step.halvings)) for side in (fmt.rows, fmt.columns))
    expected = (rows, columns, 3) if fmt.samples_per_pixel == 3 else (rows, columns)
    if decoded.shape != expected:
        found, right = (" x ".join(map(str, shape)) for shape in (decoded.shape, expected))
        return Failure(f"the decoder made {found} samples of it, not {right}")
    if step.halvings and isinstance(step.header, J2kHeader):
        return _from_pillow(step.header, step.halvings, decoded).map(
            lambda samples: _from_stream(step, samples)
        )
    return Success(_from_stream(step, decoded))


def _from_stream(step: Step, decoded: Samples) -> Decoding:
    """Stored values of a decoded stream: it has its own precision, and lossy ones overshoot BitsStored."""
    fmt = step.fmt
    samples = decoded.view(f"{'i' if fmt.pixel_representation == 1 else 'u'}{decoded.dtype.itemsize}")
    if fmt.samples_per_pixel == 3:
        bits = fmt.bits_stored if step.header is None else step.header.precision
        if step.library is Library.PILLOW or step.codec is Codec.JPEG_XL:  # they give RGB
            return Decoding(of_eight_bits(samples, bits))
        return Decoding(to_rgb(samples, fmt.photometric_interpretation, bits))
    # Where a stream has another sign than the header, an overshoot cannot be told from a negative value.
    stream_signed = isinstance(step.header, J2kHeader) and step.header.signed  # JPEG and JPEG-LS know no sign
    pixels_signed = fmt.pixel_representation == 1
    lossy = fmt.transfer_syntax in LOSSY_SYNTAXES or step.codec is Codec.JPEG
    clip = lossy and stream_signed == pixels_signed
    values = stored_values(samples, fmt.bits_stored, fmt.bits_stored - 1, clip=clip)
    # Neither an overshoot nor the sign of what has none is a value that does not fit.
    fit = clip or (stream_signed and not pixels_signed)
    return Decoding(values, () if fit else left_out(samples, values, fmt.bits_stored, fmt.bits_stored - 1))


def _from_planes(fmt: PixelFormat, planes: Raw) -> Result[Samples, str]:
    """RLE segments (PS3.5 G.2), one in a row: a plane for each byte of each sample, the highest byte first.

    1-bit frames hold a byte for each pixel, in some files one for eight.
    """
    pixels, length = fmt.rows * fmt.columns, planes.shape[1]
    if fmt.bits_stored == 1 and len(planes) == 1 and pixels > length >= -(-pixels // 8):
        planes = np.unpackbits(planes.astype(np.uint8), axis=1, count=pixels, bitorder="little")
    elif length < pixels:
        return Failure(f"an RLE segment ends after {length} of {pixels} bytes")
    width = max(1, fmt.bits_allocated // 8)
    bytes_up = planes.reshape(fmt.samples_per_pixel, width, pixels)[:, ::-1]
    cells = np.ascontiguousarray(np.moveaxis(bytes_up, -1, 0))
    kind = "i" if fmt.pixel_representation == 1 and fmt.bits_stored > 1 else "u"
    samples = cells.view(f"<{kind}{width}")
    shape = (fmt.rows, fmt.columns)
    return Success(samples.reshape(*shape, 3) if fmt.samples_per_pixel == 3 else samples.reshape(shape))


def _from_pillow(header: J2kHeader, halvings: int, samples: Raw) -> Result[Samples, str]:
    """Reduced JPEG 2000 samples with the stream's precision and sign, each in the middle of its square.

    Pillow fills the container from the top, and lifts signed samples by half its range.
    """
    depth = 8 if header.precision <= 8 else 16
    if samples.dtype != np.dtype(f"u{depth // 8}"):
        return Failure(f"Pillow made {samples.dtype} of {header.precision} bits")
    if samples.ndim == 2 and header.signed:
        samples = (samples ^ samples.dtype.type(1 << (depth - 1))).view(f"i{depth // 8}")
    return Success(centred(samples >> (depth - header.precision), halvings))
