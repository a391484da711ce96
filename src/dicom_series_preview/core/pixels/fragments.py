"""Where the bytes of single frames lie in an object, found without I/O (PS3.5 8.1.1, 8.2 and A.4).

`locate_frames` is a generator: it yields an `Ask` for each byte range it has to see, is sent those bytes, and
returns one `FrameRange` or one refusal for each wanted frame; `answer` drives it with any reader.  Native
frames are arithmetic and need no asking.  Encapsulated ones follow the first of these that is there:

1. one frame only: it is the whole element, all fragments but the offset table;
2. an Extended Offset Table (PS3.3 C.7.6.3.1.8) in the header: no asking either;
3. a Basic Offset Table (PS3.5 A.4) with an entry for each frame: one `Ask`;
4. otherwise a walk over the item heads: one fragment for each frame, or fragments of which those that begin
   like a compressed image begin a frame.

A frame's range still holds the heads of its items, so that it costs one read; `extract` takes them out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import pairwise
from struct import unpack, unpack_from
from typing import TypeAlias, TypeVar

from attrs import frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import BadPixelData
from dicom_series_preview.core.header.image_pixel import PixelFormat, PixelSpan, frame_bits, is_word_swapped

ITEM, DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
HEAD = 8
"""Bytes of an item's tag and length."""

_BEGINNING = 8
"""Bytes of a fragment that tell whether it begins a frame."""

SMALL_ITEM = 2**16
"""Items up to this many bytes are walked in windows, larger ones from head to head until the last window."""

WINDOW = 2**18
"""Bytes read at once where items are small, or no more are left."""

_RLE_LOSSLESS = "1.2.840.10008.1.2.5"


@frozen
class Ask:
    """Bytes `start` to `stop` of the object are wanted; fewer may come only where the object ends."""

    start: int
    stop: int


@frozen
class FrameRange:
    """One frame's bytes in its object: `start` to `stop` (None: to the object's end).

    `bit_offset` (0-15) is the bit at which a native frame begins in its first byte, or its first two where
    bytes are swapped in pairs; only 1-bit and swapped frames need it.  `items` says that
    the range holds items (PS3.5 A.4), `table` that the first of them is the Basic Offset Table.
    """

    start: int
    stop: int | None
    bit_offset: int = 0
    items: bool = False
    table: bool = False


@frozen
class _Fragment:
    """An item met on a walk: its head is at `start`, `stop` is one past its last byte."""

    start: int
    stop: int
    begins_frame: bool


FrameSearch: TypeAlias = Generator[Ask, bytes, tuple[Result[FrameRange, BadPixelData], ...]]

_Fault = TypeVar("_Fault")


def answer(
    search: FrameSearch, read: Callable[[int, int], Result[bytes, _Fault]]
) -> Result[tuple[Result[FrameRange, BadPixelData], ...], _Fault]:
    """Drive a search with `read(start, stop)` until it has its answer; the first fault of `read` ends it."""
    try:
        ask = next(search)
        while True:
            data = read(ask.start, ask.stop)
            if not is_successful(data):
                return Failure(data.failure())
            ask = search.send(data.unwrap())
    except StopIteration as stop:
        return Success(stop.value)


def locate_frames(
    fmt: PixelFormat,
    span: PixelSpan,
    size: int | None,
    wanted: Sequence[int],
    extended: tuple[bytes, bytes] | None = None,
) -> FrameSearch:
    """Find the `wanted` frames (0-based) of an object of `size` bytes (None: unknown).

    `extended` holds the values of ExtendedOffsetTable and ExtendedOffsetTableLengths.  A frame that lies
    beyond the object's end or is not told by any table is refused by itself; the others are found.
    """
    ends = [
        end for end in (size, None if span.length is None else span.offset + span.length) if end is not None
    ]
    limit = min(ends) if ends else None
    if not fmt.encapsulated:
        return tuple(_native(fmt, span, limit, frame) for frame in wanted)
    if fmt.number_of_frames == 1:
        whole = FrameRange(span.offset, limit, items=True, table=True)
        return tuple(_within(whole, limit, frame, 1) for frame in wanted)
    ranges: tuple[FrameRange, ...] | str | None = None
    if extended is not None:
        ranges = _extended_ranges(span.offset + HEAD, extended, fmt.number_of_frames)
    if ranges is None:
        ranges = yield from _read_table(fmt, span, limit, max(wanted, default=0))
    if isinstance(ranges, str):
        return tuple(Failure(BadPixelData(frame, ranges)) for frame in wanted)
    return tuple(
        _within(ranges[frame], limit, frame, fmt.number_of_frames)
        if 0 <= frame < len(ranges)
        else _missing(frame, fmt.number_of_frames)
        for frame in wanted
    )


