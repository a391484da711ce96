"""Laws of finding frames (PS3.5 8, A.4): pixel data is put together from known ones, which are asked for back."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

from attrs import evolve, frozen
from hypothesis import assume, given
from hypothesis import strategies as st
from returns.pipeline import is_successful
from returns.result import Result, Success

from dicom_series_preview.core.header.image_pixel import PixelFormat, PixelSpan
from dicom_series_preview.core.pixels.fragments import answer, locate_frames
from dicom_series_preview.core.pixels.items import extract
from property_tests.formats import (
    JPEG_LOSSLESS,
    SEQUENCE_END,
    encapsulated,
    extended_tables,
    item,
    pixel_format,
)

# No 0xFF: only a frame's first fragment may look like the beginning of an image.
_BODIES = st.binary(max_size=9).map(lambda body: body.replace(b"\xff", b"\0"))
# One long body in a few, so that walks leave their window.
_LONG = st.sampled_from([2**16 - 4, 2**16 + 2, 2**18 + 6]).map(lambda size: b"L" * size)


@frozen
class Made:
    """An object and what is in it: `frames` are the bytes that each frame should come to."""

    fmt: PixelFormat
    content: bytes
    span: PixelSpan
    size: int | None
    extended: tuple[bytes, bytes] | None
    frames: tuple[bytes, ...]


def _offsets(count: int) -> st.SearchStrategy[list[int]]:
    """Small offsets, as many as there are frames as often as not: a table of another length is told by that."""
    return st.one_of(
        st.lists(st.integers(0, 40), min_size=count, max_size=count),
        # Offsets that repeat, from 0 on, are the nearest to right ones.
        st.lists(st.integers(0, 2), min_size=count, max_size=count).map(lambda made: sorted([0, *made[1:]])),
        st.lists(st.integers(0, 40), min_size=1, max_size=7),
    )


def _even(part: bytes) -> bytes:
    return part + b"\0" * (len(part) % 2)


@st.composite
def compressed_objects(draw: st.DrawFn) -> Made:
    """One or several frames of one or several fragments, with each kind of table or none, anywhere."""
    table = draw(st.sampled_from(["basic", "empty", "extended"]))
    rest = st.just([]) if table == "extended" else st.lists(_BODIES, max_size=3)
    firsts = st.one_of(_BODIES, _BODIES, _BODIES, _LONG).map(lambda body: b"\xff\xd8\xff\xe0" + body)
    parts = draw(st.lists(st.tuples(firsts, rest), min_size=1, max_size=6))
    frames = [[first, *more] for first, more in parts]
    offset = draw(st.integers(0, 50))
    value = encapsulated(frames, "basic" if table == "basic" else "empty")
    content = b"H" * offset + value + draw(st.binary(max_size=6))
    return Made(
        fmt=pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=len(frames)),
        content=content,
        span=PixelSpan(offset, draw(st.sampled_from([None, len(value)]))),
        size=draw(st.sampled_from([None, len(content)])),
        extended=extended_tables(frames) if table == "extended" else None,
        frames=tuple(b"".join(_even(part) for part in frame) for frame in frames),
    )


@st.composite
def native_objects(draw: st.DrawFn) -> Made:
    """Native frames of whole bytes: 8, 16 or 32 bits."""
    fmt = pixel_format(
        rows=draw(st.integers(1, 4)),
        columns=draw(st.integers(1, 4)),
        bits_allocated=draw(st.sampled_from([8, 16, 32])),
        number_of_frames=draw(st.integers(1, 5)),
    )
    size = fmt.rows * fmt.columns * fmt.bits_allocated // 8
    frames = draw(
        st.lists(st.binary(min_size=size, max_size=size), min_size=fmt.number_of_frames, max_size=5)
    )
    frames = frames[: fmt.number_of_frames]
    offset = draw(st.integers(0, 50))
    value = _even(b"".join(frames))
    content = b"H" * offset + value
    return Made(fmt, content, PixelSpan(offset, len(value)), len(content), None, tuple(frames))


def find(
    made: Made, content: bytes, wanted: Sequence[int]
) -> tuple[list[bytes | None], list[tuple[int, int]]]:
    """The frames found in `content` (None: refused) and the reads it took; every read may be cut by the end."""
    reads: list[tuple[int, int]] = []

    def read(start: int, stop: int) -> Result[bytes, str]:
        reads.append((start, stop))
        return Success(content[start:stop])

    size = None if made.size is None else len(content)
    search = locate_frames(made.fmt, made.span, size, wanted, made.extended)
    found: list[bytes | None] = []
    for frame, where in zip(wanted, answer(search, read).unwrap(), strict=True):
        if not is_successful(where):
            found.append(None)
            continue
        at = where.unwrap()
        taken = extract(made.fmt, at, content[at.start : at.stop], frame)
        found.append(taken.unwrap().data if is_successful(taken) else None)
    return found, reads


OBJECTS = st.one_of(compressed_objects(), native_objects())


@given(OBJECTS, st.data())
def test_every_frame_comes_back(made: Made, data: st.DataObject) -> None:
    """Whatever the table, the fragments and the place, each wanted frame is what was put in (PS3.5 A.4)."""
    wanted = data.draw(st.lists(st.integers(0, len(made.frames) - 1), max_size=6))
    assert find(made, made.content, wanted)[0] == [made.frames[frame] for frame in wanted]


@given(OBJECTS, st.data())
def test_a_cut_object_gives_true_frames_or_none(made: Made, data: st.DataObject) -> None:
    """Of an object that ends too early a frame is refused, or what is given of it begins as it should.

    A last fragment may be missing where nothing says how many there are; the end marker tells later.
    """
    cut = data.draw(st.integers(made.span.offset, len(made.content)))
    wanted = list(range(len(made.frames)))
    found, _ = find(made, made.content[:cut], wanted)
    assert [
        got is None or (truth.startswith(got) and len(got) > 0)
        for got, truth in zip(found, made.frames, strict=True)
    ] == [True] * len(wanted)


# A fragment of which too little is left to show how it begins may belong to the frame before it.
_MISSING = st.one_of(st.integers(1, 9), st.integers(13, 20))


@given(frames=st.integers(2, 6), whole=st.integers(0, 5), missing=_MISSING, known=st.booleans())
def test_frames_whose_end_is_missing_are_refused(frames: int, whole: int, missing: int, known: bool) -> None:
    """A last fragment that reaches beyond the end, told by the object's size or by a short read, is no frame."""
    assume(whole < frames)
    body = b"\xff\xd8\xff\xe0" + bytes(8)
    content = b"\xfe\xff\x00\xe0\0\0\0\0" + item(body) * (whole + 1)
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    size = len(content) if known else None
    made = Made(fmt, content, PixelSpan(0, None), size, None, (body,) * frames)
    cut = content[: len(content) - missing]
    assert find(made, cut, range(frames))[0] == [body] * whole + [None] * (frames - whole)


