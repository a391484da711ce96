"""A walk over the heads of items where no table tells where frames begin (PS3.5 A.4)."""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from typing import Final

from attrs import frozen

from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.odd_pixels import MoreFrames, NoDelimiter, PixelOddity
from dicom_series_preview.core.pixels.items import (
    BEGINNING,
    DELIMITER,
    HEAD,
    ITEM,
    begins_frame,
    item_length,
    longest_frame,
)

SMALL_ITEM: Final = 2**16
"""Items up to this many bytes are walked in windows, larger ones from head to head until the last window."""

WINDOW: Final = 2**18
"""Bytes read at once where items are small, or no more are left."""

MOST_FRAGMENTS: Final = 2**18
"""Fragments of one object beyond which it is given up."""

_LEAST_FRAGMENT: Final = 2**10
"""Bytes that a fragment counts for at least, so that very small ones come to an end as well."""


@frozen
class Ask:
    """Bytes `start` to `stop` of the object are wanted; fewer may come only where the object ends."""

    start: int
    stop: int


@frozen
class Fragment:
    """An item met on a walk: its head is at `start`, `stop` is one past its last byte."""

    start: int
    stop: int
    begins_frame: bool


class End(Enum):
    """Where a walk ended: at the delimiter, at something else, at the end of the bytes or as far as was needed."""

    DELIMITER = "delimiter"
    JUNK = "junk"
    BYTES = "bytes"
    ENOUGH = "enough"


@frozen
class Range:
    """Where a frame's items lie as a table or a walk tells it; `stop` is None where only the end stops them."""

    start: int
    stop: int | None
    table: bool = False
    exact: bool = False
    odd: tuple[PixelOddity, ...] = ()


def walk(
    fmt: PixelFormat, position: int, window: bytes, limit: int | None, last: int
) -> Generator[Ask, bytes, tuple[list[Fragment], End] | str]:
    """Go from item to item, `window` being the bytes at `position`; also how the walk ended.

    As long as every fragment begins a frame, the walk ends when it has seen the frame behind the `last` one.
    Fragments that come to more than all frames may take are refused in words.
    """
    fragments: list[Fragment] = []
    begin, all_begin = position, True
    room = longest_frame(fmt) * fmt.number_of_frames
    while not (all_begin and len(fragments) > last + 1):
        if position - begin + HEAD + BEGINNING > len(window) and (
            limit is None or begin + len(window) < limit
        ):
            small = not fragments or fragments[-1].stop - fragments[-1].start <= SMALL_ITEM
            short = limit is not None and limit - position <= WINDOW
            stop = position + (WINDOW if small or short else HEAD + BEGINNING)
            begin, window = position, (yield Ask(position, stop if limit is None else min(stop, limit)))
            if begin + len(window) < stop:
                limit = begin + len(window)
        at = position - begin
        if window[at : at + 4] == DELIMITER:
            return fragments, End.DELIMITER
        if at + HEAD > len(window):
            return fragments, End.BYTES
        if window[at : at + 4] != ITEM:
            return fragments, End.JUNK
        start, position = position, position + HEAD + item_length(window, at)
        room -= max(position - start, _LEAST_FRAGMENT)
        if room < 0 or len(fragments) >= MOST_FRAGMENTS:
            return f"its fragments are more than {fmt.number_of_frames} frames of {fmt.rows} x {fmt.columns} take"
        beginning = window[at + HEAD : at + HEAD + BEGINNING]
        fragments.append(Fragment(start, position, begins_frame(fmt.transfer_syntax, beginning)))
        all_begin = all_begin and fragments[-1].begins_frame
        if limit is not None and position >= limit:
            return fragments, End.BYTES
    return fragments, End.ENOUGH


def group(
    fragments: list[Fragment], end: End, frames: int, odd: tuple[PixelOddity, ...]
) -> tuple[Range, ...] | str:
    """Put the fragments of a walk together to frames, or say that they do not tell where frames begin."""
    starts = [number for number, fragment in enumerate(fragments) if fragment.begins_frame]
    ended = end in (End.DELIMITER, End.JUNK)
    if len(fragments) == frames and (ended or not starts):
        starts = list(range(frames))
    cut = not ended and len(starts) < frames
    told = len(starts) >= frames or cut or len(starts) == len(fragments)
    if not starts or starts[0] != 0 or not told:
        return f"there is no offset table, and {len(fragments)} fragments do not show where {frames} frames begin"
    stops = [*(number - 1 for number in starts[1:]), len(fragments) - 1]
    odd = (*odd, *[MoreFrames(frames)] * (len(starts) > frames), *[NoDelimiter()] * (end is End.JUNK))
    return tuple(
        Range(fragments[first].start, fragments[last].stop, odd=odd)
        for first, last in zip(starts, stops, strict=True)
    )
