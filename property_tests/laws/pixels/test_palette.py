"""Laws of palettes: what was written into a table is what a pixel's colour is (PS3.3 C.7.6.3.1.6, C.7.9)."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from struct import pack
from typing import TypeAlias

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.pixels.palette import apply, read_palette

Segment: TypeAlias = tuple[str, list[int]]

_CHANNELS = ("Red", "Green", "Blue")
_TABLES = st.integers(1, 12).flatmap(
    lambda size: st.tuples(*[st.lists(st.integers(0, 65535), min_size=size, max_size=size)] * 3)
)


def elements(
    entries: int, first: int, bits: int, tables: tuple[bytes, ...], prefix: str = ""
) -> dict[str, Element]:
    made: dict[str, Element] = {}
    for channel, table in zip(_CHANNELS, tables, strict=True):
        made[f"{channel}PaletteColorLookupTableDescriptor"] = Element("US", (entries, first, bits))
        made[f"{prefix}{channel}PaletteColorLookupTableData"] = Element("OW", (table,))
    return made


def words(values: list[int], order: str = "<") -> bytes:
    return pack(f"{order}{len(values)}H", *values)


# 255 is the most that fits 8 bits, and 256 the least that does not; the sign's first value is the lowest.
@example(([0, 256], [255, 1], [9, 9]), -32768, [-32768, -32767], False, True)
@example(([0, 255], [255, 1], [9, 9]), 32768, [32768, 40000], False, False)
@given(
    _TABLES, st.integers(0, 65535), st.lists(st.integers(0, 65535), max_size=20), st.booleans(), st.booleans()
)
def test_a_pixel_has_the_colour_of_its_entry(
    tables: tuple[list[int], ...], first: int, pixels: list[int], big_endian: bool, signed: bool
) -> None:
    """Value v has the entry v - first; values below or above the table have its first or last.

    The first value mapped has the sign of the pixels (PS3.3 C.7.6.3.1.5).
    """
    if signed:
        first, *pixels = (value - 2**16 if value >= 2**15 else value for value in (first, *pixels))
    order = ">" if big_endian else "<"
    made = elements(len(tables[0]), first & 0xFFFF, 16, tuple(words(table, order) for table in tables))
    palette = read_palette(made, signed=signed, big_endian=big_endian).unwrap()
    assert palette.first_mapped == first
    assert palette.colours.dtype == np.uint8
    wide = any(value > 255 for table in tables for value in table)
    expected = [
        [table[min(max(pixel - first, 0), len(table) - 1)] // (256 if wide else 1) for table in tables]
        for pixel in pixels
    ]
    assert apply(palette, np.array(pixels, np.int16 if signed else np.uint16)).tolist() == expected


@given(st.integers(32768, 65535))
def test_unsigned_little_endian_words_are_the_usual(first: int) -> None:
    """What is not said otherwise is what most images have: unsigned pixels, in little endian."""
    palette = read_palette(elements(1, first, 16, (b"\0\x07",) * 3)).unwrap()
    assert palette.first_mapped == first
    assert palette.colours.tolist() == [[7, 7, 7]]


@given(_TABLES, st.permutations([0, 1, 2]))
def test_tables_of_different_lengths_have_the_colours_that_all_have(
    tables: tuple[list[int], ...], longer: list[int]
) -> None:
    """The tables shall be of one length (PS3.3 C.7.6.3.1.5): what only some of them tell is no colour."""
    each = [table + [0] * more for table, more in zip(tables, longer, strict=True)]
    made: dict[str, Element] = {}
    for channel, table in zip(_CHANNELS, each, strict=True):
        made[f"{channel}PaletteColorLookupTableDescriptor"] = Element("US", (len(table), 0, 16))
        made[f"{channel}PaletteColorLookupTableData"] = Element("OW", (words(table),))
    assert len(read_palette(made).unwrap().colours) == len(tables[0])


@example([7], False, False)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=30), st.booleans(), st.booleans())
def test_eight_bit_tables_read_the_same_packed_and_unpacked(
    values: list[int], big_endian: bool, unpacked: bool
) -> None:
    """An 8-bit entry takes a byte, or in some files a word; in big endian words the bytes are swapped.

    See PS3.3 C.7.6.3.1.6.
    """
    padded = [*values, 0] if len(values) % 2 else values
    packed = [low | high << 8 for low, high in zip(padded[::2], padded[1::2], strict=True)]
    table = words(values if unpacked else packed, ">" if big_endian else "<")
    palette = read_palette(elements(len(values), 0, 8, (table,) * 3), big_endian=big_endian).unwrap()
    assert palette.colours[:, 0].tolist() == values


@example([7])
@given(st.lists(st.integers(0, 255), min_size=1, max_size=30))
def test_the_byte_that_pads_a_table_may_lack(values: list[int]) -> None:
    """An odd number of 8-bit entries is padded to whole words (PS3.3 C.7.6.3.1.6); some writers forget."""
    palette = read_palette(elements(len(values), 0, 8, (bytes(values),) * 3)).unwrap()
    assert palette.colours[:, 0].tolist() == values


@st.composite
def segments(draw: st.DrawFn, largest: int) -> list[Segment]:
    """Segments of which the first is discrete, and indirect ones name a run of those before them."""
    made: list[Segment] = []
    for number in range(draw(st.integers(1, 5))):
        kind = "discrete" if number == 0 else draw(st.sampled_from(["discrete", "linear", "indirect"]))
        if kind == "discrete":
            made.append((kind, draw(st.lists(st.integers(0, largest), min_size=1, max_size=4))))
        elif kind == "linear":
            made.append((kind, [draw(st.integers(1, 7)), draw(st.integers(0, largest))]))
        else:
            plain = [at for at, (other, _) in enumerate(made) if other != "indirect"]
            start = draw(st.sampled_from(plain))
            run = 1
            while start + run < len(made) and made[start + run][0] != "indirect" and draw(st.booleans()):
                run += 1
            made.append((kind, [start, run]))
    return made


def encode(made: list[Segment], width: int) -> list[int]:
    """The codes of segments (PS3.3 C.7.9.2), `width` bytes each."""
    codes: list[int] = []
    begins: list[int] = []
    for kind, values in made:
        begins.append(len(codes))
        if kind == "discrete":
            codes += [0, len(values), *values]
        elif kind == "linear":
            codes += [1, *values]
        else:
            offset = begins[values[0]] * width
            parts = [offset >> 8 * width * place & (256**width - 1) for place in range(4 // width)]
            codes += [2, values[1], *parts]
    return codes


def expand(made: list[Segment]) -> list[int]:
    """The same segments as values, in fractions."""
    values: list[int] = []
    for kind, told in made:
        run = made[told[0] : told[0] + told[1]] if kind == "indirect" else [(kind, told)]
        for part, told_part in run:
            if part == "discrete":
                values += told_part
            else:
                count, end = told_part
                start = values[-1]
                steps = (Fraction(end - start, count) * step + start for step in range(1, count + 1))
                values += [floor(exact + Fraction(1, 2)) for exact in steps]
    return values


# An offset of more than 65535 bytes takes both of its words.
@example([("discrete", [9] * 40_000), ("discrete", [300, 7]), ("indirect", [1, 1])], False)
@given(segments(65535), st.booleans())
def test_segments_of_words_expand_to_their_values(made: list[Segment], big_endian: bool) -> None:
    """Discrete values, straight lines and repeated segments come to the table they stand for (PS3.3 C.7.9.2)."""
    expected = expand(made)
    order = ">" if big_endian else "<"
    table = words(encode(made, 2), order)
    flat = words([0, len(expected), *([65535] * len(expected))], order)
    source = elements(len(expected), 0, 16, (table, flat, flat), "Segmented")
    palette = read_palette(source, big_endian=big_endian).unwrap()
    assert palette.colours[:, 0].tolist() == [value >> 8 for value in expected]


@example([*[("discrete", [9] * 200)] * 2, ("discrete", [3, 7]), ("indirect", [2, 1])])
@given(segments(255))
def test_segments_of_bytes_expand_to_their_values(made: list[Segment]) -> None:
    """The same where codes are bytes, and the offset of a repeated segment four of them (PS3.3 C.7.9.2)."""
    expected = expand(made)
    codes = bytes(encode(made, 1))
    table = codes + b"\0" * (len(codes) % 2)
    palette = read_palette(elements(len(expected), 0, 8, (table,) * 3, "Segmented")).unwrap()
    assert palette.colours[:, 2].tolist() == expected


@given(
    st.integers(0, 65535),
    st.sampled_from([8, 16, 12]),
    st.binary(max_size=40),
    st.sampled_from(["", "Segmented"]),
)
def test_any_bytes_are_a_table_or_a_refusal(entries: int, bits: int, table: bytes, prefix: str) -> None:
    """Whatever the bytes, there is a table of the promised length, or a sentence that says why not."""
    read = read_palette(elements(entries, 0, bits, (table,) * 3, prefix))
    if is_successful(read):
        outcome = len(read.unwrap().colours) == (entries or 65536)
    else:
        outcome = str(read.failure()).startswith("The red palette colour lookup table is unusable: ")
    assert outcome