@given(native_objects(), st.data())
def test_a_native_frame_is_whole_or_refused(made: Made, data: st.DataObject) -> None:
    """The frames that end before the cut are found, those after it refused."""
    cut = data.draw(st.integers(made.span.offset, len(made.content)))
    size = len(made.frames[0])
    whole = (cut - made.span.offset) // size
    found, reads = find(made, made.content[:cut], range(len(made.frames)))
    assert found == [frame if number < whole else None for number, frame in enumerate(made.frames)]
    assert reads == []
    # Known before anything is fetched.
    search = locate_frames(made.fmt, made.span, cut, range(len(made.frames)))
    located = answer(search, lambda start, stop: Success(made.content[start:stop])).unwrap()
    assert [is_successful(where) for where in located] == [
        number < whole for number in range(len(made.frames))
    ]


@given(compressed_objects())
def test_looking_reads_forward_and_ends(made: Made) -> None:
    """Reads begin later each time, within the object, and are no more than there are items and windows."""
    assume(made.size is not None)
    _, reads = find(made, made.content, range(len(made.frames)))
    starts = [start for start, _ in reads]
    assert starts == sorted(set(starts))
    assert all(made.span.offset <= start < stop <= len(made.content) for start, stop in reads)
    assert len(reads) <= 2 + made.content.count(b"\xfe\xff\x00\xe0")


@given(frames=st.integers(2, 8), size=st.integers(40_000, 99_999), data=st.data())
def test_looking_for_a_frame_ends_behind_it(frames: int, size: int, data: st.DataObject) -> None:
    """Where each fragment shows that it begins a frame, nothing behind the next one's beginning is read."""
    content = encapsulated([[b"\xff\xd8\xff" + bytes(2 * size)]] * frames, "empty")
    wanted = data.draw(st.integers(0, frames - 2))
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    made = Made(fmt, content, PixelSpan(0, None), len(content), None, ())
    found, reads = find(made, content, [wanted])
    assert found == [_even(b"\xff\xd8\xff" + bytes(2 * size))]
    fragment = 8 + 2 * size + 4  # its item's head, its bytes and the one that pads them
    assert max(start for start, _ in reads) <= 8 + fragment * (wanted + 1)


