"""What a series is to everything behind it: an order, slices, and pictures, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from returns.result import Result

from dicom_series_preview.core.faults.fault import Fault, ObjectFault
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.core.pixels.decoding import Decoding


class PictureSource(Protocol):
    """Gives the pixels of single slices."""

    @property
    def threads(self) -> int:
        """How many pictures are worth asking for at once."""

    def expect(self, slices: Iterable[Slice]) -> None:
        """Be told which slices will be wanted: what they have in common is then asked for once."""

    def picture(self, wanted: Slice, at_least: tuple[int, int] | None) -> Result[Decoding, ObjectFault]:
        """The pixels of one slice; safe to call from many threads.

        With `at_least` (rows, columns) a picture may come smaller than it is, but not smaller than that.
        """


class Source(PictureSource, Protocol):
    """A series: first its order is asked for, then the slices that were chosen, then their pictures."""

    def order(self) -> Result[Series[Ref], Fault]:
        """All pictures of the series in reading order."""

    def objects(self) -> Result[tuple[Instance, ...], Fault]:
        """All objects of the series that `order` found, also those without pixels, in no order.

        What is not known of them is left out: a size is None, a transfer syntax empty.
        """

    def slices(self, chosen: Sequence[Ref]) -> Result[tuple[Slice, ...], Fault]:
        """The headers of chosen pictures, in their order; one that cannot be read has no pixels."""
