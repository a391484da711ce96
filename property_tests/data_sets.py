"""Data sets of every kind with their bytes (PS3.5 7), made by a writer that knows nothing of the reader.

The tags tell the test's dictionary what it says of an element: the last two digits of a standard one are a
number in `KINDS`, and 0x100 in its element number makes it unwanted; a private one is wanted in the blocks of
one creator.
"""

from __future__ import annotations

from functools import cache
from struct import pack
from typing import Final, TypeAlias

from attrs import frozen
from hypothesis import strategies as st

from dicom_series_preview.core.header.raw import DataSet, RawElement, creator_of

LONG: Final = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
SHORT: Final = (
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT"),
    *("PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"),
)
KINDS: Final = (*LONG, *SHORT)
CREATOR: Final = "XRAY MAKERX"
ENDLESS: Final = 0xFFFFFFFF


@frozen
class Item:
    """An element to be written."""

    tag: int
    vr: str
    value: bytes | tuple[Items, ...]
    undefined: bool = False
    """Of an undefined length; the items of a sequence then are, too."""
    written: str | None = None
    """The VR to be written, UN or none, in place of its own."""


Items: TypeAlias = tuple[Item, ...]


class Everything:
    """The dictionary of these data sets; it counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def standard(self, tag: int) -> str | None:
        """See `KINDS`."""
        self.asked += 1
        return None if tag & 0x100 else KINDS[tag & 0xFF] if tag & 0xFF < len(KINDS) else "UN"

    def private(self, tag: int, around: DataSet) -> str | None:
        """Creators, and what one of them has reserved."""
        self.asked += 1
        if not tag & 0xFF00:
            return "LO"
        return self.standard(tag & ~0x100) if creator_of(around, tag) == CREATOR else None


def _head(tag: int, length: int, vr: str, explicit: bool, little: bool) -> bytes:
    order = "<" if little else ">"
    start = pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if not explicit:
        return start + pack(order + "I", length)
    if vr in LONG:
        return start + vr.encode() + b"\0\0" + pack(order + "I", length)
    return start + vr.encode() + pack(order + "H", length)


def write(items: Items, explicit: bool, little: bool) -> bytes:
    """The bytes of a data set (PS3.5 7.1, 7.5); what is UN is in implicit VR little endian (6.2.2)."""
    return b"".join(_write_one(item, explicit, little) for item in items)


def _write_one(item: Item, explicit: bool, little: bool) -> bytes:
    vr = item.written or item.vr
    within = (False, True) if explicit and vr == "UN" else (explicit, little)
    order = "<" if within[1] else ">"
    length = ENDLESS if item.undefined else None
    if isinstance(item.value, bytes):
        value = item.value
    else:
        value = b""
        for one in item.value:
            inside = write(one, *within)
            value += pack(order + "HHI", 0xFFFE, 0xE000, len(inside) if length is None else length) + inside
            value += b"" if length is None else pack(order + "HHI", 0xFFFE, 0xE00D, 0)
    told = len(value) if length is None else length
    end = b"" if length is None else pack(order + "HHI", 0xFFFE, 0xE0DD, 0)
    return _head(item.tag, told, vr, explicit, little) + value + end


def wanted(items: Items, explicit: bool, little: bool) -> dict[int, RawElement]:
    """What is to be read of it."""
    found: dict[int, RawElement] = {}
    for item in items:
        group, number = item.tag >> 16, item.tag & 0xFFFF
        if group & 1 and number > 0xFF:
            block = found.get(group << 16 | number >> 8)
            if block is None or block.value != CREATOR.encode() + b" ":
                continue
        elif not group & 1 and number & 0x100:
            continue
        implicit = explicit and item.written == "UN"
        if isinstance(item.value, bytes):
            found[item.tag] = RawElement(item.vr, item.value, little)
        else:
            within = (False, True) if implicit else (explicit, little)
            value = tuple(wanted(one, *within) for one in item.value)
            found[item.tag] = RawElement("SQ", value, little)
    return found


VALUES: Final = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            b"\xe0\x7f\x10\0OW\0\0\0\0\0\0",  # looks like pixels
            b"\xfe\xff\xdd\xe0\0\0\0\0",  # like the end of a sequence, in either byte order
            b"\xff\xfe\xe0\xdd\0\0\0\0",
            b"\xfe\xff\x0d\xe0\0\0\0\0",  # like the end of an item
            b"\x08\0\x16\0UI\x04\x001.2\0",
            b"x" * 300,
        ]
    ),
)


PLAIN_KINDS: Final = tuple(kind for kind in KINDS if kind != "SQ")


# Made once for each depth: Hypothesis looks through all that is made anew.
@cache
def _sequences(depth: int) -> st.SearchStrategy[list[Items]]:
    return st.lists(data_sets(depth), max_size=2)


@cache
def _several(depth: int) -> st.SearchStrategy[list[Item]]:
    return st.lists(elements(depth), max_size=3)


@st.composite
def elements(draw: st.DrawFn, depth: int) -> Item:
    """An element of any VR, standard or private; sequences lie up to `depth` deep in one another."""
    vr = draw(st.sampled_from(KINDS if depth else PLAIN_KINDS))
    if depth and draw(st.booleans()):  # sequences are what is difficult
        vr = "SQ"
    group, number = draw(st.integers(8, 0x7FDE)), KINDS.index(vr)
    number |= draw(st.sampled_from([0x1000, 0x1100])) if group & 1 else draw(st.sampled_from([0, 0x100]))
    undefined = draw(st.booleans())
    value: bytes | tuple[Items, ...] = draw(VALUES)
    if vr == "SQ":
        value = tuple(draw(_sequences(depth - 1)))
    return Item(
        group << 16 | number,
        vr,
        value,
        undefined and vr == "SQ",
        draw(st.sampled_from([None, None, "UN"])),
    )


@st.composite
def data_sets(draw: st.DrawFn, depth: int = 2) -> Items:
    """Elements in the order of their tags, with the creators of most of their private blocks (PS3.5 7.8.1)."""
    found = {one.tag: one for one in draw(_several(depth))}
    for tag in list(found):
        creator = draw(st.sampled_from([CREATOR + " ", CREATOR + " ", "ANOTHER ONE ", None]))
        block = tag & 0xFFFF0000 | tag >> 8 & 0xFF
        if tag & 0x10000 and creator is not None:
            found[block] = Item(block, "LO", creator.encode())
    return tuple(found[tag] for tag in sorted(found))


ENCODINGS: Final = st.sampled_from([(False, True), (True, True), (True, False)])
"""Explicit VR or not, and little endian or not."""
