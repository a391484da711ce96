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
    number = wanted.frame.number
    taken = places.frame(wanted, pixels, read).bind(partial(_read_frame, pixels, number, read))
    if is_successful(taken) and not is_successful(taken.unwrap()) and pixels.format.encapsulated:
        again = places.frame(wanted, pixels, read, trusting=False).bind(
            partial(_read_frame, pixels, number, read)
        )
        taken = again if is_successful(again) and is_successful(again.unwrap()) else taken
    if not is_successful(taken):
        return Failure(taken.failure())
    return taken.unwrap().alt(partial(_broken, place))


def _read_frame(
    pixels: Pixels, number: int, read: Reader, located: Located
) -> Result[Result[Extracted, BadPixelData], StoreFault | NotDicom]:
    if not is_successful(located):
        return Success(Failure(located.failure()))
    where = located.unwrap()
    return read(where.start, where.stop).map(lambda data: extract(pixels.format, where, data, number))


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
    searched = _search(pixels, size, range(len(tiling.corners)), read, trusting=True)
    if not is_successful(searched):
        return Failure(searched.failure())
    ranges: list[FrameRange] = []
    for found in searched.unwrap():
        if not is_successful(found):
            return Failure(_broken(place, found.failure()))
        ranges.append(found.unwrap())
    level: Decoding | None = None
    for group in reads(ranges):
        fetched = read(group.start, group.stop)
        if not is_successful(fetched):
            return Failure(fetched.failure())
        data = memoryview(fetched.unwrap())
        for number in group.numbers:
            where = ranges[number]
            held = bytes(data[where.start - group.start : where.stop - group.start])
            frame = extract(pixels.format, where, held, number)
            if not is_successful(frame):
                return Failure(_broken(place, frame.failure()))
            tile = _decoded(pixels, frame.unwrap(), place, None)
            if not is_successful(tile):
                return Failure(tile.failure())
            level = _with_tile(level, tiling, number, tile.unwrap())
    return Success(Decoding(empty_level(pixels, tiling)) if level is None else level)


def _with_tile(level: Decoding | None, tiling: Tiling, number: int, tile: Decoding) -> Decoding:
    odd = () if level is None else level.odd
    values = put(None if level is None else level.values, tiling, number, tile.values)
    return Decoding(values, tuple(dict.fromkeys((*odd, *tile.odd))))