@given(
    st.integers(1, 7), st.integers(1, 7), st.lists(st.booleans(), min_size=49 * 4, max_size=49 * 4), st.data()
)
def test_one_bit_frames_are_counted_in_bits(
    rows: int, columns: int, bits: list[bool], data: st.DataObject
) -> None:
    """Frame k of 1-bit pixels is the bits from k·rows·columns on, the lowest bit of a byte first (PS3.5 8.1.1)."""
    fmt = pixel_format(bits_allocated=1, rows=rows, columns=columns, number_of_frames=4)
    size = rows * columns
    text = "".join("1" if bit else "0" for bit in bits[: 4 * size]).ljust(-(-4 * size // 8) * 8, "0")
    content = bytes(int(text[at : at + 8][::-1], 2) for at in range(0, len(text), 8))
    frame = data.draw(st.integers(0, 3))
    made = Made(fmt, content, PixelSpan(0, len(content)), len(content), None, ())
    search = locate_frames(fmt, made.span, made.size, [frame])
    where = answer(search, lambda start, stop: Success(content[start:stop])).unwrap()[0].unwrap()
    held = "".join(f"{byte:08b}"[::-1] for byte in content[where.start : where.stop])
    assert held[where.bit_offset :][:size] == text[frame * size : (frame + 1) * size]
    assert where.bit_offset < 8


@given(compressed_objects(), st.data())
def test_a_table_that_cannot_be_right_is_not_believed(made: Made, data: st.DataObject) -> None:
    """Offsets that do not rise from 0, one for each frame, tell nothing: the items do (PS3.5 A.4)."""
    count = len(made.frames)
    wrong = data.draw(_offsets(count))
    assume(len(wrong) != count or wrong[0] != 0 or wrong != sorted(set(wrong)))
    start = made.span.offset
    table_length = int.from_bytes(made.content[start + 4 : start + 8], "little")
    table = item(b"".join(offset.to_bytes(4, "little") for offset in wrong))
    content = made.content[:start] + table + made.content[start + 8 + table_length :]
    other = evolve(made, content=content, span=PixelSpan(start, None), size=None, extended=None)
    assert find(other, content, range(count))[0] == list(made.frames)


@given(frames=st.integers(2, 5), size=st.integers(1, 9), more=st.lists(st.integers(0, 2**32 - 1), max_size=3))
def test_a_table_with_more_entries_is_one_of_more_frames(frames: int, size: int, more: list[int]) -> None:
    """The entry behind those of the frames ends the last of them; what comes behind it is not looked at."""
    bodies = [bytes([255, 216, 255, number]) + bytes(2 * size) for number in range(frames + 1)]
    items = [item(body) for body in bodies]
    offsets = [len(items[0]) * number for number in range(frames + 1)]
    content = item(pack(f"<{frames + 1 + len(more)}I", *offsets, *more)) + b"".join(items)
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    made = Made(fmt, content, PixelSpan(0, None), None, None, tuple(bodies))
    assert find(made, content, range(frames))[0] == bodies[:frames]


@given(compressed_objects(), st.data())
def test_an_extended_table_that_cannot_be_right_is_not_believed(made: Made, data: st.DataObject) -> None:
    """The same for the Extended Offset Table of the header (PS3.3 C.7.6.3.1.8)."""
    count = len(made.frames)
    wrong = data.draw(_offsets(count))
    lengths = data.draw(st.one_of(st.just(count), st.integers(0, 7)))
    assume(len(wrong) != count or lengths != count or wrong[0] != 0 or wrong != sorted(set(wrong)))
    assume(count > 1)
    tables = (pack(f"<{len(wrong)}Q", *wrong), pack(f"<{lengths}Q", *([4] * lengths)))
    other = evolve(made, extended=tables)
    assert find(other, made.content, range(count))[0] == list(made.frames)


@given(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.data())
def test_swapped_frames_are_read_in_whole_words(
    rows: int, columns: int, frames: int, data: st.DataObject
) -> None:
    """8-bit pixels in big endian words lie in pairs the other way round, across frames too (PS3.5 8.1.2, A.3)."""
    fmt = pixel_format(
        transfer_syntax="1.2.840.10008.1.2.2",
        vr="OW",
        bits_allocated=8,
        rows=rows,
        columns=columns,
        number_of_frames=frames,
    )
    size = rows * columns
    plain = data.draw(st.binary(min_size=size * frames, max_size=size * frames))
    even = _even(plain)
    content = b"H" + bytes(even[at ^ 1] for at in range(len(even)))
    wanted = data.draw(st.integers(0, frames - 1))
    search = locate_frames(fmt, PixelSpan(1, len(even)), len(content), [wanted])
    where = answer(search, lambda start, stop: Success(content[start:stop])).unwrap()[0].unwrap()
    held = content[where.start : where.stop]
    restored = bytes(held[at ^ 1] for at in range(len(held)))
    assert restored[where.bit_offset // 8 :][:size] == plain[wanted * size : (wanted + 1) * size]
    assert len(held) <= size + 2


@given(
    data=st.binary(min_size=2, max_size=20), junk=st.integers(4, 30), last=st.binary(min_size=2, max_size=20)
)
def test_an_extended_table_tells_of_frames_and_of_nothing_else(data: bytes, junk: int, last: bytes) -> None:
    """PS3.3 C.7.6.3.1.8: a frame whose told length holds bytes that are no item is refused, not cut."""
    frames = [[data], [last]]
    gap = b"\1" * (2 * junk)
    content = item(b"") + item(data) + gap + item(last) + SEQUENCE_END
    offset = len(item(data) + gap)
    table = (pack("<2Q", 0, offset), pack("<2Q", offset - 8, len(last)))
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=2)
    made = Made(fmt, content, PixelSpan(0, None), len(content), table, tuple(_even(one) for (one,) in frames))
    assert find(made, content, [0, 1])[0] == [None, _even(last)]
