"""The bytes of a slice -> its picture: find the frames, read them, take them out, decode them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.faults.objects import BadPixelData, NotDicom, PixelError, Undecodable
from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.core.header.instance import Pixels, Tiling
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.pixels.decoding import Decoding
from dicom_series_preview.core.pixels.items import Extracted, FrameRange, extract
from dicom_series_preview.core.pixels.palette import colour
from dicom_series_preview.core.pixels.slide import empty_level, level_flaw, put, reads
from dicom_series_preview.core.results import all_of
from dicom_series_preview.shell.dicom.decode import decode
from dicom_series_preview.shell.sources.frame_places import FramePlaces, Reader, search


def read_picture(
    wanted: Slice, place: str, read: Reader, at_least: tuple[int, int] | None, places: FramePlaces
) -> Result[Decoding, ObjectFault]:
    """The picture of one slice of the object `place`; colour, palettes applied, comes as 8-bit RGB."""
    pixels = wanted.instance.pixels
    if pixels is None:
        return Failure(Undecodable(place, "no pixel data", "there is nothing to decode"))
    if not isinstance(pixels, Pixels):
        return Failure(_broken(place, pixels))
    try:
        if pixels.tiling is not None:
            return _assemble(pixels, pixels.tiling, wanted.instance.size, place, read)
        return _taken(wanted, pixels, place, read, places).bind(
            lambda frame: _decoded(pixels, frame, place, at_least)
        )
    except MemoryError:
        return Failure(Undecodable(place, "pixel data", "there is not enough memory for it"))


def _broken(place: str, error: PixelError) -> Undecodable:
    return Undecodable(place, "pixel data", str(error).removesuffix("."))


def _taken(
    wanted: Slice, pixels: Pixels, place: str, read: Reader, places: FramePlaces
) -> Result[Extracted, ObjectFault]:
    """One frame as it is stored; where a table led astray, the fragments are walked to find it."""
    taken = _taken_once(wanted, pixels, read, places, trusting=True)
    if isinstance(taken.swap().value_or(None), BadPixelData) and pixels.format.encapsulated:
        again = _taken_once(wanted, pixels, read, places, trusting=False)
        taken = again if is_successful(again) else taken
    return taken.alt(lambda fault: _broken(place, fault) if isinstance(fault, BadPixelData) else fault)


def _taken_once(
    wanted: Slice, pixels: Pixels, read: Reader, places: FramePlaces, *, trusting: bool
) -> Result[Extracted, BadPixelData | StoreFault | NotDicom]:
    return Result.do(
        frame
        for located in places.frame(wanted, pixels, read, trusting=trusting)
        for where in located
        for data in read(where.start, where.stop)
        for frame in extract(pixels.format, where, data, wanted.frame.number)
    )


def _decoded(
    pixels: Pixels, frame: Extracted, place: str, at_least: tuple[int, int] | None
) -> Result[Decoding, ObjectFault]:
    decoded = decode(pixels.format, frame.data, place=place, bit_offset=frame.bit_offset, at_least=at_least)
    return decoded.bind(
        lambda picture: colour(pixels, Decoding(picture.values, (*frame.odd, *picture.odd))).alt(
            partial(_broken, place)
        )
    )


def _assemble(
    pixels: Pixels, tiling: Tiling, size: int | None, place: str, read: Reader
) -> Result[Decoding, ObjectFault]:
    """Put the tiles of a slide level together; what no tile covers stays black."""
    problem = level_flaw(pixels, tiling)
    if problem is not None:
        return Failure(Undecodable(place, "slide", problem))
    return Result.do(
        level
        for searched in search(pixels, size, range(len(tiling.corners)), read, trusting=True)
        for ranges in all_of(searched).alt(partial(_broken, place))
        for level in _level(pixels, tiling, ranges, place, read)
    )


def _level(
    pixels: Pixels, tiling: Tiling, ranges: Sequence[FrameRange], place: str, read: Reader
) -> Result[Decoding, ObjectFault]:
    """The tiles, read group by group, each decoded and put where it belongs."""
    level: Decoding | None = None
    for group in reads(ranges):
        fetched = read(group.start, group.stop)
        for number in group.numbers:
            where = ranges[number]
            begin, stop = where.start - group.start, where.stop - group.start
            tile: Result[Decoding, ObjectFault] = Result.do(
                decoded
                for data in fetched
                for frame in extract(pixels.format, where, data[begin:stop], number).alt(
                    partial(_broken, place)
                )
                for decoded in _decoded(pixels, frame, place, None)
            )
            if not is_successful(tile):
                return Failure(tile.failure())
            level = _with_tile(level, tiling, number, tile.unwrap())
    return Success(Decoding(empty_level(pixels, tiling)) if level is None else level)


def _with_tile(level: Decoding | None, tiling: Tiling, number: int, tile: Decoding) -> Decoding:
    odd = () if level is None else level.odd
    values = put(None if level is None else level.values, tiling, number, tile.values)
    return Decoding(values, tuple(dict.fromkeys((*odd, *tile.odd))))
