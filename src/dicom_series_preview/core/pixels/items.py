"""The items that encapsulated frames lie in (PS3.5 A.4): one frame taken out of its bytes."""

from __future__ import annotations

from struct import unpack_from
from typing import Final

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import BadPixelData
from dicom_series_preview.core.header.image_pixel import PixelFormat, decoded_length
from dicom_series_preview.core.odd_pixels import MoreFrames, NoDelimiter, PixelOddity
from dicom_series_preview.core.pixels.codec import JPEG_XL, JPEG_XL_LOSSLESS, JPEG_XL_RECOMPRESSED
from dicom_series_preview.core.pixels.jpeg_xl import JXL_FILE, JXL_STREAM
from dicom_series_preview.core.pixels.stream_checks import J2K_STREAM

ITEM: Final = b"\xfe\xff\x00\xe0"
DELIMITER: Final = b"\xfe\xff\xdd\xe0"
HEAD: Final = 8
"""Bytes of an item's tag and length."""

BEGINNING: Final = 8
"""Bytes of a fragment that tell whether it begins a frame."""

_GROWTH, _ALLOWANCE = 3, 2**20

_JXL_SYNTAXES: Final = frozenset({JPEG_XL, JPEG_XL_LOSSLESS, JPEG_XL_RECOMPRESSED})


def longest_frame(fmt: PixelFormat) -> int:
    """The bytes that one compressed frame takes at most, item heads and tables of its stream included.

    No codec makes noise three times as large as it is; beyond that a frame is not what the header describes.
    """
    return _GROWTH * decoded_length(fmt) + _ALLOWANCE


@frozen
class FrameRange:
    """One frame's bytes in its object: `start` to `stop`.

    `bit_offset` (0-15) is the bit at which a native frame begins in its first byte, or its first two where
    bytes are swapped in pairs; only 1-bit and swapped frames need it.  `items` says that
    the range holds items (PS3.5 A.4), `table` that the first of them is the Basic Offset Table, `exact` that
    nothing but the frame's items is in it, and `clipped` that it ends where a frame must have ended.
    """

    start: int
    stop: int
    bit_offset: int = 0
    items: bool = False
    table: bool = False
    exact: bool = False
    clipped: bool = False
    odd: tuple[PixelOddity, ...] = ()


@frozen
class Extracted:
    """One frame as it is stored, without the heads of its items, and what was odd about them."""

    data: bytes
    bit_offset: int = 0
    """As in `FrameRange`."""
    odd: tuple[PixelOddity, ...] = ()


def item_length(data: bytes, position: int) -> int:
    """The length of the item whose head is at `position`."""
    length: int = unpack_from("<I", data, position + 4)[0]
    return length


def begins_frame(syntax: str, beginning: bytes) -> bool:
    """Whether a fragment begins as a JPEG (SOI), JPEG 2000 (SOC, SIZ), JPEG XL or RLE (PS3.5 G.5) frame does."""
    if syntax in _JXL_SYNTAXES and beginning.startswith((JXL_STREAM, JXL_FILE)):
        return True
    rle = b"\x01" <= beginning[:1] <= b"\x0f" and beginning[1:] == b"\0\0\0\x40\0\0\0"
    return rle or beginning.startswith((b"\xff\xd8\xff", J2K_STREAM))


def extract(
    fmt: PixelFormat, where: FrameRange, data: bytes, frame: int = 0
) -> Result[Extracted, BadPixelData]:
    """Take one frame out of the bytes of its range: item heads and offset table are left out.

    `frame` is only named in the refusal of bytes that are cut short or hold no items.
    """
    if not where.items:
        needed = where.stop - where.start
        if len(data) < needed:
            return Failure(BadPixelData(frame, f"it is cut short, {len(data)} of {needed} bytes are there"))
        return Success(Extracted(data[:needed], where.bit_offset, where.odd))
    fragments: list[bytes] = []
    odd = list(where.odd)
    position, first = 0, True
    while position + HEAD <= len(data) and data[position : position + 4] != DELIMITER:
        if data[position : position + 4] != ITEM:
            if where.exact or not fragments:
                wanted = "" if position else "the transfer syntax says that frames lie in items, but "
                problem = f"{wanted}there is no item at byte {where.start + position}"
                return Failure(BadPixelData(frame, problem))
            odd.append(NoDelimiter())
            break
        begin, stop = position + HEAD, position + HEAD + item_length(data, position)
        begins = begins_frame(fmt.transfer_syntax, data[begin : min(stop, begin + BEGINNING)])
        if fragments and begins and not where.exact:
            odd.append(MoreFrames(fmt.number_of_frames))
            break
        if stop > len(data):
            return Failure(BadPixelData(frame, _cut(fmt, where, data, stop)))
        if not (first and where.table):
            fragments.append(data[begin:stop])
        position, first = stop, False
    joined = b"".join(fragments)
    if not joined:
        return Failure(BadPixelData(frame, "there are no fragments"))
    return Success(Extracted(joined, odd=tuple(odd)))


def _cut(fmt: PixelFormat, where: FrameRange, data: bytes, stop: int) -> str:
    if where.clipped and len(data) >= where.stop - where.start:
        return (
            f"it has more than {longest_frame(fmt)} bytes, too many for {fmt.rows} x {fmt.columns} "
            f"with {fmt.samples_per_pixel} samples"
        )
    return (
        f"it is cut short, an item ends at byte {where.start + stop}, the data at {where.start + len(data)}"
    )
