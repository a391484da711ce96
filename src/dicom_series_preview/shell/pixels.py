"""One frame's bytes to stored pixel values, by whatever decoder its transfer syntax needs.

What comes out has not been through a modality LUT, a window or a palette: grey frames are the stored values,
colour frames are 8-bit RGB, PALETTE COLOR frames are indices.
"""

from __future__ import annotations

import zlib
from typing import Any

from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID
from returns.result import Failure, Result, Success

from dicom_series_preview.core.codestream import (
    JPEG_2000_SYNTAXES,
    JPEG_BASELINE,
    LOSSY_SYNTAXES,
    Header,
    JpegHeader,
    flaw,
    read_header,
)
from dicom_series_preview.core.pixelformat import PixelFormat, frame_length
from dicom_series_preview.core.samples import Pixels, native_samples, stored_values, to_rgb

from .codecs import PLUGIN, SYNTAXES, register
from .faults import Undecodable
from .jpeg import decode_jpeg, decode_reduced_j2k

ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"

GDCM = "gdcm"
_INSTALL_GDCM = 'A second decoder may manage: pip install "dicom-series-preview[gdcm]".'

register()


def decode(
    fmt: PixelFormat,
    frame: bytes,
    *,
    place: str,
    bit_offset: int = 0,
    at_least: tuple[int, int] | None = None,
) -> Result[Pixels, Undecodable]:
    """Decode one frame, given without item heads; `place` names its object in the refusal.

    Grey and palette frames come as (rows, columns) in the smallest usual container: integers of the pixels'
    sign without the bits around BitsStored, or floats; colour frames as (rows, columns, 3) uint8 RGB.  The
    array may be read-only.  `bit_offset` is where a native frame begins in its bytes.

    With `at_least`, in (rows, columns), JPEG 2000, HTJ2K and 8-bit JPEG frames may come smaller, never below
    that: the mean of what lies under a pixel, so not for labels or padding; palettes are always whole.
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
    uid = UID(fmt.transfer_syntax)
    name = f"{uid.name}, {uid}" if uid.is_transfer_syntax and uid.name != uid else f"transfer syntax {uid}"
    return Undecodable(place, name, reason, hint)


def _native(fmt: PixelFormat, frame: bytes, bit_offset: int, place: str) -> Result[Pixels, Undecodable]:
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
    fmt: PixelFormat, samples: Pixels, photometric_interpretation: str, high_bit: int, clip: bool = False
) -> Pixels:
    values = stored_values(samples, fmt.bits_stored, high_bit, clip=clip)
    return (
        to_rgb(values, photometric_interpretation, fmt.bits_stored) if fmt.samples_per_pixel == 3 else values
    )


def _from_stream(
    fmt: PixelFormat, samples: Pixels, photometric_interpretation: str, precision: int
) -> Pixels:
    """Stored values of a decoded stream: it has its own precision, and lossy ones overshoot BitsStored."""
    if fmt.samples_per_pixel == 3:
        return to_rgb(samples, photometric_interpretation, precision)
    # JPEG and JPEG-LS know no sign: there an overshoot cannot be told from a negative value.
    knows_sign = fmt.pixel_representation == 0 or fmt.transfer_syntax in JPEG_2000_SYNTAXES
    clip = knows_sign and fmt.transfer_syntax in LOSSY_SYNTAXES
    return stored_values(samples, fmt.bits_stored, fmt.bits_stored - 1, clip=clip)


def _reduced(fmt: PixelFormat, frame: bytes, at_least: tuple[int, int]) -> Pixels | None:
    """A smaller picture where that is cheap and right, else None."""
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


def _compressed(fmt: PixelFormat, frame: bytes, place: str) -> Result[Pixels, Undecodable]:
    """Decode with our plugin, else with GDCM where it is installed and knows the syntax."""
    decoder = get_decoder(fmt.transfer_syntax)
    header = read_header(fmt.transfer_syntax, frame)
    reasons: list[str] = []
    for plugin in (PLUGIN, *(name for name in decoder.available_plugins if name == GDCM)):
        try:
            samples, told = decoder.as_array(
                encapsulate([frame], has_bot=False),
                index=0,
                raw=True,
                validate=False,
                decoding_plugin=plugin,
                **_options(fmt, header),
            )
        except (RuntimeError, ValueError) as error:
            reasons.append(_reason(error) if plugin == PLUGIN else "GDCM cannot decode it either")
            continue
        photometric = str(told["photometric_interpretation"])
        if header is None:
            return Success(_finished(fmt, samples, photometric, fmt.high_bit))
        return Success(_from_stream(fmt, samples, photometric, header.precision))
    missing = any(name.startswith(GDCM) for name in decoder.missing_dependencies)
    return Failure(_undecodable(fmt, place, "; ".join(reasons), _INSTALL_GDCM if missing else ""))


def _reason(error: Exception) -> str:
    """A decoder's own words, without pydicom's frame around them."""
    return str(error).splitlines()[-1].strip().removeprefix(f"{PLUGIN}: ").rstrip(".")


def _options(fmt: PixelFormat, header: Header | None) -> dict[str, Any]:
    """What pydicom has to know of a frame; the container has room for what the stream holds."""
    needed = 8 if header is None or header.precision <= 8 else 16 if header.precision <= 16 else 32
    return {
        "rows": fmt.rows,
        "columns": fmt.columns,
        "samples_per_pixel": fmt.samples_per_pixel,
        "photometric_interpretation": fmt.photometric_interpretation,
        "bits_allocated": max(fmt.bits_allocated, needed),
        "bits_stored": fmt.bits_stored,
        "pixel_representation": fmt.pixel_representation,
        "planar_configuration": fmt.planar_configuration,
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
        "correct_unused_bits": False,
    }
