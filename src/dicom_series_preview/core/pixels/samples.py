"""From raw samples to stored values (PS3.5 8.1, PS3.3 C.7.6.3.1): byte order, bits, sign, planes, colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve
from returns.result import Failure, Result, Success

from dicom_series_preview.core.header.image_pixel import (
    PixelFormat,
    frame_length,
    is_subsampled,
    is_word_swapped,
)
from dicom_series_preview.core.odd_pixels import BitsBeyond
from dicom_series_preview.core.pixels.decoding import Decoding, Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

# PS3.3 C.7.6.3.1.2 and ITU-R BT.601: what is taken off Y, its gain, and the gains of Cr in R, of Cb and Cr
# in G and of Cb in B.
_FULL_RANGE = (0.0, 1.0, 1.402, -0.344136, -0.714136, 1.772)
_PARTIAL_RANGE = (16.0, 255 / 219, 1.596027, -0.391762, -0.812968, 2.017232)

_AT_ONCE = 1 << 16
"""Pixels whose colours are computed at once: for each that takes fifty bytes."""


def finish_native(fmt: PixelFormat, frame: bytes, bit_offset: int) -> Result[Decoding, str]:
    """The stored values of a native frame, as those of `finished`.

    `bit_offset` is where the frame begins in its bytes.
    """
    samples = native_samples(evolve(fmt, encapsulated=False), frame, bit_offset)
    if samples is None:
        problem = f"the frame is cut short, {len(frame)} of {frame_length(fmt)} bytes are there"
        return Failure(problem)
    return Success(finished(fmt, samples))


def finished(fmt: PixelFormat, samples: Samples) -> Decoding:
    """The stored values of whole samples, (rows, columns); colour as (rows, columns, 3) uint8 RGB."""
    values = stored_values(samples, fmt.bits_stored, fmt.high_bit)
    odd = left_out(samples, values, fmt.bits_stored, fmt.high_bit)
    if fmt.samples_per_pixel == 3:
        return Decoding(to_rgb(values, fmt.photometric_interpretation, fmt.bits_stored), odd)
    return Decoding(values, odd)


def native_samples(fmt: PixelFormat, frame: bytes, bit_offset: int) -> Samples | None:
    """Read a native frame as (rows, columns) or (rows, columns, 3) samples; None if it is cut short.

    The samples fill their allocated bits: floats, or integers of the pixels' sign (1-bit ones as 0 and 1).
    `bit_offset` is where in `frame` the first bit of the first sample is.
    """
    count = fmt.rows * fmt.columns * fmt.samples_per_pixel
    if is_word_swapped(fmt):
        frame = np.frombuffer(frame[: len(frame) // 2 * 2], ">u2").astype("<u2").tobytes()
    subsampled = is_subsampled(fmt) and len(frame) * 8 < count * fmt.bits_allocated
    stored = count // 3 * 2 if subsampled else count
    if len(frame) * 8 < bit_offset + stored * fmt.bits_allocated:
        return None
    if fmt.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(frame, np.uint8), bitorder="little")
        return bits[bit_offset : bit_offset + count].reshape(fmt.rows, fmt.columns)
    samples = np.frombuffer(frame, _dtype(fmt), stored, bit_offset // 8)
    if not samples.dtype.isnative:
        samples = samples.astype(samples.dtype.newbyteorder("="))
    if subsampled:
        return _upsampled(samples).reshape(fmt.rows, fmt.columns, 3)
    if fmt.samples_per_pixel == 1:
        return samples.reshape(fmt.rows, fmt.columns)
    if fmt.planar_configuration == 1:
        return np.moveaxis(samples.reshape(3, fmt.rows, fmt.columns), 0, -1)
    return samples.reshape(fmt.rows, fmt.columns, 3)


def _dtype(fmt: PixelFormat) -> np.dtype[np.integer | np.floating]:
    order = ">" if fmt.big_endian else "<"
    kind = "f" if fmt.is_float else "i" if fmt.pixel_representation == 1 else "u"
    return np.dtype(f"{order}{kind}{fmt.bits_allocated // 8}")


def _upsampled(samples: Samples) -> Samples:
    """Y Y Cb Cr for every two pixels becomes Y Cb Cr for each (PS3.3 C.7.6.3.1.2)."""
    pairs = samples.reshape(-1, 4)
    chroma = np.repeat(pairs[:, 2:], 2, axis=0)
    return np.concatenate([pairs[:, :2].reshape(-1, 1), chroma], axis=1)


def stored_values(samples: Samples, bits_stored: int, high_bit: int, *, clip: bool = False) -> Samples:
    """Take the bits `high_bit` - `bits_stored` + 1 to `high_bit` of integers, the top one as sign if signed.

    With `clip`, values beyond that range are brought to its ends: a lossy decoder overshoots, and wrapping
    would turn white to black.
    """
    width = samples.dtype.itemsize * 8
    if bits_stored >= width or not np.issubdtype(samples.dtype, np.integer):
        return samples
    lowest = -(2 ** (bits_stored - 1)) if np.issubdtype(samples.dtype, np.signedinteger) else 0
    highest = lowest + 2**bits_stored - 1
    if (clip or high_bit == bits_stored - 1) and lowest <= samples.min() and samples.max() <= highest:
        return samples  # as nearly always: a copy would cost memory more than time
    if clip:
        return np.clip(samples, lowest, highest)
    shifted = np.left_shift(samples, width - 1 - high_bit)
    return np.right_shift(shifted, width - bits_stored, out=shifted)


def left_out(samples: Samples, values: Samples, bits_stored: int, high_bit: int) -> tuple[BitsBeyond, ...]:
    """Whether samples hold more than the stored `values` that were taken out of them.

    Above those, bits are zeros or repeat the sign (PS3.5 8.1.1); below, they are zeros.
    """
    if values is samples:
        return ()
    above = np.right_shift(np.right_shift(samples, high_bit), 1)  # a shift by all bits is none
    fits = (above == 0) | ((above == -1) & (values < 0))
    below = np.bitwise_and(samples, (1 << (high_bit + 1 - bits_stored)) - 1)
    return () if bool(fits.all()) and not bool(below.any()) else (BitsBeyond(bits_stored),)


def centred(samples: Samples, halvings: int) -> Samples:
    """Make each coarse sample of a wavelet show the middle of its square, not the corner; same shape and type.

    After n `halvings` the low-pass samples stand at every 2^n-th pixel (T.800 F.3), the first of those they
    replace, so that the picture would appear (1 - 2^-n)/2 samples too far to the right and below.  They are
    interpolated by cubics, and the last row and column repeated.
    """
    t = (1 - 0.5**halvings) / 2
    weights = (
        ((2 - t) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((4 - 3 * t) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    )
    moved = samples.astype(np.float32)
    for axis in (0, 1):
        around = [(1, 2) if axis == other else (0, 0) for other in range(samples.ndim)]
        padded = np.moveaxis(np.pad(moved, around, mode="edge"), axis, 0)
        count = samples.shape[axis]
        blended = sum(np.float32(weight) * padded[i : i + count] for i, weight in enumerate(weights))
        moved = np.moveaxis(np.asarray(blended), 0, axis)
    centred_samples: Samples = np.clip(np.rint(moved), samples.min(), samples.max()).astype(samples.dtype)
    return centred_samples


def of_eight_bits(samples: Samples, bits: int) -> NDArray[np.uint8]:
    """Samples of `bits` bits, 0 to 2**bits - 1, as such of 8 bits."""
    if bits == 8:
        return samples.astype(np.uint8, copy=False)
    eight: NDArray[np.uint8] = np.rint(samples * (255 / (2**bits - 1))).astype(np.uint8)
    return eight


def to_rgb(samples: Samples, photometric_interpretation: str, bits: int) -> NDArray[np.uint8]:
    """(rows, columns, 3) samples of `bits` bits as 8-bit RGB; YBR_ICT and YBR_RCT are RGB once decoded."""
    eight = of_eight_bits(samples, bits)
    match photometric_interpretation:
        case "YBR_FULL" | "YBR_FULL_422":
            return _ybr_to_rgb(eight, _FULL_RANGE)
        case "YBR_PARTIAL_422" | "YBR_PARTIAL_420":
            return _ybr_to_rgb(eight, _PARTIAL_RANGE)
        case _:
            return eight


def _ybr_to_rgb(
    ybr: NDArray[np.uint8], gains: tuple[float, float, float, float, float, float]
) -> NDArray[np.uint8]:
    black, luma, red, green_blue, green_red, blue = (np.float32(gain) for gain in gains)
    flat = ybr.reshape(-1, 3)
    rgb = np.empty(flat.shape, np.uint8)
    for start in range(0, len(flat), _AT_ONCE):
        part = flat[start : start + _AT_ONCE].astype(np.float32)
        y, cb, cr = (part[:, 0] - black) * luma, part[:, 1] - np.float32(128), part[:, 2] - np.float32(128)
        for channel, values in enumerate((y + red * cr, y + green_blue * cb + green_red * cr, y + blue * cb)):
            rgb[start : start + _AT_ONCE, channel] = np.clip(np.rint(values), 0, 255)
    return rgb.reshape(ybr.shape)
