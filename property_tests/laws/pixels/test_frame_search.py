"""Laws of what finding frames costs, what fragments make a frame (PS3.5 A.4), and what is said of missing ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from struct import pack
from typing import Literal, TypeAlias

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import BadPixelData
from dicom_series_preview.core.header.image_pixel import PixelFormat, PixelSpan
from dicom_series_preview.core.pixels.fragment_walk import SMALL_ITEM, WINDOW
from dicom_series_preview.core.pixels.fragments import answer, locate_frames
from dicom_series_preview.core.pixels.items import FrameRange, extract
from property_tests.formats import (
    JPEG_LOSSLESS,
    SEQUENCE_END,
    encapsulated,
    extended_tables,
    item,
    pixel_format,
)

ONE = pixel_format(transfer_syntax=JPEG_LOSSLESS)

Located: TypeAlias = tuple[Result[FrameRange, BadPixelData], ...]

JPEG_2000 = "1.2.840.10008.1.2.4.90"
RLE = "1.2.840.10008.1.2.5"
UNCOMPRESSED = "1.2.840.10008.1.2.1.98"

_BEGINNINGS = {
    JPEG_LOSSLESS: b"\xff\xd8\xff\xe0\0\0\0\0",
    JPEG_2000: b"\xff\x4f\xff\x51\0\x2f\0\0",
    RLE: b"\x0f\0\0\0\x40\0\0\0",
}
"""How a frame of each family begins: SOI, SOC with SIZ, or an RLE header (PS3.5 G.5)."""

_MIDDLES = (
    *(b"\xff\xd8\0\0\0\0\0\0", b"\xff\x4f\xff\x52\0\0\0\0", b"junkjunk"),
    *(b"\x0f\0\0\0\x41\0\0\0", b"\x10\0\0\0\x40\0\0\0", b"\0\0\0\0\x40\0\0\0"),
)
"""Fragments that nearly begin like a frame."""


def search(
    fmt: PixelFormat,
    content: bytes,
    wanted: Sequence[int],
    span: PixelSpan | None = None,
    size: int | None = -1,
    extended: tuple[bytes, bytes] | None = None,
) -> tuple[Located, list[tuple[int, int]]]:
    """Where the wanted frames are, and the reads that took; the size is known unless it is None."""
    reads: list[tuple[int, int]] = []

    def read(start: int, stop: int) -> Result[bytes, str]:
        reads.append((start, stop))
        return Success(content[start:stop])

    known = len(content) if size == -1 else size
    found = locate_frames(fmt, span or PixelSpan(0, None), known, wanted, extended)
    return answer(found, read).unwrap(), reads


def _frames(fmt: PixelFormat, content: bytes, located: Located) -> list[bytes | None]:
    """The bytes of located frames; None for those that are not there."""
    ranges = [where.unwrap() if is_successful(where) else None for where in located]
    return [
        None if at is None else extract(fmt, at, content[at.start : at.stop]).unwrap().data for at in ranges
    ]


def _walked(
    syntax: str, frames: int, fragments: Iterable[bytes], end: bytes = SEQUENCE_END
) -> list[bytes | None]:
    """The frames that fragments without any table come to."""
    content = item(b"") + b"".join(item(part) for part in fragments) + end
    fmt = pixel_format(transfer_syntax=syntax, number_of_frames=frames)
    return _frames(fmt, content, search(fmt, content, range(frames))[0])


# --- What it costs -----------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 40), min_size=2, max_size=9), st.integers(0, 9))
def test_a_table_saves_looking(sizes: list[int], offset: int) -> None:
    """A header's table takes no read, a Basic Offset Table one that ends with the first item's beginning."""
    made = [[b"\xff\xd8\xff" + bytes(2 * size)] for size in sizes]
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=len(made))
    wanted, span = range(len(made)), PixelSpan(offset, None)
    content = bytes(offset) + encapsulated(made, "empty")
    assert search(fmt, content, wanted, span, None, extended_tables(made))[1] == []
    content = bytes(offset) + encapsulated(made, "basic")
    ((start, stop),) = search(fmt, content, wanted, span, None)[1]
    assert start == offset
    assert offset + 8 + 4 * len(made) <= stop <= offset + 8 + 4 * len(made) + 16


@given(st.integers(2, 12), st.integers(1, 6), st.data())
@example(3, 2, None)
def test_one_read_shows_what_it_holds(frames: int, half: int, data: st.DataObject | None) -> None:
    """The first read has room for a table; where that is empty, the items in its place are not read again."""
    wanted = 0 if data is None else data.draw(st.integers(0, frames - 2))
    fragment = b"\xff\xd8\xff" + bytes(2 * half - 3 + 2)
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    content = encapsulated([[fragment]] * frames, "empty")
    held = 8 + 4 * frames + 16
    needed = 8 + len(item(fragment)) * (wanted + 1) + 16  # up to the beginning of the next frame
    assert len(search(fmt, content, [wanted])[1]) == (1 if needed <= held else 2)


@given(st.integers(2, 9), st.integers(0, 40_000), st.booleans(), st.booleans())
@example(9, SMALL_ITEM // 2 - 8, False, False)
@example(9, SMALL_ITEM // 2 - 8, True, True)
def test_small_items_are_walked_in_windows(count: int, half: int, known: bool, shown: bool) -> None:
    """Items of up to 64 KiB cost a read for each window of 256 KiB, whose last item may be begun again."""
    assume(2 * half + 16 <= SMALL_ITEM)
    content = encapsulated([[b"\xff\xd8\xff\xe0" + bytes(2 * half + 4)]] * 2 * count, "empty")
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS if shown else RLE, number_of_frames=2 * count)
    reads = search(fmt, content, range(2 * count), None, len(content) if known else None)[1]
    assert len(reads) <= 2 + len(content) // (WINDOW - SMALL_ITEM)
    assert not known or len(reads) <= 2 or len(content) > WINDOW
    assert not known or all(start < stop <= len(content) for start, stop in reads)


@pytest.mark.parametrize("end", [b"", SEQUENCE_END])
@pytest.mark.parametrize("size", [SMALL_ITEM + 2, (WINDOW - 8) // 2, WINDOW // 2, 200_000, WINDOW + 10])
@pytest.mark.parametrize("count", [2, 5])
def test_large_items_are_stepped_over(count: int, size: int, end: bytes) -> None:
    """Of items above 64 KiB only the heads and beginnings are read, until what is left fits one window."""
    fragment = b"\xff\xd8\xff\xe0" + bytes(size - 12)
    content = item(b"") + item(fragment) * count + end
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=count)
    first = (0, 8 + 4 * count + 16)
    heads = [8 + size * number for number in range(1, count + 1)]
    reads = search(fmt, content, range(count), None, None)[1]
    assert reads == [first, *((head, head + 16) for head in heads)]
    far = [head for head in heads if len(content) - head > WINDOW]
    rest = [(head, len(content)) for head in heads[len(far) :] if head < len(content)][:1]
    reads = search(fmt, content, range(count))[1]
    assert reads == [first, *((head, head + 16) for head in far), *rest]


@given(st.integers(2, 5), st.integers(0, 40))
def test_nothing_is_asked_beyond_the_end(frames: int, cut: int) -> None:
    """What is known not to be there is not asked for: the object's end, or the element's."""
    whole = encapsulated([[b"\xff\xd8\xff\xe0"]] * frames, "empty")
    content = whole[: len(whole) - cut]
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    assert all(stop <= len(content) for _, stop in search(fmt, content, range(frames))[1])
    span = PixelSpan(0, len(content))
    for size in (None, len(whole)):
        assert all(stop <= len(content) for _, stop in search(fmt, whole, range(frames), span, size)[1])


@pytest.mark.parametrize("table", ["basic", "empty"])
def test_nothing_wanted_is_nothing_found(table: Literal["basic", "empty"]) -> None:
    """A search for no frames has an answer, with and without a table."""
    content = encapsulated([[b"\xff\xd8\xff\xe0"]] * 3, table)
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=3)
    assert search(fmt, content, [])[0] == ()


# --- Which fragments make a frame --------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", _BEGINNINGS)
@given(
    st.lists(st.lists(st.sampled_from(_MIDDLES), max_size=2), min_size=2, max_size=4),
    st.booleans(),
    st.data(),
)
def test_a_frame_is_what_lies_from_beginning_to_beginning(
    syntax: str, rest: list[list[bytes]], more: bool, data: st.DataObject
) -> None:
    """Without a table a frame is the fragment that begins one and those behind it that do not (PS3.5 A.4).

    Of an object that was cut between two frames, those before the cut are found.
    """
    made = [_BEGINNINGS[syntax] + b"".join(parts) for parts in rest]
    items = [[_BEGINNINGS[syntax], *parts] for parts in rest]
    assume(len(made) != sum(map(len, items)))  # else each fragment would be a frame
    assert _walked(syntax, len(made), chain(*items)) == made
    whole = data.draw(st.integers(1, len(made)))
    assume(sum(map(len, items[:whole])) not in (len(made), len(made) + 1))
    missing = [None] * (len(made) + more - whole)
    assert _walked(syntax, len(made) + more, chain(*items[:whole]), b"") == made[:whole] + missing


@given(st.integers(2, 5), st.integers(-3, 3))
def test_fragments_that_all_begin_frames_are_frames(held: int, more: int) -> None:
    """There may be fewer of them than the header says, or more: those that are there are found."""
    assume(held + more > 1)
    made = [_BEGINNINGS[JPEG_LOSSLESS] + bytes([0, number]) for number in range(held)]
    assert _walked(JPEG_LOSSLESS, held + more, made) == [*made, *[None] * more][: held + more]


@given(st.lists(st.sampled_from([_BEGINNINGS[JPEG_LOSSLESS], b"junkjunk"]), min_size=2, max_size=5))
@example([_BEGINNINGS[JPEG_LOSSLESS], b"junkjunk"])
@example([b"junkjunk", _BEGINNINGS[JPEG_LOSSLESS]])
def test_as_many_fragments_as_frames_are_a_frame_each(made: list[bytes]) -> None:
    """In a whole object with one fragment for each frame it does not matter how they begin (PS3.5 A.4)."""
    assert _walked(JPEG_LOSSLESS, len(made), made) == made


@given(st.integers(2, 5), st.sampled_from([SEQUENCE_END, b""]))
def test_frames_without_any_sign_are_counted(frames: int, end: bytes) -> None:
    """Of syntaxes whose frames begin with any bytes, as many fragments as frames are a frame each."""
    made = [bytes([number]) * 8 for number in range(frames)]
    assert _walked(UNCOMPRESSED, frames, made, end) == made


@given(st.integers(1, 3), st.integers(2, 3), st.booleans())
def test_fragments_that_contradict_the_header_are_refused(before: int, frames: int, whole: bool) -> None:
    """Fragments before the first beginning, or of fewer frames than there should be, are not guessed at."""
    begin, junk = _BEGINNINGS[JPEG_LOSSLESS], b"junkjunk"
    fragments = [junk] * before + [begin] * frames if whole else [begin, junk] * frames + [junk] * before
    promised = frames if whole else frames + 1
    assume(len(fragments) != promised)
    content = item(b"") + b"".join(item(part) for part in fragments) + SEQUENCE_END
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=promised)
    problem = (
        f"there is no offset table, and {len(fragments)} fragments do not show where {promised} frames begin"
    )
    assert search(fmt, content, [1])[0] == (Failure(BadPixelData(1, problem)),)


# --- What ends too early -----------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["basic", "extended", "none", "native"])
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(0, 9), st.booleans(), st.data())
def test_a_frame_that_ends_behind_the_end_is_refused(
    table: str, sizes: list[int], offset: int, by_span: bool, data: st.DataObject
) -> None:
    """Where a frame would end and where its object or its element does are told before anything is fetched.

    Of the last frame of a Basic Offset Table only the beginning is known.
    """
    if table == "native":
        made = [[bytes(2)] for _ in sizes]
        value = bytes(2 * len(sizes))
        ends = [offset + 2 * number for number in range(1, len(sizes) + 1)]
    else:
        made = [[b"\xff\xd8\xff\xe0" + bytes(size)] for size in sizes]
        value = encapsulated(made, "basic" if table == "basic" else "empty")
        base = offset + (8 + 4 * len(made) if table == "basic" else 8)
        ends = list(accumulate((len(item(part)) for (part,) in made), initial=base))[1:]
    if table == "basic":
        ends[-1] = ends[-2] + 1
    first = offset + (8 + 4 * len(made) if table == "basic" else 8 if table == "none" else 0)
    cut = data.draw(
        st.sampled_from([edge + more for edge in ends for more in (-1, 0, 1) if edge + more > first])
    )
    fmt = (
        pixel_format(rows=1, columns=1, number_of_frames=len(made))
        if table == "native"
        else pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=len(made))
    )
    content = bytes(offset) + value + b"behind"
    cut = min(cut, offset + len(value))
    extended = extended_tables(made) if table == "extended" else None
    span = PixelSpan(offset, cut - offset if by_span else None)
    located, _ = search(
        fmt, content if by_span else content[:cut], range(len(made)), span, None if by_span else cut, extended
    )
    for number, (where, end) in enumerate(zip(located, ends, strict=True)):
        problems = [f"it ends at byte {end}, the data at {cut}"]
        if table == "none":  # whatever comes first
            problems.append(f"not all of the {len(made)} frames are there")
        refused = [Failure(BadPixelData(number, problem)) for problem in problems]
        stop = cut if table == "basic" and number == len(made) - 1 else end
        assert where.map(lambda one: one.stop) in ([Success(stop)] if end <= cut else refused)


@given(st.integers(0, 9), st.integers(-3, 9), st.booleans())
@example(0, 0, False)
def test_the_only_frame_is_the_whole_element(offset: int, length: int, by_span: bool) -> None:
    """A single frame needs no table (PS3.5 A.4), but at least a byte of its element."""
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=1)
    end = offset + max(0, length) if by_span else max(0, offset + length)
    span = PixelSpan(offset, end - offset if by_span else None)
    found = search(fmt, b"", [0], span, None if by_span else end)
    refused = Failure(BadPixelData(0, f"it ends at byte {offset + 1}, the data at {end}"))
    whole = Success(FrameRange(offset, end, items=True, table=True))
    assert found == ((whole if end > offset else refused,), [])


@given(st.integers(1, 6), st.integers(1, 4))
def test_frames_that_share_chrominance_lie_two_thirds_apart(frames: int, pairs: int) -> None:
    """YBR_FULL_422 is subsampled (PS3.3 C.7.6.3.1.2), unless there are bytes for all samples, whatever it says."""
    fmt = pixel_format(
        rows=1,
        columns=2 * pairs,
        samples_per_pixel=3,
        photometric_interpretation="YBR_FULL_422",
        bits_allocated=8,
        number_of_frames=frames,
    )
    shared, whole = 4 * pairs, 6 * pairs
    for size, apart in ((shared * frames, shared), (whole * frames - 1, shared), (whole * frames, whole)):
        located, reads = search(fmt, bytes(7 + size), range(frames), PixelSpan(7, size))
        found = [(where.unwrap().start, where.unwrap().stop) for where in located]
        assert found == [(7 + apart * number, 7 + apart * (number + 1)) for number in range(frames)]
        assert reads == []


@given(
    st.lists(st.binary(max_size=4).map(b"\0".__add__), max_size=3),
    st.integers(0, 99),
    st.integers(1, 2**32 - 9),
)
@example([], 0, 2**31)
@example([b"\0b"], 7, 2**32 - 9)
def test_an_item_that_ends_behind_its_data_is_refused(parts: list[bytes], start: int, missing: int) -> None:
    """Where the item would end and where the data does is told, as bytes of the object (PS3.5 7.5.1).

    No part begins as a frame does: a second one that did would be the next frame.
    """
    held = b"".join(item(part) for part in parts)
    cut = b"\xfe\xff\x00\xe0" + pack("<I", 2 + missing) + b"\1\2"
    end = start + len(held) + len(cut)
    problem = f"it is cut short, an item ends at byte {end + missing}, the data at {end}"
    found = extract(ONE, FrameRange(start, 2**40, items=True), held + cut, 3)
    assert found == Failure(BadPixelData(3, problem))


@pytest.mark.parametrize("data", [b"", SEQUENCE_END, item(b""), item(b"") + SEQUENCE_END])
def test_a_frame_without_bytes_is_refused(data: bytes) -> None:
    """No items, or empty ones, are no frame; which one, if nobody says, is the first."""
    assert extract(ONE, FrameRange(5, 2**40, items=True), data, 3) == Failure(
        BadPixelData(3, "there are no fragments")
    )
    assert extract(ONE, FrameRange(5, 2**40, items=True), data) == Failure(
        BadPixelData(0, "there are no fragments")
    )


@given(st.integers(2, 5), st.integers(0, 7), st.booleans())
def test_an_object_that_ends_in_its_first_items_shows_no_frames(frames: int, held: int, table: bool) -> None:
    """A table without fragments, or an item's head without its length, is nothing to find frames by."""
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    content = item(b"") + item(b"")[:held] if table else item(b"")[:held]
    problem = (
        f"there is no offset table, and 0 fragments do not show where {frames} frames begin"
        if table
        else "the transfer syntax says that frames lie in items, but the pixel data does not begin with one"
    )
    assert search(fmt, content, [0])[0] == (Failure(BadPixelData(0, problem)),)
