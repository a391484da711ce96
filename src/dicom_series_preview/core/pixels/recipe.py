"""How a frame is to be decoded, as data: which library is asked, with which options, and who is asked next.

The bytes win over the name of the transfer syntax: a frame that begins with the mark of another codec is given
to that one.  What decoders would be silent about (frames cut short, sizes that are not the header's) is
refused here, before they see it.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeAlias

from attrs import evolve, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.header.image_pixel import (
    CHROMINANCE,
    NATIVE_SYNTAXES,
    PixelFormat,
    fits_native,
    frame_length,
)
from dicom_series_preview.core.header.transfer_syntax import describe_syntax
from dicom_series_preview.core.odd_pixels import OtherCodec, OtherColours, OtherPrecision, OtherSign
from dicom_series_preview.core.pixels.codec import CODECS, JPEG_BASELINE, Codec
from dicom_series_preview.core.pixels.stream_checks import (
    Header,
    J2kHeader,
    JpegHeader,
    flaw,
    read_header,
    sniff,
)


class Library(Enum):
    """Who decodes; the value is the module to import."""

    PILLOW = "PIL"
    IMAGECODECS = "imagecodecs"
    OPENJPEG = "openjpeg"
    GDCM = "gdcm"


@frozen
class Step:
    """One try at a frame: what a library is told."""

    library: Library
    codec: Codec
    fmt: PixelFormat
    header: Header | None
    """The stream's own, for the JPEG and JPEG 2000 families."""
    halvings: int = 0
    """How often the picture's size is halved, rounding up."""
    keep_colours: bool = False
    """Whether an 8-bit JPEG's three components stay as they are stored; else they come out as RGB."""


@frozen
class Native:
    """The bytes are the samples, or will be once they are inflated."""

    deflated: bool = False


_Contradicted: TypeAlias = OtherSign | OtherColours | OtherPrecision


@frozen
class Coded:
    """A compressed frame: the steps are tried one after another until one gives a picture."""

    steps: tuple[Step, ...]
    odd: tuple[OtherCodec | _Contradicted, ...] = ()


Recipe: TypeAlias = Native | Coded

HINTS: Final = {
    Library.GDCM: 'A second decoder may manage: pip install "dicom-series-preview[gdcm]".',
    Library.IMAGECODECS: "It needs the package imagecodecs.",
    Library.OPENJPEG: "It needs the package pylibjpeg-openjpeg.",
    Library.PILLOW: "It needs the package pillow.",
}
"""What to say where a library is not installed."""

_GDCM_SYNTAXES: Final = frozenset(
    f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81, 90, 91)
)
_REDUCIBLE_JPEG: Final = 3
"""Halvings that the inverse cosine transform of an 8 x 8 block allows."""


def recipe(fmt: PixelFormat, frame: bytes, at_least: tuple[int, int] | None = None) -> Result[Recipe, str]:
    """Decide how a frame, given without item heads, is decoded; in words, why it cannot be.

    With `at_least`, in (rows, columns), JPEG 2000 and JPEG Baseline frames come smaller, never below that.
    """
    if not fmt.encapsulated:
        return Success(Native())
    said = Codec.NONE if fmt.transfer_syntax in NATIVE_SYNTAXES else CODECS.get(fmt.transfer_syntax)
    if said is Codec.NONE and fits_native(fmt, len(frame), 1):
        return Success(Native())
    found = sniff(fmt, frame) or said
    if found is None:
        return Failure("no decoder for this transfer syntax")
    if found is Codec.NONE:
        needed = frame_length(fmt)
        return Failure(f"the frame is neither compressed nor native: it has {len(frame)} bytes, not {needed}")
    if found is Codec.DEFLATE:
        return Success(Native(deflated=True))
    problem = flaw(found, fmt, frame)
    if problem is not None:
        return Failure(problem)
    header = read_header(found, frame)
    other = () if found is said else (OtherCodec(found.value, describe_syntax(fmt.transfer_syntax)),)
    odd = (*other, *_contradicted(fmt, header))
    return Success(Coded(_steps(fmt, frame, found, header, at_least), odd))


