"""Laws of counting what a Parquet file holds: the headers of its pages count, whatever its footer tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.index.parquet_pages import ColumnSize, FileSize, footer_length, read_sizes
from property_tests.prose import flaws


@frozen
class Page:
    """A page with so many values (None: a dictionary) and bytes, unpacked and as they are written."""

    values: int | None
    unpacked: int
    packed: int


def varint(number: int) -> bytes:
    """A number in Thrift's compact protocol, seven bits a byte, the lowest first."""
    return bytes([number & 127 | 128]) + varint(number >> 7) if number > 127 else bytes([number])


def written(value: object) -> tuple[int, bytes]:
    """The kind of a field in that protocol, and its bytes."""
    match value:
        case int():
            return 6, varint(2 * value if value >= 0 else -2 * value - 1)
        case bytes():
            return 8, varint(len(value)) + value
        case Mapping():
            fields = b""
            for number, field in value.items():
                kind, content = written(field)
                fields += bytes([kind]) + varint(2 * number) + content
            return 12, fields + b"\0"
        case Sequence():
            items = [written(item) for item in value]
            kind = items[0][0] if items else 12
            return 9, bytes([0xF0 | kind]) + varint(len(items)) + b"".join(content for _, content in items)
        case _:
            raise TypeError(value)


def page_of(page: Page) -> bytes:
    """A page, with the header that it has in a file."""
    kind: dict[int, object] = {7: {1: 3}} if page.values is None else {5: {1: page.values}}
    return written({1: 0, 2: page.unpacked, 3: page.packed, **kind})[1] + bytes(page.packed)


counts = st.integers(0, 2**31 - 1)
columns = st.lists(st.builds(Page, st.none() | counts, counts, st.integers(0, 300)), min_size=1, max_size=4)


@given(groups=st.lists(st.lists(columns, max_size=3), max_size=3), rows=counts, told=counts)
def test_the_pages_are_counted(groups: list[list[list[Page]]], rows: int, told: int) -> None:
    """What the footer tells of a column counts only where it is more."""
    data, described, expected = b"PAR1", [], []
    for group in groups:
        chunks = []
        for number, pages in enumerate(group):
            content = b"".join(map(page_of, pages))
            chunk = {1: 6 if number else 1, 3: [b"c%d" % number, b"list"], 5: told, 6: told}
            chunks.append({3: {**chunk, 7: len(content), 9: len(data)}})
            data += content
            values = sum(page.values or 0 for page in pages)
            unpacked = sum(page.unpacked for page in pages)
            size = ColumnSize(f"c{number}.list", number > 0, max(told, values), max(told, unpacked))
            expected.append(size)
        described.append({1: chunks})
    footer = written({3: rows, 4: described})[1]
    assert footer_length(len(footer).to_bytes(4, "little") + b"PAR1") == len(footer)
    read = read_sizes(footer, len(data), lambda start, stop: data[start:stop])
    assert read.unwrap() == FileSize(rows, tuple(expected))
    assert {size.name for size in expected} <= {"c0", "c1", "c2"}


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_are_counted_or_refused(footer: bytes, data: bytes) -> None:
    """Nothing is raised."""
    read = read_sizes(footer, len(data), lambda start, stop: data[start:stop])
    assert read.map(lambda size: size.rows >= 0).swap().map(bool).value_or(True)


@given(depth=st.integers(17, 5000), kind=st.sampled_from([0x1C, 0x19]))
def test_structures_that_are_nested_without_end_are_refused(depth: int, kind: int) -> None:
    """Structures within structures, and lists within lists."""
    nested = bytes([kind]) * depth if kind == 0x1C else bytes([0x19]) + b"\x19" * depth
    assert why(nested) == "it is nested too deep"


def told(sizes: Mapping[int, object], *, name: bytes = b"c", size: int = 9) -> bytes:
    """A footer of three rows with one column of these fields; its pages take `size` bytes from byte 4 on."""
    return written({3: 3, 4: [{1: [{3: {1: 6, 3: [name], 5: 0, 6: 0, 7: size, 9: 4, **sizes}}]}]})[1]


def read(footer: bytes, data: bytes) -> Result[FileSize, str]:
    return read_sizes(footer, len(data), lambda start, stop: data[start:stop])


def why(footer: bytes, data: bytes = b"") -> str:
    """Why it cannot be followed: what an editor would let pass."""
    words = read(footer, data).failure()
    reason = words.removeprefix("its pages cannot be followed (").removesuffix(")")
    assert words == f"its pages cannot be followed ({reason})"
    assert flaws(f"It is so: {reason}.") == []
    assert "None" not in reason
    return reason


OTHER_FIELDS = st.lists(
    st.sampled_from(
        [
            *((1, b""), (2, b""), (3, b"\x7f"), (4, b"\x01"), (5, varint(7)), (6, varint(2**64 - 1))),
            *((7, b"8 bytes."), (8, varint(3) + b"abc"), (12, b"\x16\x02\0"), (10, b"\x21\x01\x02")),
            *((9, b"\x15\x02"), (9, b"\xf3" + varint(20) + bytes(20)), (9, b"\x08"), (12, b"\0")),
        ]
    ),
    max_size=6,
)
"""Kinds of Thrift's compact protocol with a value of each, after its own description: truths, whole numbers of
8 to 64 bits, a double, bytes, lists, a set, structures."""


