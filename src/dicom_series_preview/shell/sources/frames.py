"""The bytes of a slice -> its picture: find the frames, take them out, decode them, put them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from threading import Lock
from typing import TypeAlias

import numpy as np
from attrs import frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.faults.objects import BadPixelData, NotDicom, PixelError, Undecodable
from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.core.header.image_pixel import EXPLICIT_BIG_ENDIAN, LARGEST_UNPACKED
from dicom_series_preview.core.header.instance import Pixels, Tiling
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.pixels.fragments import FrameRange, answer, extract, locate_frames
from dicom_series_preview.core.pixels.palette import apply, read_palette
from dicom_series_preview.core.show.tile import Decoded
from dicom_series_preview.shell.dicom.decode import decode

Reader: TypeAlias = Callable[[int, int | None], Result[bytes, StoreFault | NotDicom]]
"""Reads bytes `start` to `stop` (None: to the end) of what the pixel data element lies in."""


@frozen
class _Encoded:
    """One frame as it is stored; a 1-bit frame begins `bit_offset` bits into its first byte."""

    data: bytes
    bit_offset: int


class FramePlaces:
    """Where the frames of objects lie, searched once for each object and not for each of its frames.

    A search costs an offset table, or without one a walk through the object; see `core.pixels.fragments`.
    """

    def __init__(self) -> None:
        self._expected: dict[str, int] = {}
        self._locks: dict[str, Lock] = {}
        self._found: dict[str, tuple[Result[FrameRange, BadPixelData], ...]] = {}

    def expect(self, slices: Iterable[Slice]) -> None:
        """Search as far as the last of these frames, once any is wanted."""
        for one in slices:
            name = one.instance.name
            self._expected[name] = max(self._expected.get(name, 0), one.frame.number)

    def frame(
        self, wanted: Slice, pixels: Pixels, read: Reader
    ) -> Result[Result[FrameRange, BadPixelData], StoreFault | NotDicom]:
        """Where one frame lies; safe to call from many threads."""
        instance, number = wanted.instance, wanted.frame.number
        if pixels.format.number_of_frames > 1:
            with self._locks.setdefault(instance.name, Lock()):
                found = self._found.get(instance.name)
                if found is None:
                    last = max(number, self._expected.get(instance.name, 0))
                    searched = _search(pixels, instance.size, range(last + 1), read)
                    if not is_successful(searched):
                        return Failure(searched.failure())
                    found = self._found[instance.name] = searched.unwrap()
            if number < len(found) and is_successful(found[number]):
                return Success(found[number])
        # Further on an object may be damaged, which need not concern this frame.
        return _search(pixels, instance.size, (number,), read).map(lambda ranges: ranges[0])


def _search(
    pixels: Pixels, size: int | None, numbers: Sequence[int], read: Reader
) -> Result[tuple[Result[FrameRange, BadPixelData], ...], StoreFault | NotDicom]:
    return answer(locate_frames(pixels.format, pixels.span, size, numbers, pixels.offset_table), read)


def read_picture(
    wanted: Slice, place: str, read: Reader, at_least: tuple[int, int] | None, places: FramePlaces
) -> Result[Decoded, ObjectFault]:
    """The picture of one slice of the object `place`; colour, palettes applied, comes as 8-bit RGB."""
    pixels = wanted.instance.pixels
    if pixels is None:
        return Failure(Undecodable(place, "no pixel data", "there is nothing to decode"))
    if not isinstance(pixels, Pixels):
        return Failure(_broken(place, pixels))
    if pixels.tiling is not None:
        return _assemble(pixels, pixels.tiling, wanted.instance.size, place, read)
    located = places.frame(wanted, pixels, read)
    if not is_successful(located):
        return Failure(located.failure())
    frames = _read_frames((located.unwrap(),), (wanted.frame.number,), place, read)
    return frames.bind(lambda found: _decode(pixels, found[0], place, at_least))


def _broken(place: str, error: PixelError) -> Undecodable:
    return Undecodable(place, "pixel data", str(error).removesuffix("."))


def _read_frames(
    located: Sequence[Result[FrameRange, BadPixelData]], numbers: Sequence[int], place: str, read: Reader
) -> Result[tuple[_Encoded, ...], ObjectFault]:
    """Read frames that lie next to one another by one request."""
    ranges: list[FrameRange] = []
    for found in located:
        if not is_successful(found):
            return Failure(_broken(place, found.failure()))
        ranges.append(found.unwrap())
    start = min(where.start for where in ranges)
    stops = [where.stop for where in ranges if where.stop is not None]
    fetched = read(start, max(stops) if len(stops) == len(ranges) else None)
    if not is_successful(fetched):
        return Failure(fetched.failure())
    data = fetched.unwrap()
    frames: list[_Encoded] = []
    for number, where in zip(numbers, ranges, strict=True):
        stop = None if where.stop is None else where.stop - start
        frame = extract(where, data[where.start - start : stop], number)
        if not is_successful(frame):
            return Failure(_broken(place, frame.failure()))
        frames.append(_Encoded(frame.unwrap(), where.bit_offset))
    return Success(tuple(frames))


def _decode(
    pixels: Pixels, frame: _Encoded, place: str, at_least: tuple[int, int] | None
) -> Result[Decoded, ObjectFault]:
    decoded = decode(
        pixels.format, frame.data, place=place, bit_offset=frame.bit_offset, at_least=at_least
    ).map(lambda picture: picture.values)
    if pixels.palette is None or not is_successful(decoded):
        return decoded
    palette = read_palette(
        pixels.palette,
        signed=pixels.format.pixel_representation == 1,
        big_endian=pixels.format.transfer_syntax == EXPLICIT_BIG_ENDIAN,
    )
    return palette.map(lambda colours: apply(colours, decoded.unwrap().astype(np.int64))).alt(
        partial(_broken, place)
    )


def _assemble(
    pixels: Pixels, tiling: Tiling, size: int | None, place: str, read: Reader
) -> Result[Decoded, ObjectFault]:
    """Put the tiles of a slide level together (PS3.3 C.8.12.14); what no tile covers stays black."""
    shape = (
        (tiling.rows, tiling.columns, 3)
        if pixels.format.samples_per_pixel == 3
        else (tiling.rows, tiling.columns)
    )
    if tiling.rows * tiling.columns * pixels.format.samples_per_pixel > LARGEST_UNPACKED:
        problem = f"its smallest level has {tiling.columns} x {tiling.rows} px, too many for a preview"
        return Failure(Undecodable(place, "slide", problem))
    numbers = range(len(tiling.corners))
    located = _search(pixels, size, numbers, read)
    if not is_successful(located):
        return Failure(located.failure())
    frames = _read_frames(located.unwrap(), numbers, place, read)
    if not is_successful(frames):
        return Failure(frames.failure())
    whole: Decoded | None = None
    for (top, left), frame in zip(tiling.corners, frames.unwrap(), strict=True):
        decoded = _decode(pixels, frame, place, None)
        if not is_successful(decoded):
            return Failure(decoded.failure())
        tile = decoded.unwrap()
        whole = np.zeros(shape, dtype=tile.dtype) if whole is None else whole
        covered = whole[max(0, top) : top + tile.shape[0], max(0, left) : left + tile.shape[1]]
        covered[...] = tile[: covered.shape[0], : covered.shape[1]]
    return Success(np.zeros(shape, dtype=np.uint8) if whole is None else whole)