def extract(where: FrameRange, data: bytes, frame: int = 0) -> Result[bytes, BadPixelData]:
    """Take one frame out of the bytes of its range: item heads and offset table are left out.

    `frame` is only named in the refusal of bytes that are cut short or hold no items.
    """
    if not where.items:
        needed = len(data) if where.stop is None else where.stop - where.start
        if len(data) < needed:
            return Failure(BadPixelData(frame, f"it is cut short, {len(data)} of {needed} bytes are there"))
        return Success(data[:needed])
    fragments: list[bytes] = []
    position = 0
    while position + HEAD <= len(data) and data[position : position + 4] != DELIMITER:
        if data[position : position + 4] != ITEM:
            return Failure(BadPixelData(frame, f"there is no item at byte {where.start + position}"))
        stop = position + HEAD + _item_length(data, position)
        if stop > len(data):
            problem = f"it is cut short, an item ends at byte {where.start + stop}, the data at "
            return Failure(BadPixelData(frame, f"{problem}{where.start + len(data)}"))
        fragments.append(data[position + HEAD : stop])
        position = stop
    joined = b"".join(fragments[where.table :])
    return Success(joined) if joined else Failure(BadPixelData(frame, "there are no fragments"))


def _item_length(data: bytes, position: int) -> int:
    length: int = unpack_from("<I", data, position + 4)[0]
    return length


def _missing(frame: int, frames: int) -> Result[FrameRange, BadPixelData]:
    return Failure(BadPixelData(frame, f"not all of the {frames} frames are there"))


def _within(
    where: FrameRange, limit: int | None, frame: int, frames: int
) -> Result[FrameRange, BadPixelData]:
    if not 0 <= frame < frames:
        return _missing(frame, frames)
    last = max(where.start + 1, where.stop or 0)
    if limit is not None and last > limit:
        return Failure(BadPixelData(frame, f"it ends at byte {last}, the data at {limit}"))
    return Success(where)


