"""One frame's bytes to stored pixel values, by whatever decoder its transfer syntax needs.

What comes out has not been through a modality LUT, a window or a palette: grey frames are the stored values,
colour frames are 8-bit RGB, PALETTE COLOR frames are indices.  The decoders are imported when they are first
needed: native frames need none.
"""

from __future__ import annotations

import zlib

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import Undecodable
from dicom_series_preview.core.header.image_pixel import PixelFormat, frame_length
from dicom_series_preview.core.pixels.samples import Samples, native_samples, stored_values, to_rgb
from dicom_series_preview.core.pixels.streams import (
    JPEG_2000_SYNTAXES,
    JPEG_BASELINE,
    LOSSY_SYNTAXES,
    SYNTAXES,
    JpegHeader,
    flaw,
    read_header,
)

ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"


def decode(
    fmt: PixelFormat,
    frame: bytes,
    *,
    place: str,
    bit_offset: int = 0,
    at_least: tuple[int, int] | None = None,
) -> Result[Samples, Undecodable]:
    """Decode one frame, given without item heads; `place` names its object in the refusal.

    Grey and palette frames come as (rows, columns) in the smallest usual container: integers of the pixels'
    sign without the bits around BitsStored, or floats; colour frames as (rows, columns, 3) uint8 RGB.  The
    array may be read-only.  `bit_offset` is where a native frame begins in its bytes.

    With `at_least`, in (rows, columns), JPEG 2000, HTJ2K and JPEG Baseline frames may come smaller, never below
    that, with values mixed from their neighbours: so not for labels, nor where padding has to be told apart.
    Palette indices are never mixed.
    """
    if not fmt.encapsulated or fmt.transfer_syntax in (ENCAPSULATED_UNCOMPRESSED, DEFLATED_FRAMES):
        return _native(fmt, frame, bit_offset, place)
    if fmt.transfer_syntax not in SYNTAXES:
        return Failure(_undecodable(fmt, place, "no decoder for this transfer syntax"))
    problem = flaw(fmt, frame)
    if problem is not None:
        return Failure(_undecodable(fmt, place, problem))
    samples = None if at_least is None else _reduced(fmt, frame, at_least)
    if samples is not None:
        return Success(samples)
    return _compressed(fmt, frame, place)


def _undecodable(fmt: PixelFormat, place: str, reason: str, hint: str = "") -> Undecodable:
    from dicom_series_preview.shell.dicom.codecs import describe_syntax

    return Undecodable(place, describe_syntax(fmt.transfer_syntax), reason, hint)


def _native(fmt: PixelFormat, frame: bytes, bit_offset: int, place: str) -> Result[Samples, Undecodable]:
    if fmt.transfer_syntax == DEFLATED_FRAMES:
        try:
            frame = zlib.decompressobj(-zlib.MAX_WBITS).decompress(frame, frame_length(fmt) + 1)
        except zlib.error as error:
            return Failure(_undecodable(fmt, place, f"the frame cannot be inflated ({error})"))
    samples = native_samples(fmt, frame, bit_offset)
    if samples is None:
        problem = f"the frame is cut short, {len(frame)} of {frame_length(fmt)} bytes are there"
        return Failure(_undecodable(fmt, place, problem))
    return Success(_finished(fmt, samples, fmt.photometric_interpretation, fmt.high_bit))


def _finished(
    fmt: PixelFormat, samples: Samples, photometric_interpretation: str, high_bit: int, clip: bool = False
) -> Samples:
    values = stored_values(samples, fmt.bits_stored, high_bit, clip=clip)
    return (
        to_rgb(values, photometric_interpretation, fmt.bits_stored) if fmt.samples_per_pixel == 3 else values
    )


def _from_stream(
    fmt: PixelFormat, samples: Samples, photometric_interpretation: str, precision: int
) -> Samples:
    """Stored values of a decoded stream: it has its own precision, and lossy ones overshoot BitsStored."""
    if fmt.samples_per_pixel == 3:
        return to_rgb(samples, photometric_interpretation, precision)
    # JPEG and JPEG-LS know no sign: there an overshoot cannot be told from a negative value.
    knows_sign = fmt.pixel_representation == 0 or fmt.transfer_syntax in JPEG_2000_SYNTAXES
    clip = knows_sign and fmt.transfer_syntax in LOSSY_SYNTAXES
    return stored_values(samples, fmt.bits_stored, fmt.bits_stored - 1, clip=clip)


def _reduced(fmt: PixelFormat, frame: bytes, at_least: tuple[int, int]) -> Samples | None:
    """A smaller picture where that is cheap and right, else None."""
    from dicom_series_preview.shell.dicom.pillow import decode_jpeg, decode_reduced_j2k

    header = read_header(fmt.transfer_syntax, frame)
    colours = fmt.photometric_interpretation
    if isinstance(header, JpegHeader):
        if fmt.transfer_syntax != JPEG_BASELINE or header.precision != 8 or colours == "PALETTE COLOR":
            return None
        try:
            return _from_stream(fmt, decode_jpeg(frame, header, colours, at_least), "RGB", 8)
        except (OSError, SyntaxError, ValueError):
            return None
    if header is None or colours not in ("MONOCHROME1", "MONOCHROME2", "RGB", "YBR_ICT", "YBR_RCT"):
        return None
    samples = decode_reduced_j2k(frame, header, fmt.pixel_representation == 1, at_least)
    return None if samples is None else _from_stream(fmt, samples, "RGB", header.precision)


def _compressed(fmt: PixelFormat, frame: bytes, place: str) -> Result[Samples, Undecodable]:
    from dicom_series_preview.shell.dicom.codecs import decode_stream, hint_for

    decoded = decode_stream(fmt, frame)
    if not is_successful(decoded):
        return Failure(_undecodable(fmt, place, decoded.failure(), hint_for(fmt.transfer_syntax)))
    samples, photometric = decoded.unwrap()
    header = read_header(fmt.transfer_syntax, frame)
    if header is None:
        return Success(_finished(fmt, samples, photometric, fmt.high_bit))
    return Success(_from_stream(fmt, samples, photometric, header.precision))