@given(
    others=OTHER_FIELDS, steps=st.lists(st.integers(1, 40), min_size=6, max_size=6), packed=st.integers(0, 9)
)
def test_fields_that_do_not_count_may_be_of_any_kind(
    others: list[tuple[int, bytes]], steps: list[int], packed: int
) -> None:
    """And have any numbers: one that is less than 16 above that before it is written as the difference."""
    header, number = written({1: 0, 2: 70, 3: packed, 8: {1: 11}})[1][:-1], 8
    for (kind, content), step in zip(others, steps, strict=False):
        number += step
        head = bytes([step << 4 | kind]) if step < 16 else bytes([kind]) + varint(2 * number)
        header += head + content
    data = b"PAR1" + header + b"\0" + bytes(packed)
    size = len(data) - 4
    assert read(told({}, size=size), data).unwrap() == FileSize(3, (ColumnSize("c", True, 11, 70),))


PAGE = page_of(Page(1, 5, 0))
SIZE = len(PAGE)


@pytest.mark.parametrize(
    "fields",
    [
        *({7: SIZE - 1}, {7: SIZE + 1}, {9: 0}, {9: 5}, {7: -1}, {9: -1}, {9: b"4"}, {7: {}}, {7: 10**6}),
        *({3: 7}, {3: {}}, {3: [b"\xff"]}, {5: -1}, {6: b""}, {9: 10**6}, {11: -2}, {11: [1]}),
    ],
)
def test_a_column_that_cannot_be_followed_is_refused_in_words(fields: dict[int, object]) -> None:
    """Its pages end where it ends; counts are whole and none is below 0; the rest is of the kind it has to be."""
    data = b"PAR1" + PAGE + b"\1\1\1"
    assert is_successful(read(told({}, size=SIZE), data))
    assert why(told(fields, size=SIZE), data)


def test_a_page_that_goes_on_behind_its_column_is_refused() -> None:
    """However much there is to be read."""
    page = page_of(Page(1, 5, 4))
    data = b"PAR1" + page + bytes(9)
    assert is_successful(read(told({}, size=len(page)), data))
    assert "behind its column" in why(told({}, size=len(page) - 1), data)


def test_fields_without_end_are_refused() -> None:
    """A million of them say nothing that an index has."""
    lists = b"\x36\x06\x29\xf3" + varint(10**6) + bytes(10**6) + b"\0"
    assert "too many fields" in why(lists)


@pytest.mark.parametrize("page", [{2: 5, 3: 0, 5: 7}, {3: 0, 5: {1: 1}}, {2: 5, 5: {1: 1}}, {2: -5, 3: 0}])
def test_a_page_without_its_sizes_is_refused(page: dict[int, object]) -> None:
    content = written(page)[1]
    assert why(told({}, size=len(content)), b"PAR1" + content)


@given(first=st.integers(4, 60), dictionary=st.integers(-1, 60))
def test_a_dictionary_that_lies_before_the_pages_is_counted_with_them(first: int, dictionary: int) -> None:
    """A file may tell where it lies, or 0, or a place behind where pages begin, which says nothing."""
    page = page_of(Page(2, 5, 0))
    begin = dictionary if 0 < dictionary < first else first
    data = bytes(begin) + page
    found = read(told({9: first, 11: max(0, dictionary)}, size=len(page)), data)
    assert found.unwrap().columns == (ColumnSize("c", True, 2, 5),)


@given(count=st.integers(0, 40))
def test_lists_are_as_long_as_they_say(count: int) -> None:
    """Up to 14 in four bits, more in a number of their own; each member counts, and only those."""
    names = [b"n%d" % number for number in range(count)]
    short = bytes([count << 4 | 8]) if count < 15 else b"\xf8" + varint(count)
    column = written({1: 6})[1][:-1] + b"\x29" + short + b"".join(varint(len(name)) + name for name in names)
    column += b"\x26\0\x16\0\x16\0\x26\x08\0"  # 5: 0, 6: 0, 7: 0, 9: 4
    footer = b"\x36\x06\x19\x1c\x19\x1c\x3c" + column + b"\0\0\0"
    (found,) = read(footer, bytes(9)).unwrap().columns
    assert found.path == ".".join(name.decode() for name in names)


@given(size=st.integers(0, 9))
def test_bytes_that_are_not_there_are_refused(size: int) -> None:
    """A field that is cut, a number that goes on and on, a kind that nobody knows."""
    whole = written({3: 3, 5: b"123456789"})[1]
    assert is_successful(read(whole, b""))
    for damaged in (whole[: len(whole) - 2 - size], b"\x36\x06" + b"\x16" + b"\xff" * 11, b"\x36\x06\x1d\0"):
        assert why(damaged)


@given(zigzag=st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_are_zigzag(zigzag: int) -> None:
    """0, -1, 1, -2, 2 …: the sign is the lowest bit; what is below 0 counts nothing."""
    number = 2 * zigzag if zigzag >= 0 else -2 * zigzag - 1
    found = read(b"\x36" + varint(number) + b"\0", b"")
    assert found.map(lambda size: size.rows).value_or(None) == (zigzag if zigzag >= 0 else None)


def test_structures_may_be_nested_16_deep() -> None:
    """And lists in lists: a file of Parquet has fewer."""
    for depth in (16, 17):
        structures = b"\x36\x06\x2c" + b"\x1c" * (depth - 1) + b"\0" * depth + b"\0"
        lists = b"\x36\x06\x29" + b"\x19" * (depth - 1) + b"\x13\x01" + b"\0"
        assert is_successful(read(structures, b"")) == is_successful(read(lists, b"")) == (depth == 16)


@given(st.binary(max_size=9))
def test_a_tail_without_its_mark_is_none(tail: bytes) -> None:
    assert footer_length(tail) is None
