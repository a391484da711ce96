"""Single frames found in pixel data: by arithmetic, by tables, by walking; and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

import pytest
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

HEADER = b"h" * 100
JPEG = b"\xff\xd8\xff\xe0"


class Reader:
    """An object in memory that notes what was read of it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reads: list[tuple[int, int]] = []

    def __call__(self, start: int, stop: int) -> Result[bytes, str]:
        self.reads.append((start, stop))
        return Success(self.content[start:stop])


def locate(
    fmt: PixelFormat,
    content: bytes,
    wanted: Sequence[int],
    length: int | None = None,
    extended: tuple[bytes, bytes] | None = None,
) -> tuple[list[bytes | str], list[tuple[int, int]]]:
    """Each wanted frame's bytes, or why it is refused; and the reads that finding them took."""
    reader = Reader(content)
    search = locate_frames(fmt, PixelSpan(len(HEADER), length), len(content), wanted, extended)
    found: list[bytes | str] = []
    for frame, where in zip(wanted, answer(search, reader).unwrap(), strict=True):
        if not is_successful(where):
            found.append(where.failure().problem)
            continue
        at = where.unwrap()
        taken = extract(fmt, at, content[at.start : at.stop], frame)
        found.append(taken.unwrap().data if is_successful(taken) else taken.failure().problem)
    return found, reader.reads


def compressed(frames: int) -> PixelFormat:
    return pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames, vr="OB")


FRAMES = [[JPEG + b"one", b"more of one"], [JPEG + b"two"], [JPEG + b"three!", b"and", b"again"]]
PADDED = [b"".join(part + b"\0" * (len(part) % 2) for part in frame) for frame in FRAMES]


def test_native_frames_need_no_reading() -> None:
    frames = [bytes([number]) * 48 for number in range(5)]
    content = HEADER + b"".join(frames)
    assert locate(pixel_format(number_of_frames=5), content, [4, 0, 3], 240) == (
        [frames[4], frames[0], frames[3]],
        [],
    )


def test_a_one_bit_frame_begins_inside_a_byte() -> None:
    fmt = pixel_format(bits_allocated=1, rows=3, columns=5, number_of_frames=4)
    located = answer(locate_frames(fmt, PixelSpan(100, 8), 108, range(4)), Reader(b"")).unwrap()
    assert [where.unwrap() for where in located] == [
        FrameRange(100, 102, 0),
        FrameRange(101, 104, 7),
        FrameRange(103, 106, 6),
        FrameRange(105, 108, 5),
    ]


def test_odd_frames_of_swapped_bytes_are_read_in_whole_words() -> None:
    fmt = pixel_format(
        bits_allocated=8,
        rows=3,
        columns=3,
        number_of_frames=2,
        transfer_syntax="1.2.840.10008.1.2.2",
        vr="OW",
    )
    located = answer(locate_frames(fmt, PixelSpan(100, 18), 118, [0, 1]), Reader(b"")).unwrap()
    assert [where.unwrap() for where in located] == [FrameRange(100, 110, 0), FrameRange(108, 118, 8)]


def test_subsampled_native_frames_are_two_thirds_as_long() -> None:
    fmt = pixel_format(
        photometric_interpretation="YBR_FULL_422", samples_per_pixel=3, bits_allocated=8, number_of_frames=2
    )
    frames = [b"a" * 48, b"b" * 48]
    assert locate(fmt, HEADER + b"".join(frames), [1], 96)[0] == [frames[1]]


def test_frames_that_only_say_that_they_are_subsampled_are_whole() -> None:
    fmt = pixel_format(
        photometric_interpretation="YBR_FULL_422", samples_per_pixel=3, bits_allocated=8, number_of_frames=2
    )
    frames = [b"a" * 72, b"b" * 72]
    assert locate(fmt, HEADER + b"".join(frames), [1], 144)[0] == [frames[1]]


def test_a_native_object_cut_short_keeps_its_whole_frames() -> None:
    content = HEADER + b"a" * 48 + b"b" * 47
    found, _ = locate(pixel_format(number_of_frames=3), content, [0, 1, 2], 144)
    assert found == [
        b"a" * 48,
        "it ends at byte 196, the data at 195",
        "it ends at byte 244, the data at 195",
    ]


@pytest.mark.parametrize("length", [None, "defined"])
def test_one_frame_is_the_whole_element_in_one_read(length: str | None) -> None:
    value = encapsulated([[JPEG + b"a", b"bc", b"def"]], "empty")
    content = HEADER + value + b"trailing elements"
    fmt = compressed(1)
    found, reads = locate(fmt, content, [0], None if length is None else len(value))
    assert (found, reads) == ([JPEG + b"a\0bcdef\0"], [])


def test_a_basic_offset_table_costs_one_small_read() -> None:
    content = HEADER + encapsulated(FRAMES, "basic")
    found, reads = locate(compressed(3), content, [2, 0, 1])
    assert found == [PADDED[2], PADDED[0], PADDED[1]]
    assert reads == [(100, 100 + 8 + 3 * 4 + 16)]


def test_an_extended_offset_table_costs_no_read() -> None:
    frames = [[JPEG + b"one"], [JPEG + b"2"], [JPEG + b"three"]]
    content = HEADER + encapsulated(frames, "empty")
    found, reads = locate(compressed(3), content, [1, 2], extended=extended_tables(frames))
    assert (found, reads) == ([JPEG + b"2\0", JPEG + b"three\0"], [])


