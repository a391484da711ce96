"""Where the bytes of single frames lie in an object, found without I/O (PS3.5 8.1.1, 8.2 and A.4).

`locate_frames` is a generator: it yields an `Ask` for each byte range it has to see, is sent those bytes, and
returns one `FrameRange` or one refusal for each wanted frame; `answer` drives it with any reader.  Native
frames are arithmetic and need no asking.  Encapsulated ones follow the first of these that is there:

1. one frame only: it is the whole element, all fragments but the offset table;
2. an Extended Offset Table (PS3.3 C.7.6.3.1.8) in the header: no asking either;
3. a Basic Offset Table (PS3.5 A.4) with an entry for each frame: one `Ask`;
4. otherwise a walk over the item heads: one fragment for each frame, or fragments of which those that begin
   like a compressed image begin a frame.

A frame's range still holds the heads of its items, so that it costs one read; `items.extract` takes them out.
A table that does not lead to items is found out there: then the search is made again without `trusting` it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import pairwise
from struct import unpack, unpack_from
from typing import TypeAlias, TypeVar

from attrs import evolve
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import BadPixelData
from dicom_series_preview.core.header.image_pixel import (
    NATIVE_SYNTAXES,
    PixelFormat,
    PixelSpan,
    frame_bits,
    is_word_swapped,
)
from dicom_series_preview.core.header.transfer_syntax import describe_syntax
from dicom_series_preview.core.odd_pixels import (
    MoreFrames,
    NativeAnyway,
    PixelOddity,
    UselessTable,
    WrappedAnyway,
)
from dicom_series_preview.core.pixels.fragment_walk import Ask, Range, group, walk
from dicom_series_preview.core.pixels.items import (
    BEGINNING,
    HEAD,
    ITEM,
    FrameRange,
    item_length,
    longest_frame,
)

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
    *,
    trusting: bool = True,
) -> FrameSearch:
    """Find the `wanted` frames (0-based) of an object of `size` bytes (None: unknown).

    `extended` holds the values of ExtendedOffsetTable and ExtendedOffsetTableLengths; without `trusting` no
    table is followed.  A frame that lies beyond the object's end or is not told by any table is refused by
    itself; the others are found.
    """
    ends = [
        end for end in (size, None if span.length is None else span.offset + span.length) if end is not None
    ]
    limit = min(ends) if ends else None
    if not fmt.encapsulated:
        return tuple(_native(fmt, span, limit, frame) for frame in wanted)
    odd: tuple[PixelOddity, ...] = (WrappedAnyway(describe_syntax(fmt.transfer_syntax)),) * (
        fmt.transfer_syntax in NATIVE_SYNTAXES
    )
    if fmt.number_of_frames == 1:
        whole = Range(span.offset, limit, table=True, odd=odd)
        return tuple(_within(fmt, whole, limit, frame) for frame in wanted)
    ranges: tuple[Range, ...] | str | None = None
    if extended is not None and trusting:
        ranges = _extended_ranges(span.offset + HEAD, extended, fmt.number_of_frames)
    if ranges is None:
        odd = (*odd, *[UselessTable()] * (extended is not None))
        ranges = yield from _read_table(fmt, span, limit, max(wanted, default=0), trusting)
    if isinstance(ranges, str):
        return tuple(Failure(BadPixelData(frame, ranges)) for frame in wanted)
    return tuple(
        _within(
            fmt, evolve(ranges[frame], odd=tuple(dict.fromkeys((*odd, *ranges[frame].odd)))), limit, frame
        )
        if 0 <= frame < len(ranges)
        else _missing(frame, fmt.number_of_frames)
        for frame in wanted
    )


def _missing(frame: int, frames: int) -> Result[FrameRange, BadPixelData]:
    return Failure(BadPixelData(frame, f"not all of the {frames} frames are there"))


def _within(
    fmt: PixelFormat, found: Range, limit: int | None, frame: int
) -> Result[FrameRange, BadPixelData]:
    """The range of an encapsulated frame, unless it lies beyond the end; never longer than a frame may be."""
    if not 0 <= frame < fmt.number_of_frames:
        return _missing(frame, fmt.number_of_frames)
    problem = _beyond(found.start, found.stop, limit)
    if problem is not None:
        return Failure(BadPixelData(frame, problem))
    most = found.start + longest_frame(fmt)
    stop = most if found.stop is None else min(found.stop, most)
    return Success(
        FrameRange(
            found.start,
            stop,
            items=True,
            table=found.table,
            exact=found.exact,
            clipped=stop == most,
            odd=found.odd,
        )
    )


def _beyond(start: int, stop: int | None, limit: int | None) -> str | None:
    last = max(start + 1, stop or 0)
    return None if limit is None or last <= limit else f"it ends at byte {last}, the data at {limit}"


def _native(
    fmt: PixelFormat, span: PixelSpan, limit: int | None, frame: int
) -> Result[FrameRange, BadPixelData]:
    if not 0 <= frame < fmt.number_of_frames:
        return _missing(frame, fmt.number_of_frames)
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
        odd=_odd_native(fmt, span, bits),
    )
    problem = _beyond(where.start, where.stop, limit)
    return Success(where) if problem is None else Failure(BadPixelData(frame, problem))


def _odd_native(fmt: PixelFormat, span: PixelSpan, bits: int) -> tuple[PixelOddity, ...]:
    syntax = fmt.transfer_syntax
    named = () if syntax in NATIVE_SYNTAXES else (NativeAnyway(describe_syntax(syntax)),)
    # One more byte is only padding (PS3.5 7.1.1), however small a frame is.
    left_over = 0 if span.length is None else span.length * 8 - bits * fmt.number_of_frames
    return (*named, *[MoreFrames(fmt.number_of_frames)] * (left_over >= max(bits, 16)))


def _extended_ranges(base: int, extended: tuple[bytes, bytes], frames: int) -> tuple[Range, ...] | None:
    """The ranges an Extended Offset Table tells, None if it is not a table of so many frames.

    Its lengths need not count the byte that pads a fragment to even length.
    """
    if any(len(table) != 8 * frames for table in extended):
        return None
    offsets, lengths = (unpack(f"<{frames}Q", table) for table in extended)
    if offsets[0] != 0 or any(after <= before for before, after in pairwise(offsets)):
        return None
    return tuple(
        Range(base + offset, base + offset + HEAD + length + length % 2, exact=True)
        for offset, length in zip(offsets, lengths, strict=True)
    )


def _basic_ranges(base: int, table: bytes, frames: int, limit: int | None) -> tuple[Range, ...] | None:
    """The ranges a Basic Offset Table tells, None if it is not a table of so many frames (or has wrapped).

    An entry more says that there are more frames, and where the last of these ends.
    """
    if len(table) < 4 * frames:
        return None
    offsets = unpack_from(f"<{min(len(table) // 4, frames + 1)}I", table)
    if offsets[0] != 0 or any(after <= before for before, after in pairwise(offsets)):
        return None
    more = (MoreFrames(frames),) * (len(offsets) > frames)
    stops = (*(base + offset for offset in offsets[1:]), limit)
    return tuple(
        Range(base + offset, stop, exact=number + 1 < len(offsets), odd=more)
        for number, (offset, stop) in enumerate(zip(offsets[:frames], stops, strict=False))
    )


def _read_table(
    fmt: PixelFormat, span: PixelSpan, limit: int | None, last: int, trusting: bool
) -> Generator[Ask, bytes, tuple[Range, ...] | str]:
    """Read the Basic Offset Table, or walk where it is of no use; the refusal's words when neither helps."""
    frames = fmt.number_of_frames
    stop = span.offset + HEAD + 4 * frames + HEAD + BEGINNING
    data = yield Ask(span.offset, stop if limit is None else min(stop, limit))
    if len(data) < HEAD or data[:4] != ITEM:
        return "the transfer syntax says that frames lie in items, but the pixel data does not begin with one"
    base = HEAD + item_length(data, 0)
    ranges = _basic_ranges(span.offset + base, data[HEAD:base], frames, limit) if trusting else None
    if ranges is not None:
        return ranges
    walked = yield from walk(fmt, span.offset + base, data[base:], limit, last)
    if isinstance(walked, str):
        return walked
    fragments, end = walked
    return group(fragments, end, frames, odd=(UselessTable(),) * (base > HEAD))
