"""Laws of bounds and of what is odd: no frame is longer than its header allows, and nothing is passed over."""

from __future__ import annotations

from struct import pack

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Result, Success

from dicom_series_preview.core.faults.objects import BadPixelData
from dicom_series_preview.core.header.image_pixel import PixelFormat, PixelSpan
from dicom_series_preview.core.odd_pixels import (
    MoreFrames,
    NativeAnyway,
    NoDelimiter,
    PixelOddity,
    UselessTable,
    WrappedAnyway,
)
from dicom_series_preview.core.pixels.fragments import answer, locate_frames
from dicom_series_preview.core.pixels.items import FrameRange, begins_frame, extract, longest_frame
from dicom_series_preview.core.pixels.jpeg_xl import read_jxl_header
from property_tests.formats import JPEG_LOSSLESS, SEQUENCE_END, encapsulated, item, pixel_format

JXL = "1.2.840.10008.1.2.4.112"
BEGIN = b"\xff\xd8\xff"

Found = tuple[list[bytes | str], set[PixelOddity], list[tuple[int, int]]]


def find(
    fmt: PixelFormat, content: bytes, wanted: list[int], size: int | None = -1, *, trusting: bool = True
) -> Found:
    """What each frame comes to, what was odd, and what was read to find them."""
    reads: list[tuple[int, int]] = []

    def read(start: int, stop: int) -> Result[bytes, str]:
        reads.append((start, stop))
        return Success(content[start:stop])

    known = len(content) if size == -1 else size
    search = locate_frames(fmt, PixelSpan(0, None), known, wanted, trusting=trusting)
    frames: list[bytes | str] = []
    odd: set[PixelOddity] = set()
    for where in answer(search, read).unwrap():
        taken = where.bind(lambda at: extract(fmt, at, content[at.start : at.stop]))
        frames.append(taken.map(lambda one: one.data).value_or("refused"))
        odd.update(taken.map(lambda one: one.odd).value_or(()))
    return frames, odd, reads


def compressed(frames: int, **more: int) -> PixelFormat:
    return pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames, **more)


@given(rows=st.integers(1, 300), columns=st.integers(1, 300), bits=st.sampled_from([1, 8, 16, 32]))
def test_a_frame_is_at_most_three_times_as_long_as_its_pixels(rows: int, columns: int, bits: int) -> None:
    """And a mebibyte more, for what streams hold beside them."""
    fmt = compressed(1, rows=rows, columns=columns, bits_allocated=bits)
    assert longest_frame(fmt) == 3 * rows * columns * {1: 1, 8: 1, 16: 2, 32: 4}[bits] + 2**20


@given(frames=st.integers(1, 3), known=st.booleans(), beyond=st.integers(1, 2**33))
def test_no_more_is_read_than_a_frame_may_take(frames: int, known: bool, beyond: int) -> None:
    """However far the object goes on; an item that goes further is refused in words."""
    fmt = compressed(frames)
    most = longest_frame(fmt)
    table = pack(f"<{frames}I", *(12 * number for number in range(frames))) if frames > 1 else b""
    content = (
        item(table) + item(BEGIN) * (frames - 1) + b"\xfe\xff\x00\xe0" + pack("<I", 2**32 - 2) + b"x" * 9
    )
    search = locate_frames(
        fmt, PixelSpan(0, None), len(content) + most + beyond if known else None, [frames - 1]
    )
    (found,) = answer(search, lambda start, stop: Success(content[start:stop])).unwrap()
    where = found.unwrap()
    assert (where.stop - where.start, where.clipped) == (most, True)
    held = content[where.start :].ljust(most, b"\0")  # as many as were asked for, and no more
    words = f"it has more than {most} bytes, too many for 4 x 6 with 1 samples"
    assert extract(fmt, where, held).failure() == BadPixelData(0, words)
    end = where.start + len(held[:100])
    assert f"the data at {end}" in extract(fmt, where, held[:100]).failure().problem


@pytest.mark.parametrize("more", [0, 2])
def test_a_frame_may_take_all_that_is_allowed(more: int) -> None:
    """And not two bytes more; its table tells where it ends."""
    fmt = compressed(2)
    body = BEGIN.ljust(longest_frame(fmt) - len(item(b"")) + more, b"\1")
    found, _, _ = find(fmt, encapsulated([[body], [BEGIN]], "basic"), [0])
    assert found == ["refused" if more else body]


