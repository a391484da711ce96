"""The elements of a data set as they were written (PS3.5 7), and the ways in which reading them ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol, TypeAlias

from attrs import frozen

FIRST_PIXEL_TAG: Final = 0x7FE00008
"""The first of the three pixel data elements; no element behind it is read."""

UNDEFINED: Final = 0xFFFFFFFF
"""The length of an element or item that ends with a delimiter (PS3.5 7.5)."""

_LONG: Final = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
_SHORT: Final = (
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT"),
    *("PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"),
)
VRS: Final = {vr.encode(): (vr, False) for vr in _SHORT} | {vr.encode(): (vr, True) for vr in _LONG}
"""The two letters of every VR -> its name, and whether its length takes 32 bits (PS3.5 7.1.2)."""


UNTOLD: Final = ("", "UN")
"""What an element's VR is where only a dictionary tells what its value is."""

ITEM: Final = 0xFFFEE000
ITEM_END: Final = 0xFFFEE00D
SEQUENCE_END: Final = 0xFFFEE0DD
LITTLE_ITEM: Final = b"\xfe\xff"


class RawElement(NamedTuple):
    """An element as it was written."""

    vr: str
    """The VR it says it has, else that of the dictionary, which may be "US or SS" and the like."""
    value: bytes | tuple[DataSet, ...]
    """The items of a sequence; the bytes of one that cannot be read, and of all else."""
    little: bool
    """Whether its numbers are little endian."""


DataSet: TypeAlias = Mapping[int, RawElement]
"""The wanted elements by their tags; all private creators (PS3.5 7.8.1) are among them."""


def creator_of(elements: DataSet, tag: int) -> str:
    """Who has reserved the block of a private element (PS3.5 7.8.1); empty if nobody has."""
    creator = elements.get(tag & 0xFFFF0000 | tag >> 8 & 0xFF)
    value = b"" if creator is None or not isinstance(creator.value, bytes) else creator.value
    return value.decode("latin-1").strip(" \0")


class Dictionary(Protocol):
    """Which elements are wanted, and what their VRs are where the bytes do not tell."""

    def standard(self, tag: int) -> str | None:
        """The VR of a standard element; None if it is not wanted."""

    def private(self, tag: int, around: DataSet) -> str | None:
        """The same for a private one, or a private creator, among the elements before it."""


@frozen
class Encoding:
    """How elements are written (PS3.5 7.1, 7.3)."""

    explicit: bool
    little: bool


@frozen
class AtPixels:
    """The elements end before the one at `tag`, whose value begins at byte `offset`.

    It is the pixel data, or would lie behind them; `length` is in bytes, None where undefined.
    """

    tag: int
    vr: str
    offset: int
    length: int | None


@frozen
class AtEnd:
    """The elements end with the object."""


@frozen
class RanOut:
    """They go on behind the bytes at hand: nothing more can be told without the first `needs` bytes."""

    needs: int


@frozen
class Unparsable:
    """No longer read would help: they cannot be followed to their end, or are none."""

    reason: str


Outcome: TypeAlias = AtPixels | AtEnd | RanOut | Unparsable
