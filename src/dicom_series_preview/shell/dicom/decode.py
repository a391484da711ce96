"""One frame's bytes to stored values: a recipe of the core, carried out by the libraries it names.

What comes out has not been through a modality LUT, a window or a palette: grey frames are the stored values,
colour frames are 8-bit RGB, PALETTE COLOR frames are indices.  A library is imported when it is first
needed: native frames need none.
"""

from __future__ import annotations

import zlib
from functools import partial
from typing import TYPE_CHECKING, Protocol, assert_never

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import Undecodable
from dicom_series_preview.core.header.image_pixel import PixelFormat, frame_length
from dicom_series_preview.core.header.transfer_syntax import describe_syntax
from dicom_series_preview.core.pixels.decoding import Decoding
from dicom_series_preview.core.pixels.finish import finish
from dicom_series_preview.core.pixels.recipe import HINTS, Coded, Library, Native, Step, recipe
from dicom_series_preview.core.pixels.samples import finish_native

if TYPE_CHECKING:
    from dicom_series_preview.core.pixels.finish import Raw


class Decoder(Protocol):
    """What each module `codec_…` of this folder offers."""

    def is_installed(self) -> bool:
        """Whether the library is there."""

    def decode(self, step: Step, frame: bytes) -> Result[Raw, str]:
        """The samples of a frame as the library gives them; in words, why there are none."""


def decode(
    fmt: PixelFormat,
    frame: bytes,
    *,
    place: str,
    bit_offset: int = 0,
    at_least: tuple[int, int] | None = None,
) -> Result[Decoding, Undecodable]:
    """Decode one frame, given without item heads; `place` names its object in the refusal.

    Grey and palette frames come as (rows, columns) in the smallest usual container: integers of the pixels'
    sign without the bits around BitsStored, or floats; colour frames as (rows, columns, 3) uint8 RGB.
    `bit_offset` is where a native frame begins in its bytes.

    With `at_least`, in (rows, columns), JPEG 2000, HTJ2K and JPEG Baseline frames may come smaller, never below
    that, with values mixed from their neighbours: so not for labels, nor where padding has to be told apart.
    Palette indices are never mixed.
    """
    planned = recipe(fmt, frame, at_least)
    if not is_successful(planned):
        return Failure(_undecodable(fmt, place, planned.failure()))
    match planned.unwrap():
        case Native(deflated=deflated):
            whole = _inflated(fmt, frame) if deflated else Success(frame)
            return whole.bind(lambda data: finish_native(fmt, data, bit_offset)).alt(
                lambda reason: _undecodable(fmt, place, reason)
            )
        case Coded(steps=steps, odd=odd):
            return _coded(fmt, frame, steps, place).map(lambda made: Decoding(made.values, (*odd, *made.odd)))
        case _ as never:
            assert_never(never)


def _undecodable(fmt: PixelFormat, place: str, reason: str, hint: str = "") -> Undecodable:
    return Undecodable(place, describe_syntax(fmt.transfer_syntax), reason, hint)


def _inflated(fmt: PixelFormat, frame: bytes) -> Result[bytes, str]:
    try:
        inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(frame, frame_length(fmt) + 1)
    except zlib.error as error:
        return Failure(f"the frame cannot be inflated ({error})")
    return Success(inflated)


def _coded(
    fmt: PixelFormat, frame: bytes, steps: tuple[Step, ...], place: str
) -> Result[Decoding, Undecodable]:
    """Try one step after another; the refusal tells of the first whole one, and of what might help."""
    reasons: list[str] = []
    hints: list[str] = []
    for step in steps:
        decoder = _decoder(step.library)
        if not decoder.is_installed():
            hints.append(HINTS[step.library])
            continue
        made = decoder.decode(step, frame).bind(partial(finish, step))
        if is_successful(made):
            return Success(made.unwrap())
        if not step.halvings:
            reasons.append(made.failure().strip().removesuffix("."))
    return Failure(_undecodable(fmt, place, "; ".join(reasons) or "no decoder is installed", " ".join(hints)))


def _decoder(library: Library) -> Decoder:
    match library:
        case Library.PILLOW:
            from dicom_series_preview.shell.dicom import codec_pillow

            return codec_pillow
        case Library.IMAGECODECS:
            from dicom_series_preview.shell.dicom import codec_imagecodecs

            return codec_imagecodecs
        case Library.OPENJPEG:
            from dicom_series_preview.shell.dicom import codec_openjpeg

            return codec_openjpeg
        case Library.GDCM:
            from dicom_series_preview.shell.dicom import codec_gdcm

            return codec_gdcm
        case _ as never:
            assert_never(never)
