"""Laws of counting what a Parquet file holds: the headers of its pages count, whatever its footer tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.index.parquet_pages import ColumnSize, FileSize, footer_length, read_sizes


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
            return 6, varint(2 * value)
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
    assert "followed" in read_sizes(nested, 0, lambda _start, _stop: b"").failure()


@given(st.binary(max_size=9))
def test_a_tail_without_its_mark_is_none(tail: bytes) -> None:
    assert footer_length(tail) is None