def _native(
    fmt: PixelFormat, span: PixelSpan, limit: int | None, frame: int
) -> Result[FrameRange, BadPixelData]:
    bits = frame_bits(fmt)
    full = fmt.rows * fmt.columns * fmt.samples_per_pixel * fmt.bits_allocated
    if span.length is not None and span.length * 8 >= full * fmt.number_of_frames:
        bits = full  # says it is subsampled (PS3.3 C.7.6.3.1.2) but is not
    first, stop = frame * bits, (frame + 1) * bits
    unit = 16 if is_word_swapped(fmt) else 8
    where = FrameRange(
        span.offset + first // unit * unit // 8,
        span.offset - (-stop // unit) * unit // 8,
        bit_offset=first % unit,
    )
    return _within(where, limit, frame, fmt.number_of_frames)


def _extended_ranges(base: int, extended: tuple[bytes, bytes], frames: int) -> tuple[FrameRange, ...] | None:
    """The ranges an Extended Offset Table tells, None if it is not a table of so many frames.

    Its lengths need not count the byte that pads a fragment to even length.
    """
    if any(len(table) != 8 * frames for table in extended):
        return None
    offsets, lengths = (unpack(f"<{frames}Q", table) for table in extended)
    if offsets[0] != 0 or any(after <= before for before, after in pairwise(offsets)):
        return None
    return tuple(
        FrameRange(base + offset, base + offset + HEAD + length + length % 2, items=True)
        for offset, length in zip(offsets, lengths, strict=True)
    )


def _basic_ranges(base: int, table: bytes, frames: int, limit: int | None) -> tuple[FrameRange, ...] | None:
    """The ranges a Basic Offset Table tells, None if it is not a table of so many frames (or has wrapped)."""
    if len(table) != 4 * frames:
        return None
    offsets = unpack(f"<{frames}I", table)
    if offsets[0] != 0 or any(after <= before for before, after in pairwise(offsets)):
        return None
    stops = (*(base + offset for offset in offsets[1:]), limit)
    return tuple(
        FrameRange(base + offset, stop, items=True) for offset, stop in zip(offsets, stops, strict=True)
    )


def _read_table(
    fmt: PixelFormat, span: PixelSpan, limit: int | None, last: int
) -> Generator[Ask, bytes, tuple[FrameRange, ...] | str]:
    """Read the Basic Offset Table, or walk where it is of no use; the refusal's words when neither helps."""
    frames = fmt.number_of_frames
    stop = span.offset + HEAD + 4 * frames + HEAD + _BEGINNING
    data = yield Ask(span.offset, stop if limit is None else min(stop, limit))
    if len(data) < HEAD or data[:4] != ITEM:
        return "the encapsulated pixel data does not begin with an item"
    base = HEAD + _item_length(data, 0)
    ranges = _basic_ranges(span.offset + base, data[HEAD:base], frames, limit)
    if ranges is not None:
        return ranges
    fragments, ended = yield from _walk(fmt, span.offset + base, data[base:], limit, last)
    return _group(fragments, ended, frames)


def _walk(
    fmt: PixelFormat, position: int, window: bytes, limit: int | None, last: int
) -> Generator[Ask, bytes, tuple[list[_Fragment], bool]]:
    """Go from item to item, `window` being the bytes at `position`; also whether the end was reached whole.

    As long as every fragment begins a frame, the walk ends when it has seen the frame behind the `last` one.
    """
    fragments: list[_Fragment] = []
    begin, all_begin = position, True
    while not (all_begin and len(fragments) > last + 1):
        if position - begin + HEAD + _BEGINNING > len(window) and (
            limit is None or begin + len(window) < limit
        ):
            small = not fragments or fragments[-1].stop - fragments[-1].start <= SMALL_ITEM
            short = limit is not None and limit - position <= WINDOW
            stop = position + (WINDOW if small or short else HEAD + _BEGINNING)
            begin, window = position, (yield Ask(position, stop if limit is None else min(stop, limit)))
            if begin + len(window) < stop:
                limit = begin + len(window)
        at = position - begin
        if window[at : at + 4] != ITEM or at + HEAD > len(window):
            return fragments, window[at : at + 4] == DELIMITER
        start, position = position, position + HEAD + _item_length(window, at)
        beginning = window[at + HEAD : at + HEAD + _BEGINNING]
        fragments.append(_Fragment(start, position, _begins_frame(fmt.transfer_syntax, beginning)))
        all_begin = all_begin and fragments[-1].begins_frame
        if limit is not None and position >= limit:
            return fragments, False
    return fragments, False


def _begins_frame(syntax: str, beginning: bytes) -> bool:
    """Whether a fragment begins as a JPEG (SOI), JPEG 2000 (SOC, SIZ) or RLE (PS3.5 G.5) frame does."""
    if syntax == _RLE_LOSSLESS:
        return b"\x01" <= beginning[:1] <= b"\x0f" and beginning[1:] == b"\0\0\0\x40\0\0\0"
    return beginning.startswith((b"\xff\xd8\xff", b"\xff\x4f\xff\x51"))


def _group(fragments: list[_Fragment], ended: bool, frames: int) -> tuple[FrameRange, ...] | str:
    """Put the fragments of a walk together to frames, or say that they do not tell where frames begin."""
    starts = [number for number, fragment in enumerate(fragments) if fragment.begins_frame]
    if len(fragments) == frames and (ended or not starts):
        starts = list(range(frames))
    cut = not ended and len(starts) < frames
    if not starts or starts[0] != 0 or not (len(starts) == frames or cut or len(starts) == len(fragments)):
        return f"there is no offset table, and {len(fragments)} fragments do not show where {frames} frames begin"
    stops = [*(number - 1 for number in starts[1:]), len(fragments) - 1]
    return tuple(
        FrameRange(fragments[first].start, fragments[end].stop, items=True)
        for first, end in zip(starts, stops, strict=True)
    )
