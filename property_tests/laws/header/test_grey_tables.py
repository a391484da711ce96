"""Laws of grey look-up tables: what a descriptor and its data mean, however badly they go together.

They are those of PS3.3 C.11.1.1 and C.11.2.1.1.
"""

from __future__ import annotations

import struct
from math import inf

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dicom_series_preview.core.grey import Lut, Rescale, white_of
from dicom_series_preview.core.header.elements import Element, Elements, Value
from dicom_series_preview.core.header.functional_groups import HeaderReading
from dicom_series_preview.core.header.greyscale import Span, Stored, read_lut, read_voi, stored_as
from dicom_series_preview.core.header.reading import Mended, Notes, Reading
from dicom_series_preview.core.remarks import Mend
from property_tests.strategies import element, make_pixels

words = st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=20)
TABLE = "VOILUTSequence"
UNSIGNED: Span = (0, 0xFFFF)
SIGNED: Span = (-0x8000, 0x7FFF)


def _item(count: Value, first: Value, bits: Value, data: Element) -> dict[str, Element]:
    return {"LUTDescriptor": element("US", count, first, bits), "LUTData": data}


def _packed(entries: list[int]) -> bytes:
    return b"".join(bytes((entry % 256, entry // 256)) for entry in entries)


def _table(
    item: Elements, span: Span = UNSIGNED, big_endian: bool = False, implicit: bool = False
) -> tuple[Lut | None, set[Mend]]:
    """The table of an item, and its mends; one that makes none must be named, and no other."""
    notes = Notes()
    source = Reading({TABLE: element("SQ", item)}, notes)
    found = read_lut(source, TABLE, span, Stored(span, big_endian, implicit))
    assert (TABLE in notes.unusable) == (found is None)
    assert {mended.keyword for mended in notes.mended} <= {TABLE}
    return found, {mended.mend for mended in notes.mended}


@given(entries=words, first=st.integers(0, 0xFFFF), bits=st.integers(1, 16), spare=st.integers(0, 2))
def test_lut_data_may_come_as_numbers_or_as_words(
    entries: list[int], first: int, bits: int, spare: int
) -> None:
    """The same entries as US numbers, SS numbers, little-endian OW or big-endian OW are the same table.

    See PS3.3 C.11.1.1.
    """
    lut = Lut(first, bits, _packed(entries))
    more = [0] * spare
    signed = [entry - 0x10000 if entry >= 0x8000 else entry for entry in entries]
    little = b"".join(struct.pack("<H", entry) for entry in [*entries, *more])
    big = b"".join(struct.pack(">H", entry) for entry in [*entries, *more])
    count = len(entries)
    assert _table(_item(count, first, bits, element("US", *entries, *more))) == (lut, set())
    assert _table(_item(count, first, bits, element("SS", *signed))) == (lut, set())
    assert _table(_item(count, first, bits, element("OW", little))) == (lut, set())
    assert _table(_item(count, first, bits, element("OW", big)), big_endian=True) == (lut, set())


@given(entries=st.lists(st.integers(0, 255), min_size=2, max_size=20), pad=st.booleans(), big=st.booleans())
def test_lut_data_may_be_packed_bytes(entries: list[int], pad: bool, big: bool) -> None:
    """One byte for each entry, with or without a byte that makes the length even, is a table of those.

    See PS3.3 C.11.1.1.
    """
    data = bytes(entries) + (b"\7" if pad else b"")
    found = _table(_item(len(entries), 0, 8, element("OW", data)), big_endian=big)
    assert found == (Lut(0, 8, _packed(entries)), set())


def test_65536_entries_are_written_as_0() -> None:
    """The descriptor's 0 means 65536 entries (PS3.3 C.11.1.1.1)."""
    data = bytes(2 * 65536)
    assert _table(_item(0, 0, 16, element("OW", data))) == (Lut(0, 16, data), set())
    assert _table(_item(0, 0, 16, element("OW", data[2:]))) == (Lut(0, 16, data[2:]), {Mend.SHORT})


def test_an_entry_count_may_have_been_read_as_signed() -> None:
    """The number of entries is unsigned, whatever sign the descriptor was read with (PS3.3 C.11.1.1)."""
    data = bytes(2 * 0xFFFF)
    assert _table(_item(-1, 0, 16, element("OW", data))) == (Lut(0, 16, data), set())


@given(entries=words, missing=st.integers(1, 500), bits=st.integers(9, 16), big=st.booleans())
@example(entries=[7] * 12, missing=14, bits=16, big=False)
@example(entries=[7] * 14, missing=12, bits=16, big=True)
@example(entries=[511], missing=9, bits=9, big=False)
def test_a_table_ends_where_its_data_end(entries: list[int], missing: int, bits: int, big: bool) -> None:
    """Fewer entries than the descriptor says: those that are there, the last of which then stands for the rest."""
    expected = (Lut(0, bits, _packed(entries)), {Mend.SHORT})
    count = len(entries) + missing
    assume(2 * len(entries) not in (count - 1, count, count + 1))  # as many bytes as entries are packed ones
    data = struct.pack(f"{'>' if big else '<'}{len(entries)}H", *entries)
    assert _table(_item(count, 0, bits, element("US", *entries))) == expected
    assert _table(_item(count, 0, bits, element("OW", data)), big_endian=big) == expected
    assert _table(_item(count, 0, bits, element("OW", data + b"\1")), big_endian=big) == expected


@given(
    entries=st.lists(st.integers(1, 255), min_size=2, max_size=40).filter(lambda made: len(made) % 2 == 0),
    missing=st.integers(2, 40),
)
def test_packed_bytes_may_end_early_too(entries: list[int], missing: int) -> None:
    """Words that are larger than 8 declared bits allow are two entries each."""
    found = _table(_item(len(entries) + missing, 0, 8, element("OW", bytes(entries))))
    assert found == (Lut(0, 8, _packed(entries)), {Mend.SHORT})


@given(first=st.integers(-0x8000, 0xFFFF), count=st.integers(1, 0xFFFF))
@example(first=0x8000, count=0x7FFF)
def test_a_first_input_that_can_be_is_taken_as_it_stands(first: int, count: int) -> None:
    """The first mapped input is US or SS; one whose table meets the input is believed (PS3.3 C.11.1.1.1)."""
    data = element("US", *[1] * count)
    span = (min(first, 0), max(first, 0))
    assume(first < 0x8000 or span[0] == 0)
    assert _table(_item(count, first, 16, data), span) == (Lut(first, 16, _packed([1] * count)), set())


@st.composite
def _wrong_signs(draw: st.DrawFn) -> tuple[int, int, int, Span]:
    """A first input, what is written for it, the number of entries, and an input that tells which is meant."""
    if draw(st.booleans()):
        first = draw(st.integers(-0x8000, -1))
        return first, first + 0x10000, draw(st.integers(1, 60)), SIGNED
    first = draw(st.integers(0x8000, 0xFFFF))
    return first, first - 0x10000, draw(st.integers(1, min(60, 0x10000 - first))), UNSIGNED


@given(made=_wrong_signs())
def test_a_first_input_of_the_wrong_sign_is_read_with_the_other_one(made: tuple[int, int, int, Span]) -> None:
    """No input could meet the table otherwise; where VRs are left out the sign was never written: no mend."""
    first, written, count, span = made
    item = _item(count, written, 16, element("US", *[1] * count))
    lut = Lut(first, 16, _packed([1] * count))
    assert _table(item, span) == (lut, {Mend.SIGN})
    assert _table(item, span, implicit=True) == (lut, set())


@given(first=st.integers(0x8000, 0xFFFF))
def test_a_first_input_that_fits_with_either_sign_has_that_of_its_inputs(first: int) -> None:
    """PS3.3 C.11.1.1.1: it is signed where they are."""
    item = _item(3, first, 16, element("US", 1, 2, 3))
    entries = _packed([1, 2, 3])
    assert _table(item, (-0x8000, 0xFFFF), implicit=True) == (Lut(first - 0x10000, 16, entries), set())
    assert _table(item, (0, 0xFFFF), implicit=True) == (Lut(first, 16, entries), set())


@given(first=st.integers(5000, 0xFFFC))
def test_a_first_input_that_fits_with_neither_sign_is_left(first: int) -> None:
    """A table far above all input is used as it stands: everything takes its first entry."""
    item = _item(3, first, 16, element("US", 1, 2, 3))
    assert _table(item, (0, 4095)) == (Lut(first, 16, _packed([1, 2, 3])), set())


BROKEN_LUTS: list[dict[str, Element]] = [
    {},
    {"LUTData": element("US", 1)},
    {"LUTDescriptor": element("US", 1, 0, 16)},
    {"LUTDescriptor": element("US", 1, 0, 16), "LUTData": element("US")},
    {"LUTDescriptor": element("US", 1, 0), "LUTData": element("US", 1)},
    _item(1, 0, 8, element("OW", b"1")),
    _item(1, 0, 0, element("US", 1)),
    _item(1, 0, 17, element("US", 1)),
    _item(1, 0, 16, element("LT", "text")),
    _item(2, 0, 16, element("UN", 1, "text")),
]


@pytest.mark.parametrize("item", BROKEN_LUTS)
def test_what_makes_no_table_is_absent(item: dict[str, Element]) -> None:
    """Without descriptor or data, or with impossible bits, there is none (PS3.3 C.11.1.1)."""
    assert _table(item) == (None, set())


@given(entries=words, bits=st.integers(1, 16))
@example(entries=[0x7FFF], bits=16)
@example(entries=[0x8000], bits=16)
@example(entries=[0], bits=16)
@example(entries=[1], bits=2)
@example(entries=[4], bits=2)
def test_a_dark_or_bright_table_is_scaled_by_its_own_largest(entries: list[int], bits: int) -> None:
    """White is the top of the declared bits, unless values fill less than half or go beyond (C.11.2.1.1)."""
    header = HeaderReading({TABLE: element("SQ", _item(len(entries), 0, bits, element("US", *entries)))})
    found = read_voi(header.frame(0), Rescale(), Stored())
    assert found == Lut(0, bits, _packed(entries))
    top = 2**bits - 1
    dark = 0 < max(entries) < top / 2
    bright = max(entries) > top
    assert white_of(Lut(0, bits, _packed(entries))) == (max(entries) if dark or bright else top)
    mends = [*([Mend.DARK] if dark else []), *([Mend.BRIGHT] if bright else [])]
    assert header.notes.mended == {Mended(TABLE, mend) for mend in mends}


@given(bits=st.integers(1, 16), signed=st.booleans())
def test_stored_values_are_as_wide_as_their_bits(bits: int, signed: bool) -> None:
    """2**bits values, half of them below 0 where they are signed (PS3.3 C.7.6.3.1)."""
    fmt = evolve(make_pixels().format, bits_stored=bits, pixel_representation=int(signed))
    low, high = stored_as(fmt).span
    assert high - low == 2**bits - 1
    assert low == (-(2 ** (bits - 1)) if signed else 0)
    assert not stored_as(fmt).big_endian
    assert not stored_as(fmt).implicit
    assert stored_as(evolve(fmt, transfer_syntax="1.2.840.10008.1.2.2")).big_endian
    for implicit in ("1.2.840.10008.1.2", "1.2.840.113619.5.2"):
        made = stored_as(evolve(fmt, transfer_syntax=implicit))
        assert (made.implicit, made.big_endian) == (True, False)  # GE's own has big endian pixels alone
    assert stored_as(evolve(fmt, keyword="FloatPixelData")).span == (-inf, inf)
