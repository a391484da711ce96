"""A walk over the bytes of a data set (PS3.5 7): its elements, or how many bytes more it takes to tell them.

One loop over the bytes: no recursion, no byte is passed twice, and no bytes make it raise.  What is not wanted
is stepped over; of that only sequences of undefined length are entered, because their ends have to be found.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, Literal, TypeAlias

from attrs import define, field, frozen

from dicom_series_preview.core.header.element_heads import Head, head_of, is_explicit, one_way
from dicom_series_preview.core.header.raw import (
    FIRST_PIXEL_TAG,
    ITEM,
    ITEM_END,
    LITTLE_ITEM,
    SEQUENCE_END,
    UNDEFINED,
    UNTOLD,
    VRS,
    AtEnd,
    AtPixels,
    DataSet,
    Dictionary,
    Encoding,
    Outcome,
    RanOut,
    RawElement,
    Unparsable,
)

DEEPEST: Final = 64
"""Wanted sequences that are nested deeper are refused."""

_LAST_GROUPS: Final = (0xFFFA, 0xFFFC)
"""What the standard has behind the pixel data: signatures, and padding."""

_ENDLESS: Final = 1 << 62

# By whether they are little endian.
_EXPLICIT_HEAD: Final = (Struct(">HH2sH").unpack_from, Struct("<HH2sH").unpack_from)
_PLAIN_HEAD: Final = (Struct(">HHI").unpack_from, Struct("<HHI").unpack_from)
_LENGTH: Final = (Struct(">I").unpack_from, Struct("<I").unpack_from)

_Step: TypeAlias = Outcome | Literal["lost"] | None
"""What one step came to: the walk is over, or is lost in a sequence that may be stepped over, or goes on."""

_EMPTY: Final[DataSet] = {}


@define
class _Level:
    """An open data set: the root, or an item; nothing in it reaches beyond the byte `limit`."""

    elements: dict[int, RawElement] | None
    """None if it is stepped over."""
    encoding: Encoding
    limit: int
    delimited: bool = False


@define
class _Sequence:
    """An open sequence, or fragments (PS3.5 A.4), and the data set that it is an element of."""

    around: _Level
    tag: int
    vr: str | None
    """None if it is not wanted."""
    items: list[DataSet] | None
    """None if they are not wanted, or are fragments."""
    encoding: Encoding
    told: bool
    """Whether its VR is SQ, so that its items are in the encoding around it."""
    start: int
    end: int | None
    """None where its length is undefined."""


@frozen
class Walked:
    """What a walk came to."""

    elements: DataSet
    spoilt: tuple[int, ...]
    """The tags of sequences, at whatever depth, that cannot be read: their values are bytes."""
    outcome: Outcome


def walk(data: bytes, at: int, encoding: Encoding, complete: bool, dictionary: Dictionary) -> Walked:
    """Read the elements of the data set that begins at byte `at`; `complete` tells that nothing follows `data`.

    `encoding` is what the transfer syntax says.  Where the first element of the data set, or of an item, shows
    that it is in explicit VR or is not, that is believed (PS3.5 6.2.2 has items in implicit VR); an element whose
    VR is none is read in the one way behind which there is a next element.
    """
    elements: dict[int, RawElement] = {}
    explicit = is_explicit(data, at, encoding.explicit)
    root = _Level(elements, Encoding(explicit, encoding.little), _ENDLESS)
    walker = _Walker(data, complete, dictionary, at, root)
    while True:
        step = walker.read_items() if walker.between_items else walker.read_elements()
        if step == "lost":
            step = walker.step_over()
        if isinstance(step, Outcome):
            return Walked(elements, tuple(walker.spoilt), step)


@define
class _Walker:
    data: bytes
    complete: bool
    dictionary: Dictionary
    at: int
    level: _Level
    """The open data set; between items the one around the sequence."""
    within: list[_Sequence] = field(factory=list)
    """The sequences around it, the innermost last."""
    between_items: bool = False
    spoilt: list[int] = field(factory=list)

    def read_elements(self) -> _Step:
        """Read on in the open data set: to its end, or into a sequence."""
        data, size, at, limit = self.data, len(self.data), self.at, self.level.limit
        explicit, little = self.level.encoding.explicit, self.level.encoding.little
        head, long_length = (_EXPLICIT_HEAD if explicit else _PLAIN_HEAD)[little], _LENGTH[little]
        standard, private = self.dictionary.standard, self.dictionary.private
        elements, vrs, vr = self.level.elements, VRS, ""
        while at < limit:
            self.at = at
            start = at + 8
            if start > size:
                return self._out_of_bytes(start)
            if explicit:
                group, number, code, length = head(data, at)
                known = vrs.get(code)
                if known is None or group >= 0x7FE0:
                    return self._read_odd(group << 16 | number, code)
                vr = known[0]
                if known[1]:
                    start += 4
                    if start > size:
                        return self._out_of_bytes(start)
                    length = long_length(data, at + 8)[0]
            else:
                group, number, length = head(data, at)
                if not 0 < group < 0x7FE0:
                    return self._read_odd(group << 16 | number, b"")
            tag = group << 16 | number
            wanted = None if elements is None else private(tag, elements) if group & 1 else standard(tag)
            if wanted is None and length != UNDEFINED:
                at = start + length
                continue
            step = self._take(tag, vr, wanted, start, length)
            if self.between_items or step is not None:
                return step
            at = self.at
        self.at = at
        return self._close_item() if at == limit and not self.level.delimited else "lost"

    def _take(self, tag: int, vr: str, wanted: str | None, start: int, length: int) -> _Step:
        """Keep an element, step over it, or enter the sequence it is."""
        meant = wanted if wanted is not None and vr in UNTOLD else vr
        if length == UNDEFINED or (wanted is not None and meant == "SQ"):
            return self._enter(tag, vr, wanted, start, length)
        end = start + length
        if end > self.level.limit:
            return "lost"
        if wanted is not None and self.level.elements is not None:
            if end > len(self.data):
                return self._out_of_bytes(end)
            self.level.elements[tag] = RawElement(meant, self.data[start:end], self.level.encoding.little)
        self.at = end
        return None

    def _enter(self, tag: int, vr: str, wanted: str | None, start: int, length: int) -> _Step:
        end = None if length == UNDEFINED else start + length
        if end is not None and end > self.level.limit:
            return "lost"
        encoding, items, told = self.level.encoding, None, vr != "UN"
        if wanted is not None and (vr == "SQ" or (vr in UNTOLD and wanted in ("SQ", "UN"))):
            if len(self.within) == DEEPEST:
                return Unparsable(f"its sequences are nested more than {DEEPEST} deep")
            vr, items = "SQ", list[DataSet]()
        if self.data[start : start + 2] == LITTLE_ITEM:  # what is UN in a big endian data set (PS3.5 6.2.2)
            encoding = Encoding(encoding.explicit, little=True)
        kept = None if wanted is None else vr or wanted
        self.within.append(_Sequence(self.level, tag, kept, items, encoding, told, start, end))
        self.at, self.between_items = start, True
        return None

    def read_items(self) -> _Step:
        """Read on between the items of the innermost sequence: to its end, or into an item."""
        data, size, at, sequence = self.data, len(self.data), self.at, self.within[-1]
        head, items = _PLAIN_HEAD[sequence.encoding.little], sequence.items
        limit = self.level.limit if sequence.end is None else sequence.end
        while at != sequence.end:
            self.at = at
            start = at + 8
            if start > limit:
                return "lost"
            if start > size:
                return self._out_of_bytes(start)
            group, number, length = head(data, at)
            tag = group << 16 | number
            if tag == SEQUENCE_END and sequence.end is None:
                return self._close_sequence(at, start)
            end = start + length
            if tag != ITEM or (length != UNDEFINED and end > limit):
                return "lost"
            if length == UNDEFINED or (items is not None and length):
                return self._open_item(start, limit if length == UNDEFINED else end, length == UNDEFINED)
            if items is not None:
                items.append(_EMPTY)
            at = end
        return self._close_sequence(at, at)

    def _open_item(self, start: int, limit: int, delimited: bool) -> _Step:
        sequence = self.within[-1]
        explicit, little = sequence.encoding.explicit, sequence.encoding.little
        explicit = explicit and is_explicit(self.data, start, sequence.told)
        elements: dict[int, RawElement] | None = None
        if sequence.items is not None:
            elements = {}
            sequence.items.append(elements)
        self.level = _Level(elements, Encoding(explicit, little), limit, delimited)
        self.at, self.between_items = start, False
        return None

    def _close_item(self) -> _Step:
        self.level, self.between_items = self.within[-1].around, True
        return None

    def _close_sequence(self, end: int, behind: int) -> _Step:
        """Close the innermost sequence, whose items end at byte `end`."""
        sequence = self.within.pop()
        around = sequence.around
        if sequence.vr is not None and around.elements is not None:
            value = self.data[sequence.start : end] if sequence.items is None else tuple(sequence.items)
            around.elements[sequence.tag] = RawElement(sequence.vr, value, around.encoding.little)
        self.level, self.at, self.between_items = around, behind, False
        return None

    def step_over(self) -> _Step:
        """Leave the sequences in which the walk is lost for the end of one that says where it ends."""
        at = self.at
        while self.within:
            sequence = self.within[-1]
            self.level = sequence.around
            if sequence.end is not None:
                if sequence.end > len(self.data):
                    return self._out_of_bytes(sequence.end)
                self.spoilt.append(sequence.tag)  # only what is wanted is entered although its end is known
                sequence.items = None
                return self._close_sequence(sequence.end, sequence.end)
            self.within.pop()
        return Unparsable(f"its header cannot be followed beyond byte {at}")

    def _out_of_bytes(self, needs: int) -> _Step:
        if self.within and needs > self.level.limit:
            return "lost"
        if not self.complete:
            return RanOut(needs)
        if not self.within and self.at <= len(self.data) and not self.data[self.at :].strip(b"\0"):  # padding
            return AtEnd()
        return Unparsable("it is cut short inside its header")

    def _read_odd(self, tag: int, code: bytes) -> _Step:
        """Read an element that ends a data set, or whose VR is none."""
        data, at = self.data, self.at
        if tag == ITEM_END and self.level.delimited:
            self.at += 8
            return self._close_item()
        if tag >> 16 == 0xFFFE:
            return "lost"
        if not self.within and not tag:
            return self._out_of_bytes(len(data) + 1) if data.count(0, at) == len(data) - at else "lost"
        pixels = not self.within and tag >= FIRST_PIXEL_TAG
        if pixels and not (tag & 0x10000 or tag >> 16 <= 0x7FFF or tag >> 16 in _LAST_GROUPS):
            return "lost"
        explicit, little = self.level.encoding.explicit, self.level.encoding.little
        if explicit and code not in VRS:
            limit = (
                min(self.level.limit, len(data)) if self.complete and not self.within else self.level.limit
            )
            head = None if pixels else one_way(data, at, code, little, limit, self.complete)
        else:
            head = head_of(data, at, code, little)
        if not isinstance(head, Head):
            return "lost" if head is None else self._out_of_bytes(head)
        if pixels:
            return AtPixels(tag, head.vr, head.start, None if head.length == UNDEFINED else head.length)
        elements, wanted = self.level.elements, None
        if elements is not None:
            of = self.dictionary
            wanted = of.private(tag, elements) if tag & 0x10000 else of.standard(tag)
        return self._take(tag, head.vr, wanted, head.start, head.length)
