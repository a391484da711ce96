"""The bytes of a slice -> its picture: find the frames, read them, take them out, decode them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from threading import Lock
from typing import TypeAlias

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.faults.objects import BadPixelData, NotDicom, PixelError, Undecodable
from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.core.header.instance import Pixels, Tiling
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.pixels.decoding import Decoding
from dicom_series_preview.core.pixels.fragments import answer, locate_frames
from dicom_series_preview.core.pixels.items import Extracted, FrameRange, extract
from dicom_series_preview.core.pixels.palette import colour
from dicom_series_preview.core.pixels.slide import empty_level, level_flaw, put, reads
from dicom_series_preview.core.results import all_of
from dicom_series_preview.shell.dicom.decode import decode

Reader: TypeAlias = Callable[[int, int], Result[bytes, StoreFault | NotDicom]]
"""Reads bytes `start` to `stop` of what the pixel data element lies in."""

Located: TypeAlias = Result[FrameRange, BadPixelData]


class FramePlaces:
    """Where the frames of objects lie, searched once for each object and not for each of its frames.

    A search costs an offset table, or without one a walk through the object; see `core.pixels.fragments`.
    """

    def __init__(self) -> None:
        self._expected: dict[str, int] = {}
        self._locks: dict[str, Lock] = {}
        self._found: dict[tuple[str, bool], tuple[Located, ...]] = {}

    def expect(self, slices: Iterable[Slice]) -> None:
        """Search as far as the last of these frames, once any is wanted."""
        for one in slices:
            name = one.instance.name
            self._expected[name] = max(self._expected.get(name, 0), one.frame.number)

    def frame(
        self, wanted: Slice, pixels: Pixels, read: Reader, *, trusting: bool = True
    ) -> Result[Located, StoreFault | NotDicom]:
        """Where one frame lies, by a table only if `trusting`; safe to call from many threads."""
        instance, number = wanted.instance, wanted.frame.number
        if pixels.format.number_of_frames > 1:
            with self._locks.setdefault(instance.name, Lock()):
                found = self._found.get((instance.name, trusting))
                if found is None:
                    last = max(number, self._expected.get(instance.name, 0))
                    searched = _search(pixels, instance.size, range(last + 1), read, trusting)
                    if not is_successful(searched):
                        return Failure(searched.failure())
                    found = self._found[(instance.name, trusting)] = searched.unwrap()
            if number < len(found) and is_successful(found[number]):
                return Success(found[number])
        # Further on an object may be damaged, which need not concern this frame.
        return _search(pixels, instance.size, (number,), read, trusting).map(lambda ranges: ranges[0])


def _search(
    pixels: Pixels, size: int | None, numbers: Sequence[int], read: Reader, trusting: bool
) -> Result[tuple[Located, ...], StoreFault | NotDicom]:
    search = locate_frames(pixels.format, pixels.span, size, numbers, pixels.offset_table, trusting=trusting)
    return answer(search, read)


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
        for searched in _search(pixels, size, range(len(tiling.corners)), read, trusting=True)
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
        if not is_successful(fetched):
            return Failure(fetched.failure())
        data = memoryview(fetched.unwrap())
        for number in group.numbers:
            where = ranges[number]
            held = bytes(data[where.start - group.start : where.stop - group.start])
            tile: Result[Decoding, ObjectFault] = Result.do(
                decoded
                for frame in extract(pixels.format, where, held, number).alt(partial(_broken, place))
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
