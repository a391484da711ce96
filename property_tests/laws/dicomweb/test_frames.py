"""Laws of frames from a DICOMweb server: each comes as it is stored, or its answer is refused."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack
from typing import Never

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful
from returns.result import Result, Success

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.dicomweb.frames import (
    WebFrame,
    batches,
    hold_frames,
    is_asked_by_frame,
    read_frames,
    sniff,
)
from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.pixels.fragments import answer, locate_frames
from dicom_series_preview.core.pixels.items import extract
from property_tests.formats import pixel_format
from property_tests.prose import flaws

LITTLE, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
NATIVE = ("1.2.840.10008.1.2", LITTLE, "1.2.840.10008.1.2.1.99")
JPEG = "1.2.840.10008.1.2.4"
RLE = "1.2.840.10008.1.2.5"

_SIDES = st.integers(1, 5)


@st.composite
def _formats(draw: st.DrawFn) -> tuple[PixelFormat, int]:
    """Small frames, and how many bytes one takes (PS3.5 8.1.1, 8.2)."""
    rows, columns, bits = draw(_SIDES), draw(_SIDES), draw(st.sampled_from([1, 8, 16]))
    colour = bits == 8 and draw(st.booleans())
    fmt = pixel_format(
        transfer_syntax=LITTLE,
        rows=rows,
        columns=columns,
        bits_allocated=bits,
        bits_stored=bits,
        high_bit=bits - 1,
        samples_per_pixel=3 if colour else 1,
        photometric_interpretation="RGB" if colour else "MONOCHROME2",
        number_of_frames=9,
    )
    samples = rows * columns * (3 if colour else 1)
    return fmt, {1: (samples + 7) // 8, 8: samples, 16: 2 * samples}[bits]


def _answer(parts: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    written = b"".join(
        f"--b\r\n{f'Content-Type: {kind}' if kind else 'A: b'}\r\nContent-Length: {len(data)}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for kind, data in parts
    )
    return 'multipart/related; type="application/octet-stream"; boundary=b', written + b"--b--\r\n"


@given(_formats(), st.integers(1, 4), st.sampled_from([*NATIVE, None]), st.booleans(), st.data())
def test_native_frames_come_as_they_are_stored(
    made: tuple[PixelFormat, int], count: int, syntax: str | None, padded: bool, data: st.DataObject
) -> None:
    """In little endian, which is what octets are without a word (PS3.18 8.7.3.5.2); padding is no pixel."""
    fmt, length = made
    frames = data.draw(st.lists(st.binary(min_size=length, max_size=length), min_size=count, max_size=count))
    kind = "application/octet-stream" + ("" if syntax is None else f"; transfer-syntax={syntax}")
    kinds = [kind, ""] if syntax is None else [kind]
    pad = b"\0" if padded and length % 2 else b""
    answer = _answer([(data.draw(st.sampled_from(kinds)), frame + pad) for frame in frames])
    assert read_frames(fmt, count, *answer).unwrap() == tuple(WebFrame(LITTLE, frame) for frame in frames)


@given(_formats(), st.binary(max_size=160), st.sampled_from(NATIVE))
def test_a_native_frame_of_another_length_is_refused(
    made: tuple[PixelFormat, int], data: bytes, syntax: str
) -> None:
    """The head of a part that was lost, or a frame that was cut, must never be shown as pixels."""
    fmt, length = made
    assume(len(data) not in (length, length + length % 2))
    found = read_frames(fmt, 1, *_answer([(f"application/octet-stream; transfer-syntax={syntax}", data)]))
    assert found.failure() == BadAnswer(f"a frame has {len(data)} bytes where {length} were expected")


@given(_formats(), st.integers(0, 4), st.integers(0, 4))
def test_there_are_as_many_parts_as_frames_were_asked_for(
    made: tuple[PixelFormat, int], count: int, come: int
) -> None:
    """More or fewer: which is which cannot be told."""
    fmt, length = made
    found = read_frames(fmt, count, *_answer([("", bytes(length))] * come))
    problem = BadAnswer(f"it has {come} parts where {count} were asked for")
    assert found.value_or(None) == ((WebFrame(LITTLE, bytes(length)),) * come if come == count else None)
    assert come == count or found.failure() == problem


@given(
    _formats(),
    st.binary(max_size=160),
    st.sampled_from([f"{JPEG}.50", f"{JPEG}.90", RLE, "1.2.3"]),
    st.booleans(),
)
def test_a_compressed_frame_comes_as_it_is(
    made: tuple[PixelFormat, int], data: bytes, syntax: str, within: bool
) -> None:
    """Of any length, in the syntax that its part names, or that its type names within its own."""
    fmt, _ = made
    kind = (
        f'a/b; type="image/jpeg; transfer-syntax={syntax}"'
        if within
        else f"image/jpeg; transfer-syntax={syntax}"
    )
    assert read_frames(fmt, 1, *_answer([(kind, data)])).unwrap() == (WebFrame(syntax, data),)


@given(_formats())
def test_big_endian_frames_are_refused(made: tuple[PixelFormat, int]) -> None:
    """Whether they are swapped depends on a VR that no metadata tell; the object itself does."""
    fmt, length = made
    found = read_frames(
        fmt, 1, *_answer([(f"application/octet-stream; transfer-syntax={BIG}", bytes(length))])
    )
    assert "big endian" in found.failure().problem
    assert flaws(f"It cannot be read: {found.failure().problem}.") == []


def test_an_answer_that_cannot_be_taken_apart_is_refused() -> None:
    """As `multipart` says."""
    found = read_frames(pixel_format(), 1, "multipart/related; boundary=c", b"--b\r\n\r\nx\r\n--b--")
    assert found.failure() == BadAnswer("its boundary does not occur in it")


def _segment(marker: int, body: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _jpeg(start_of_frame: int, precision: int) -> bytes:
    """The head of a stream of 2 x 2 (ITU-T T.81 B.2)."""
    head = _segment(0xE0, b"JFIF\0rest") + _segment(
        start_of_frame, pack(">BHHB", precision, 2, 2, 1) + b"\1\x11\0"
    )
    return b"\xff\xd8" + head + _segment(0xDA, b"\1\1\0\0\0\0") + b"\0\1\xff\xd9"


def _j2k(reversible: bool, *, wrapped: bool = False, high_throughput: bool = False) -> bytes:
    """The head of a stream of one tile (ITU-T T.800 A.5, A.6.1)."""
    size = _segment(0x51, pack(">HIIIIIIII", 0, 2, 2, 0, 0, 2, 2, 0, 0) + pack(">HBBB", 1, 7, 1, 1))
    more = _segment(0x50, pack(">IH", 1 << 17, 0)) if high_throughput else b""
    style = _segment(0x52, bytes([0, 0, 0, 1, 0, 5, 4, 4, 0, int(reversible)]))
    stream = b"\xff\x4f" + size + more + style + _segment(0x5C, b"\0\0") + b"\xff\x90"
    box = pack(">I", 12) + b"jP  \r\n\x87\n" + pack(">I", len(stream) + 8) + b"jp2c"
    return box + stream if wrapped else stream


_RLE = pack("<16I", 1, 64, *[0] * 14) + b"\1\2"


@pytest.mark.parametrize(
    ("frame", "syntax"),
    [
        *((_jpeg(0xC0, 8), f"{JPEG}.50"), (_jpeg(0xC1, 12), f"{JPEG}.51"), (_jpeg(0xC3, 16), f"{JPEG}.70")),
        *((_jpeg(0xF7, 12), f"{JPEG}.80"), (_j2k(True), f"{JPEG}.90"), (_j2k(False), f"{JPEG}.91")),
        *((_j2k(True, wrapped=True), f"{JPEG}.90"), (_j2k(True, high_throughput=True), None), (_RLE, RLE)),
        *(
            (_j2k(True)[:40], None),
            (_j2k(True)[:58], None),
            (b"", None),
            (b"\xff\xd8\xff", None),
            (b"JFIF" * 20, None),
        ),
    ],
)
def test_a_frame_without_a_word_is_told_by_its_first_bytes(frame: bytes, syntax: str | None) -> None:
    """Some servers leave the syntax out of their parts: the stream says what it is, or the frame is refused."""
    assert sniff(frame) == syntax
    fmt = pixel_format(rows=2, columns=2, bits_allocated=8, bits_stored=8, high_bit=7)
    for kind in ("", "application/octet-stream", "image/jpeg"):
        found = read_frames(fmt, 1, *_answer([(kind, frame)]))
        problem = BadAnswer("it does not tell in which transfer syntax a frame is")
        assert found.value_or(None) == (None if syntax is None else (WebFrame(syntax, frame),))
        assert syntax is not None or found.failure() == problem


@pytest.mark.parametrize("length", [16, 17])
def test_a_type_of_pictures_is_not_native(length: int) -> None:
    """Whatever its length: there native pixels are octets."""
    fmt = pixel_format(rows=4, columns=4, bits_allocated=8, bits_stored=8, high_bit=7)
    assert not is_successful(read_frames(fmt, 1, *_answer([("image/jpeg", bytes(length))])))


@given(st.binary(max_size=90))
@example(b"\xff\x4f\xff\x51" + b"\xff\x52")
def test_any_bytes_are_sniffed(frame: bytes) -> None:
    """And never an exception."""
    assert sniff(frame) is None or frame[:1] in (b"\xff", b"\0") or len(frame) >= 64


@given(_formats(), st.lists(st.integers(0, 5000), max_size=250))
@example((pixel_format(rows=4096, columns=4096, bits_allocated=16), 2 << 24), [3, 1, 1])
@example((pixel_format(rows=4096, columns=2048, bits_allocated=16), 1 << 24), [3, 1, 1, 5])
@example((pixel_format(rows=2048, columns=2048, bits_allocated=16), 1 << 23), [3, 1, 1, 5])
def test_frames_are_asked_for_in_batches(made: tuple[PixelFormat, int], wanted: list[int]) -> None:
    """Each once and in order: as many together as 16 MiB hold, at least one, at most a hundred."""
    fmt, length = made
    found = list(batches(fmt, wanted))
    assert [frame for batch in found for frame in batch] == sorted(set(wanted))
    most = min(100, max(1, (1 << 24) // length))
    assert all(len(batch) == most for batch in found[:-1])
    assert all(1 <= len(batch) <= most for batch in found)


@pytest.mark.parametrize("bits", [1, 8, 16, 32, 64])
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("columns", [4, 3])
@pytest.mark.parametrize("keyword", ["PixelData", "FloatPixelData"])
def test_frames_are_asked_for_where_servers_can_cut_them(
    bits: int, count: int, columns: int, keyword: str
) -> None:
    """Not one alone, nothing wider than 16 bits, and nothing that begins within a byte."""
    fmt = pixel_format(rows=2, columns=columns, bits_allocated=bits, number_of_frames=count, keyword=keyword)
    can = count > 1 and bits in (1, 8, 16) and keyword == "PixelData" and not (bits == 1 and columns == 3)
    assert is_asked_by_frame(fmt) == can


@given(_formats(), st.sets(st.integers(0, 8), min_size=1), st.sampled_from([LITTLE, RLE]), st.data())
@example((pixel_format(rows=1, columns=1, number_of_frames=9), 2), {0, 8}, LITTLE, None)
def test_frames_that_came_are_found_where_an_object_has_them(
    made: tuple[PixelFormat, int], numbers: set[int], syntax: str, data: st.DataObject | None
) -> None:
    """In the pixel data element (PS3.5 8.2, A.4): these are found, and no others, and nothing is read for that."""
    assume(made[0].bits_allocated > 1 or (made[0].rows * made[0].columns) % 8 == 0)
    fmt, length = evolve(made[0], transfer_syntax=syntax, encapsulated=syntax == RLE), made[1]
    sizes = (length, length) if syntax == LITTLE else (1, 9)
    frames = {
        number: bytes(length) if data is None else data.draw(st.binary(min_size=sizes[0], max_size=sizes[1]))
        for number in numbers
    }
    held = hold_frames(fmt, {number: WebFrame(syntax, frame) for number, frame in frames.items()}).unwrap()
    assert held.transfer_syntax == syntax

    reads: list[int] = []

    def read(start: int, stop: int) -> Result[bytes, Never]:
        reads.append(start)
        return Success(held.read(start, stop))

    for number in range(9):
        (where,) = answer(locate_frames(fmt, held.span, None, [number], held.table), read).unwrap()
        assert reads == []
        found = where.bind(lambda one: extract(fmt, one, held.read(one.start, one.stop)))
        frame = frames.get(number, b"")
        padded = frame + b"\0" * (len(frame) % 2 if syntax == RLE else 0)
        assert found.map(lambda taken: taken.data).value_or(None) == (padded if number in numbers else None)


@given(_formats(), st.data())
def test_what_came_can_be_read_from_anywhere(made: tuple[PixelFormat, int], data: st.DataObject) -> None:
    """As far as it came: a gap ends it."""
    fmt, length = made
    numbers = sorted(data.draw(st.sets(st.integers(0, 8), min_size=1)))
    frames = {number: WebFrame(LITTLE, bytes([number + 1]) * length) for number in numbers}
    held = hold_frames(fmt, frames).unwrap()
    start = data.draw(st.integers(0, 9 * length))
    stop = data.draw(st.none() | st.integers(start, 10 * length))
    whole = b"".join(bytes([number + 1 if number in numbers else 0]) * length for number in range(9))
    assert held.read(start, stop) == whole[start:stop].partition(b"\0")[0]


def test_frames_of_several_syntaxes_are_refused() -> None:
    """An object has one."""
    frames = {0: WebFrame(LITTLE, b""), 1: WebFrame(RLE, b"")}
    assert hold_frames(pixel_format(), frames).failure() == BadAnswer(
        "its frames are in several transfer syntaxes"
    )
