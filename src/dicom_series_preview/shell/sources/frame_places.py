"""Where the frames of the objects of a series lie, searched for once an object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import TypeAlias

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import BadPixelData, NotDicom
from dicom_series_preview.core.faults.storage import StoreFault
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.pixels.fragments import answer, locate_frames
from dicom_series_preview.core.pixels.items import FrameRange

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
                    searched = search(pixels, instance.size, range(last + 1), read, trusting)
                    if not is_successful(searched):
                        return Failure(searched.failure())
                    found = self._found[(instance.name, trusting)] = searched.unwrap()
            if number < len(found) and is_successful(found[number]):
                return Success(found[number])
        # Further on an object may be damaged, which need not concern this frame.
        return search(pixels, instance.size, (number,), read, trusting).map(lambda ranges: ranges[0])


def search(
    pixels: Pixels, size: int | None, numbers: Sequence[int], read: Reader, trusting: bool
) -> Result[tuple[Located, ...], StoreFault | NotDicom]:
    """Where some frames (0-based) of an object of `size` bytes lie."""
    places = locate_frames(pixels.format, pixels.span, size, numbers, pixels.offset_table, trusting=trusting)
    return answer(places, read)