@given(frames=st.integers(2, 4), size=st.integers(0, 9))
def test_a_walk_over_small_items_comes_to_an_end(frames: int, size: int) -> None:
    """Empty items for ever are no frames: a fragment counts for a kibibyte at least."""
    fmt = compressed(frames)
    one = item(b"x" * size)
    reads = []

    def read(start: int, stop: int) -> Result[bytes, str]:
        reads.append(stop - start)
        return Success((one * ((stop - start) // len(one) + 2))[start % len(one) :][: stop - start])

    (found,) = answer(locate_frames(fmt, PixelSpan(0, None), None, [0]), read).unwrap()
    assert found.failure().problem == f"its fragments are more than {frames} frames of 4 x 6 take"
    assert sum(reads) < frames * longest_frame(fmt)


@pytest.mark.parametrize(("syntax", "begin"), [(JPEG_LOSSLESS, BEGIN), (JXL, b"\xff\x0a\0")])
@given(frames=st.integers(1, 4), more=st.integers(0, 3), table=st.booleans())
def test_more_frames_than_the_header_says_are_told(
    syntax: str, begin: bytes, frames: int, more: int, table: bool
) -> None:
    """By a longer table, or by fragments that begin like frames; those that are spoken of are whole."""
    parts = [[begin + bytes([number])] for number in range(frames + more)]
    content = encapsulated(parts, "basic" if table else "empty")
    fmt = evolve(compressed(frames), transfer_syntax=syntax)
    found, odd, _ = find(fmt, content, list(range(frames)))
    assert found == [part[0] for part in parts[:frames]]
    assert odd == ({MoreFrames(frames)} if more else set())


@given(frames=st.integers(1, 4), junk=st.sampled_from([b"", bytes(8), b"what is this"]))
def test_what_is_no_delimiter_is_told(frames: int, junk: bytes) -> None:
    """The end of the object may stand for one; anything else is left out."""
    parts = [[BEGIN + bytes([number])] for number in range(frames)]
    content = encapsulated(parts, "empty").removesuffix(SEQUENCE_END) + junk
    found, odd, _ = find(compressed(frames), content, list(range(frames)))
    assert found == [part[0] for part in parts]
    # Where each fragment begins a frame the walk need not go on to the end.
    assert odd <= {NoDelimiter()}
    assert frames > 1 or odd == ({NoDelimiter()} if junk else set())


@given(frames=st.integers(2, 4), junk=st.sampled_from([bytes(8), b"what is this"]))
def test_without_a_mark_each_fragment_is_a_frame_up_to_what_is_none(frames: int, junk: bytes) -> None:
    """As many fragments as frames can be read in one way alone (PS3.5 A.4), delimiter or not."""
    parts = [[bytes([7, number])] for number in range(frames)]
    content = encapsulated(parts, "empty").removesuffix(SEQUENCE_END)
    found, odd, _ = find(compressed(frames), content + junk, list(range(frames)))
    assert found == [part[0] for part in parts]
    assert odd == {NoDelimiter()}


@given(
    offsets=st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=4).filter(lambda made: made[0] > 0),
)
def test_a_table_that_is_none_is_told(offsets: list[int]) -> None:
    """The fragments are walked instead; without trust they always are."""
    parts = [[BEGIN + bytes([number])] for number in range(len(offsets))]
    content = (
        item(pack(f"<{len(offsets)}I", *offsets)) + b"".join(item(part[0]) for part in parts) + SEQUENCE_END
    )
    wanted = list(range(len(offsets)))
    made = find(compressed(len(offsets)), content, wanted)
    assert made[:2] == ([part[0] for part in parts], {UselessTable()})
    right = encapsulated(parts, "basic")
    assert find(compressed(len(offsets)), right, wanted)[:2] == ([part[0] for part in parts], set())
    walked = find(compressed(len(offsets)), right, wanted, trusting=False)
    assert walked[:2] == ([part[0] for part in parts], {UselessTable()})


@given(frames=st.integers(1, 4), spare=st.integers(0, 200))
def test_native_frames_beyond_those_spoken_of_are_told(frames: int, spare: int) -> None:
    """As soon as there is room for a whole one; a byte is only padding (PS3.5 7.1.1)."""
    for columns, size in ((6, 24), (1, 4)):
        fmt = pixel_format(columns=columns, bits_allocated=8, number_of_frames=frames)
        span = PixelSpan(0, size * frames + spare)
        (found,) = answer(locate_frames(fmt, span, None, [0]), lambda *_: Success(b"")).unwrap()
        assert found.unwrap() == FrameRange(0, size, odd=(MoreFrames(frames),) * (spare >= size))
    tiny = pixel_format(rows=1, columns=1, bits_allocated=8)
    (found,) = answer(locate_frames(tiny, PixelSpan(0, 2), None, [0]), lambda *_: Success(b"")).unwrap()
    assert found.unwrap().odd == ()


@pytest.mark.parametrize("frames", [1, 3])
def test_pixels_that_are_wrapped_otherwise_than_named_are_told(frames: int) -> None:
    """Items in a native syntax, and none in a compressed one."""
    parts = [[BEGIN + bytes([number])] for number in range(frames)]
    wrapped = pixel_format(number_of_frames=frames, encapsulated=True)
    found, odd, _ = find(wrapped, encapsulated(parts, "basic"), list(range(frames)))
    assert found == [part[0] for part in parts]
    assert odd == {WrappedAnyway("Explicit VR Little Endian, 1.2.840.10008.1.2.1")}
    bare = evolve(compressed(frames), encapsulated=False)
    _, odd, reads = find(bare, bytes(48 * frames), list(range(frames)))
    assert {str(one)[:21] for one in odd} == {"the pixels are native"}
    assert {type(one) for one in odd} == {NativeAnyway}
    assert reads == []


@given(st.binary(max_size=8), st.sampled_from([JPEG_LOSSLESS, JXL]))
def test_jpeg_xl_s_short_mark_is_one_under_its_own_name_alone(rest: bytes, syntax: str) -> None:
    """FF0A may stand in a fragment of any other codec that goes on."""
    assert begins_frame(syntax, b"\xff\x0a" + rest) == (syntax == JXL)
    assert begins_frame(syntax, b"\0\0\0\x0cJXL ") == (syntax == JXL)
    assert begins_frame(syntax, b"\xff\xd8\xff\xe0")


@given(st.integers(0, 15))
def test_a_box_with_a_long_length_cut_in_it_is_none(cut: int) -> None:
    """ISO/IEC 18181-2: a length of 1 says that eight bytes more tell it."""
    whole = pack(">I4sQ", 1, b"free", 2**40) + b"\xff\x0a" + bytes(12)
    assert read_jxl_header(whole[:cut]) is None
    assert read_jxl_header(whole) is None