def _contradicted(fmt: PixelFormat, header: Header | None) -> tuple[_Contradicted, ...]:
    """What a stream says otherwise than the header, which is believed.

    Without loss, fewer bits than BitsStored may be all that there are.
    """
    if isinstance(header, JpegHeader):
        lossy = not header.lossless and header.precision < fmt.bits_stored
        return (OtherPrecision(header.precision, fmt.bits_stored),) if lossy else ()
    if header is None:
        return ()
    colours = fmt.photometric_interpretation
    signed = header.signed and fmt.pixel_representation == 0
    transformed = header.transformed and fmt.samples_per_pixel == 3 and colours in CHROMINANCE
    return (*([OtherSign()] if signed else []), *([OtherColours(colours)] if transformed else []))


def _steps(
    fmt: PixelFormat, frame: bytes, codec: Codec, header: Header | None, at_least: tuple[int, int] | None
) -> tuple[Step, ...]:
    whole = Step(_library(codec, header), codec, fmt, header)
    if isinstance(header, JpegHeader) and whole.library is Library.PILLOW:
        # Without a word on colour libjpeg takes three components for YCbCr.
        whole = evolve(
            whole, keep_colours=fmt.photometric_interpretation == "RGB" and not header.names_colours
        )
    halvings = 0 if at_least is None else _halvings(fmt, frame, whole, at_least)
    smaller = (evolve(whole, library=Library.PILLOW, halvings=halvings),) if halvings else ()
    second = (evolve(whole, library=Library.GDCM),) if _gdcm_may_know(fmt, codec, header) else ()
    return (*smaller, whole, *second)


def _gdcm_may_know(fmt: PixelFormat, codec: Codec, header: Header | None) -> bool:
    """Whether GDCM, which goes by the syntax's name, decodes such frames: not 12-bit JPEG, nor JPEG-LS below 8."""
    if CODECS.get(fmt.transfer_syntax) is not codec or fmt.transfer_syntax not in _GDCM_SYNTAXES:
        return False
    if header is None or (codec is Codec.JPEG and header.precision > 8):
        return False
    return codec is not Codec.JPEG_LS or header.precision >= 8


def _library(codec: Codec, header: Header | None) -> Library:
    """The library that was measured to be right for a codec: Pillow for JPEG of 8 bits."""
    if codec is Codec.JPEG_2000:
        return Library.OPENJPEG
    if codec is Codec.JPEG and header is not None and header.precision == 8:
        return Library.PILLOW
    return Library.IMAGECODECS


def _halvings(fmt: PixelFormat, frame: bytes, whole: Step, at_least: tuple[int, int]) -> int:
    """How often Pillow halves the size of this frame, where that is cheap and right.

    Palette indices are never mixed.  JPEG 2000 is reduced where Pillow's samples are known: a bare stream with
    the sign that the header gives the pixels, at most 16 bits, colour of 8.
    """
    header, colours = whole.header, fmt.photometric_interpretation
    if isinstance(header, JpegHeader):
        if whole.library is not Library.PILLOW or fmt.transfer_syntax != JPEG_BASELINE:
            return 0
        if colours == "PALETTE COLOR":
            return 0
        # The last block of a row or column may be cut: it counts only as far as it goes.
        return _most_halvings((header.rows, header.columns), at_least, _REDUCIBLE_JPEG, up=False)
    if not isinstance(header, J2kHeader):
        return 0
    if colours not in ("MONOCHROME1", "MONOCHROME2", "RGB", "YBR_ICT", "YBR_RCT"):
        return 0
    signed = fmt.pixel_representation == 1
    if frame[:2] != b"\xff\x4f" or header.signed != signed or header.precision > 16:
        return 0
    if header.components == 3 and (header.precision != 8 or signed):
        return 0
    return _most_halvings((header.rows, header.columns), at_least, header.levels, up=True)


def _most_halvings(size: tuple[int, int], at_least: tuple[int, int], most: int, *, up: bool) -> int:
    """How often, up to `most`, a (rows, columns) size can be halved, rounding up or down, and stay `at_least`.

    >>> _most_halvings((512, 500), (128, 128), 5, up=True), _most_halvings((9, 9), (5, 5), 5, up=True)
    (1, 1)
    """
    count = 0
    while count < most and all(
        (side + (2 << count) - 1 if up else side) // (2 << count) >= least
        for side, least in zip(size, at_least, strict=True)
    ):
        count += 1
    return count
