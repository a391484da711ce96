"""Palette colour tables: plain and segmented, 8 and 16 bit, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from struct import pack

import numpy as np
import pytest

from dicom_series_preview.core.faults.objects import BadPalette
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.pixels.palette import apply, read_palette


def words(*values: int) -> bytes:
    return pack(f"<{len(values)}H", *values)


def header(
    descriptor: tuple[int, int, int], red: bytes, green: bytes, blue: bytes, segmented: bool = False
) -> Mapping[str, Element]:
    prefix = "Segmented" if segmented else ""
    made: dict[str, Element] = {}
    for channel, table in (("Red", red), ("Green", green), ("Blue", blue)):
        made[f"{channel}PaletteColorLookupTableDescriptor"] = Element("US", descriptor)
        made[f"{prefix}{channel}PaletteColorLookupTableData"] = Element("OW", (table,))
    return made


def colours(
    made: Mapping[str, Element], *, signed: bool = False, big_endian: bool = False
) -> list[list[int]]:
    found: list[list[int]] = (
        read_palette(made, signed=signed, big_endian=big_endian).unwrap().colours.tolist()
    )
    return found


def segmented_red(*codes: int, entries: int) -> list[int]:
    """The red values of a segmented 16-bit table, shown with the 8 bits they fit in."""
    flat = words(0, entries, *([7] * entries))
    return [row[0] for row in colours(header((entries, 0, 16), words(*codes), flat, flat, segmented=True))]


def test_sixteen_bit_colours_keep_their_upper_eight() -> None:
    made = header((2, 0, 16), words(0xFF00, 0x1234), words(0, 0xFFFF), words(0x80FF, 0))
    assert colours(made) == [[255, 0, 128], [0x12, 255, 0]]


def test_eight_bit_colours_are_two_in_a_word() -> None:
    made = header((3, 0, 8), b"\x01\x02\x03\x00", b"\x0a\x0b\x0c\x00", b"\xff\x00\xfe\x00")
    assert colours(made) == [[1, 10, 255], [2, 11, 0], [3, 12, 254]]


def test_eight_bit_colours_may_take_a_word_each() -> None:
    made = header((2, 0, 8), words(1, 2), words(3, 4), words(5, 255))
    assert colours(made) == [[1, 3, 5], [2, 4, 255]]


def test_sixteen_bits_that_hold_eight_are_taken_as_they_are() -> None:
    made = header((2, 0, 16), words(0, 255), words(0, 17), words(0, 1))
    assert colours(made) == [[0, 0, 0], [255, 17, 1]]


def test_sixteen_bits_of_which_eight_are_there_are_bytes() -> None:
    made = header((3, 0, 16), b"\x01\x02\x03\0", b"\x04\x05\x06\0", b"\x07\x08\x09\0")
    assert colours(made) == [[1, 4, 7], [2, 5, 8], [3, 6, 9]]


def test_big_endian_tables_are_swapped_by_words() -> None:
    word, pair = pack(">2H", 0x1200, 0xFF00), b"\x02\x01\x00\x03"
    assert colours(header((2, 0, 16), word, word, word), big_endian=True)[0] == [0x12] * 3
    assert colours(header((3, 0, 8), pair, pair, pair), big_endian=True) == [[1] * 3, [2] * 3, [3] * 3]


def test_an_entry_count_of_zero_means_65536() -> None:
    table = words(*range(65536))
    assert len(colours(header((0, 0, 16), table, table, table))) == 65536


def test_values_off_the_table_take_its_ends() -> None:
    palette = read_palette(header((2, 10, 8), b"\x01\x02", b"\x03\x04", b"\x05\x06")).unwrap()
    rgb = apply(palette, np.array([[0, 10, 11, 255]], np.uint8))
    assert rgb.tolist() == [[[1, 3, 5], [1, 3, 5], [2, 4, 6], [2, 4, 6]]]
    assert rgb.dtype == np.uint8


def test_the_first_value_has_the_sign_of_the_pixels() -> None:
    made = header((2, 0xFFFF, 8), b"\x01\x02", b"\x01\x02", b"\x01\x02")
    assert apply(read_palette(made, signed=True).unwrap(), np.array([-1, 0], np.int16))[:, 0].tolist() == [
        1,
        2,
    ]
    assert read_palette(made).unwrap().first_mapped == 0xFFFF


def test_a_linear_segment_runs_from_the_last_value_to_its_own() -> None:
    assert segmented_red(0, 1, 10, 1, 4, 50, entries=5) == [10, 20, 30, 40, 50]
    assert segmented_red(0, 1, 50, 1, 4, 10, entries=5) == [50, 40, 30, 20, 10]
    assert segmented_red(0, 1, 9, 1, 3, 9, entries=4) == [9, 9, 9, 9]


def test_an_indirect_segment_repeats_others_from_where_it_stands() -> None:
    # Discrete 1 2, linear to 10 in 2, discrete 3; then the second and third again, from byte 8 on.
    codes = (0, 2, 1, 2, 1, 2, 10, 0, 1, 3, 2, 2, 8, 0)
    assert segmented_red(*codes, entries=8) == [1, 2, 6, 10, 3, 7, 10, 3]


def test_segments_of_eight_bits_have_offsets_of_four_bytes() -> None:
    table = bytes([0, 2, 1, 2, 0, 1, 9, 2, 1, 4, 0, 0, 0, 0])
    made = header((4, 0, 8), table, table, table, segmented=True)
    assert [row[0] for row in colours(made)] == [1, 2, 9, 9]


@pytest.mark.parametrize(
    "codes",
    [
        (1, 4, 50),  # a linear segment with nothing before it
        (2, 1, 0, 0),  # an indirect one with nothing to repeat but itself
        (0, 1, 5, 2, 1, 6, 0),  # one that repeats itself
        (0, 9, 1, 2),  # a discrete one cut short
        (0, 1, 5, 7, 1, 1),  # no such segment
        (0, 1, 5),  # too few entries
        (0, 0, 0),  # an empty segment
        (),
    ],
)
def test_broken_segments_are_refused(codes: tuple[int, ...]) -> None:
    table = words(*codes)
    refused = read_palette(header((4, 0, 16), table, table, table, segmented=True)).failure()
    assert refused == BadPalette("Red", "its segments do not make 4 entries")


def test_a_missing_table_is_refused_by_its_colour() -> None:
    made = dict(header((2, 0, 8), b"\x01\x02", b"\x03\x04", b"\x05\x06"))
    del made["GreenPaletteColorLookupTableData"]
    assert read_palette(made).failure() == BadPalette("Green", "it has no data")
    del made["RedPaletteColorLookupTableDescriptor"]
    assert read_palette(made).failure().channel == "Red"


def test_a_short_table_and_odd_bits_are_refused() -> None:
    short = header((5, 0, 8), b"\x01\x02", b"\x03\x04", b"\x05\x06")
    assert read_palette(short).failure() == BadPalette("Red", "it has 2 of 5 entries")
    odd = header((2, 0, 12), b"\x01\x02", b"\x03\x04", b"\x05\x06")
    assert read_palette(odd).failure() == BadPalette("Red", "its entries have 12 bits, not 8 or 16")
