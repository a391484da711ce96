"""What was odd on the way to a picture, as data, each with its words as `str()`: warnings, not refusals."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TypeAlias

from attrs import evolve, frozen

from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.faults.objects import NotDicom, Undecodable
from dicom_series_preview.core.faults.storage import CutShort
from dicom_series_preview.core.faults.words import plural, without_numbers
from dicom_series_preview.core.grey import Voi, Window
from dicom_series_preview.core.odd_pixels import PixelOddity


class Mend(Enum):
    """How an element that cannot be meant as it stands is used all the same; the value says so in words."""

    SHORT = "has fewer entries than its descriptor says: the last one is repeated"
    SIGN = "begins at a value that its input cannot have: read with the other sign"
    BRIGHT = "has values beyond its declared bits: scaled by its own largest value"
    PLANES = "counts several tiles at a place, of focal planes or optical paths: the first ones are shown"
    FEW = "counts fewer tiles than its slide has places: the others are black"
    PLACES = "places frames along row x column, as the first one alone has a position"
    DARK = "fills less than half of its declared bits: scaled by its own largest value"


@frozen
class UnusableElement:
    """An element is present but makes no sense in `count` objects, where it is treated as missing."""

    keyword: str
    count: int

    def __str__(self) -> str:
        return f"{self.keyword} cannot be used in {_objects(self.count)}: treated as missing."


@frozen
class MendedElement:
    """An element is used otherwise than it stands in `count` objects; see `Mend`."""

    keyword: str
    mend: Mend
    count: int

    def __str__(self) -> str:
        return f"{self.keyword} {self.mend.value} (in {_objects(self.count)})."


@frozen
class NotTold:
    """A server's metadata do not tell an element that `count` objects have, at whatever depth."""

    keyword: str
    count: int

    def __str__(self) -> str:
        return f"{self.keyword} is not in the server's metadata of {_objects(self.count)}: left out."


@frozen
class WithoutPosition:
    """`count` slices have no position although others do; they come last."""

    count: int

    def __str__(self) -> str:
        return (
            f"{self.count} {plural(self.count, 'slice has', 'slices have')} no position: placed at the end."
        )


@frozen
class WithoutOrientation:
    """`count` slices have a position and no orientation although others have one."""

    count: int

    def __str__(self) -> str:
        slices = plural(self.count, "slice has", "slices have")
        return f"{self.count} {slices} no orientation, others have one: placed by position alone."


@frozen
class ByLocation:
    """No slice has a position, `count` have a SliceLocation: it need not run to the head (PS3.3 C.7.6.2.1.2)."""

    count: int

    def __str__(self) -> str:
        slices = plural(self.count, "slice is", "slices are")
        ordered = f"{self.count} {slices} ordered by SliceLocation"
        return f"{ordered}, as if it rose to the head: no slice has a position."


@frozen
class RepeatedUid:
    """`count` objects repeat the SOPInstanceUID of another one; all are shown."""

    count: int

    def __str__(self) -> str:
        verb = plural(self.count, "repeats", "repeat")
        return f"{_objects(self.count)} {verb} the SOPInstanceUID of another one: all are shown."


@frozen
class WithoutPixels:
    """`count` objects have no pixel data and are not shown; `kinds` are their SOP classes or modalities."""

    count: int
    kinds: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_objects(self.count)} without pixel data skipped ({', '.join(self.kinds)})."


@frozen
class LeftOut:
    """`count` objects of whose header nothing is known, for one cause; `first` is what the first of them met."""

    count: int
    first: ObjectFault

    def __str__(self) -> str:
        return _with_others("left out", self.count, self.first)


@frozen
class BlackTile:
    """`count` slices that could not be shown, for one cause; `first` is what the first of them met."""

    count: int
    first: ObjectFault

    def __str__(self) -> str:
        return _with_others("black tile", self.count, self.first)


@frozen
class OddPixels:
    """`count` objects whose pixels are shown although something is odd about them; `first` is one by name."""

    oddity: PixelOddity
    count: int
    first: str

    def __str__(self) -> str:
        where = self.first if self.count == 1 else f"{_objects(self.count)}, the first is {self.first}"
        return f"{where}: {self.oddity}."


@frozen
class OneGrey:
    """All that is shown came out black, or white, through windows or a VOI LUT of the file."""

    white: bool
    voi: Voi

    def __str__(self) -> str:
        level = "white" if self.white else "black"
        if isinstance(self.voi, Window):
            through = f"the window of the file (width {self.voi.width:g}, center {self.voi.center:g})"
        else:
            through = "the VOI LUT of the file"
        return f"All that is shown is {level} through {through}: try --contrast-preset auto."


Remark: TypeAlias = (
    UnusableElement
    | MendedElement
    | NotTold
    | WithoutPosition
    | WithoutOrientation
    | ByLocation
    | RepeatedUid
    | WithoutPixels
    | LeftOut
    | BlackTile
    | OddPixels
    | OneGrey
)
"""Everything that may be odd about a series that is shown all the same."""


def by_cause(faults: Sequence[ObjectFault]) -> tuple[tuple[int, ObjectFault], ...]:
    """The faults that differ in more than the object that met them, each with its count and its first."""
    causes: dict[ObjectFault | str, list[ObjectFault]] = {}
    for fault in faults:
        causes.setdefault(_cause(fault), []).append(fault)
    return tuple((len(same), same[0]) for same in causes.values())


def _cause(fault: ObjectFault) -> ObjectFault | str:
    """What is wrong with the bytes of objects has one cause at whatever byte; a server's status is a cause."""
    alike = evolve(fault, place="")
    of_bytes = isinstance(fault, NotDicom | Undecodable | CutShort)
    return without_numbers(str(alike)) if of_bytes else alike


def _with_others(what: str, count: int, first: ObjectFault) -> str:
    if count == 1:
        return f"{what}: {first}"
    return f"{what}, {count} times for one cause; the first: {first}"


def _objects(count: int) -> str:
    return f"{count} {plural(count, 'object')}"