def test_an_extended_offset_table_of_another_length_is_not_believed() -> None:
    frames = [[JPEG + b"one"], [JPEG + b"2"]]
    content = HEADER + encapsulated(frames, "empty")
    found, _ = locate(compressed(2), content, [1], extended=extended_tables(frames[:1]))
    assert found == [JPEG + b"2\0"]


def test_without_a_table_the_items_are_walked() -> None:
    content = HEADER + encapsulated(FRAMES, "empty")
    assert locate(compressed(3), content, [0, 1, 2])[0] == PADDED


@pytest.mark.parametrize("offsets", [(0, 0, 0), (0, 40, 20), (8, 40, 60), (0,)])
def test_a_basic_offset_table_that_cannot_be_right_is_walked_past(offsets: tuple[int, ...]) -> None:
    items = encapsulated(FRAMES, "empty")[8:]
    content = HEADER + item(pack(f"<{len(offsets)}I", *offsets)) + items
    assert locate(compressed(3), content, [0, 1, 2])[0] == PADDED


def test_one_fragment_each_needs_no_beginning_that_is_known() -> None:
    content = HEADER + encapsulated([[b"aa"], [b"bb"], [b"cc"]], "empty")
    assert locate(compressed(3), content, [1])[0] == [b"bb"]


def test_fragments_that_do_not_show_their_frames_are_refused() -> None:
    content = HEADER + encapsulated([[b"aa", b"aa"], [b"bb"]], "empty")
    found, _ = locate(compressed(2), content, [0])
    assert found == ["there is no offset table, and 3 fragments do not show where 2 frames begin"]


def test_a_walk_ends_with_the_last_wanted_frame() -> None:
    frames = [[JPEG + bytes([number]) * (SMALL_ITEM + 2)] for number in range(50)]
    content = HEADER + encapsulated(frames, "empty")
    found, reads = locate(compressed(50), content, [3])
    assert found == [frames[3][0]]
    assert sum(stop - start for start, stop in reads) < 2 * WINDOW
    assert reads[-1][1] < 100 + 5 * (SMALL_ITEM + 20)


def test_large_items_are_walked_from_head_to_head() -> None:
    frames = [[JPEG + b"x" * (WINDOW + 2)] for _ in range(20)]
    content = HEADER + encapsulated(frames, "empty")
    found, reads = locate(compressed(20), content, [19])
    assert found == [frames[19][0]]
    assert sum(stop - start for start, stop in reads) < WINDOW + 1000


def test_small_items_share_a_read() -> None:
    frames = [[JPEG + b"x" * 1000] for _ in range(500)]
    content = HEADER + encapsulated(frames, "empty")
    found, reads = locate(compressed(500), content, [499])
    assert found == [frames[499][0]]
    assert len(reads) <= 5


@pytest.mark.parametrize("table", ["basic", "empty"])
def test_a_cut_object_keeps_the_frames_before_the_cut(table: str) -> None:
    value = encapsulated(FRAMES, "basic" if table == "basic" else "empty")
    content = HEADER + value[: value.index(b"three")]
    found, _ = locate(compressed(3), content, [0, 1, 2])
    assert found[:2] == PADDED[:2]
    assert isinstance(found[2], str)


def test_a_missing_frame_is_refused_by_itself() -> None:
    content = HEADER + encapsulated(FRAMES, "basic")
    found, _ = locate(compressed(3), content, [1, 3])
    assert found == [PADDED[1], "not all of the 3 frames are there"]


def test_pixel_data_that_does_not_begin_with_an_item_is_refused() -> None:
    found, _ = locate(compressed(2), HEADER + b"\xff\xd8\xff\xe0" * 20, [0])
    assert found == [
        "the transfer syntax says that frames lie in items, but the pixel data does not begin with one"
    ]


def test_a_range_without_items_is_refused() -> None:
    where = FrameRange(100, 120, items=True)
    assert extract(compressed(1), where, b"\xff\xd8" * 10, 6) == Failure(
        BadPixelData(6, "the transfer syntax says that frames lie in items, but there is no item at byte 100")
    )


@pytest.mark.parametrize("content", [b"", SEQUENCE_END, item(b"") + SEQUENCE_END])
def test_an_element_without_fragments_is_refused(content: bytes) -> None:
    where = FrameRange(0, 10**6, items=True, table=True)
    assert extract(compressed(1), where, content) == Failure(BadPixelData(0, "there are no fragments"))


def test_a_fault_of_the_reader_ends_the_search() -> None:
    def broken(start: int, stop: int) -> Result[bytes, str]:
        return Failure(f"no bytes {start}-{stop}")

    search = locate_frames(compressed(3), PixelSpan(100, None), 1000, [0])
    assert answer(search, broken) == Failure("no bytes 100-136")


def test_an_object_of_unknown_size_is_walked_to_its_end() -> None:
    content = HEADER + encapsulated(FRAMES, "empty")[: -len(SEQUENCE_END)]
    located = answer(locate_frames(compressed(3), PixelSpan(100, None), None, [2]), Reader(content)).unwrap()
    where = located[0].unwrap()
    assert extract(compressed(3), where, content[where.start : where.stop]).unwrap().data == PADDED[2]
