"""Frames of multi-frame objects from a DICOMweb server (PS3.18 10.4): which to ask for, and what came."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from struct import pack
from typing import Final

from attrs import evolve, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.dicomweb.media_types import transfer_syntax
from dicom_series_preview.core.dicomweb.multipart import Part, read_parts
from dicom_series_preview.core.header.image_pixel import (
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    NATIVE_SYNTAXES,
    PixelFormat,
    PixelSpan,
    frame_bits,
    frame_length,
)
from dicom_series_preview.core.pixels.codec import (
    JPEG_2000,
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    JPEG_EXTENDED,
    JPEG_LOSSLESS_SV1,
    JPEG_LS,
    RLE_LOSSLESS,
)
from dicom_series_preview.core.pixels.items import longest_frame
from dicom_series_preview.core.pixels.stream_checks import read_jpeg_header, rle_segments
from dicom_series_preview.core.results import all_of

LARGEST_BATCH: Final = 1 << 24
"""Decoded bytes of the frames that are asked for at once."""

MOST_AT_ONCE: Final = 100
"""Frames that are asked for at once: an address of more is too long for some servers."""

_BETWEEN: Final = 1 << 14
"""Bytes of heads and boundaries between two parts, at most."""

_ITEM: Final = b"\xfe\xff\x00\xe0"
_NO_TABLE: Final = _ITEM + bytes(4)
"""An item without bytes: the Basic Offset Table where it is empty (PS3.5 A.4)."""

_OCTETS: Final = ("", "application/octet-stream")


@frozen
class WebFrame:
    """One frame as it is stored, in the transfer syntax that it is in; never big endian."""

    transfer_syntax: str
    data: bytes


def is_asked_by_frame(fmt: PixelFormat) -> bool:
    """Whether `/frames/` can give what is needed of an object; of all others the whole object is.

    Servers refuse frames of more than 16 bits, and cannot cut those that begin within a byte.
    """
    return (
        fmt.number_of_frames > 1
        and not fmt.is_float
        and fmt.bits_allocated <= 16
        and (fmt.bits_allocated > 1 or frame_bits(_native(fmt)) % 8 == 0)
    )


def _native(fmt: PixelFormat) -> PixelFormat:
    """The same, if the server sends native frames; metadata leave open whether it does."""
    return evolve(fmt, transfer_syntax=EXPLICIT_LITTLE_ENDIAN, encapsulated=False)


def batches(fmt: PixelFormat, frames: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The frames (each once, in order) as they are asked for together."""
    wanted = sorted(set(frames))
    at_once = max(1, min(MOST_AT_ONCE, LARGEST_BATCH // frame_length(_native(fmt))))
    for start in range(0, len(wanted), at_once):
        yield tuple(wanted[start : start + at_once])


def most_bytes(fmt: PixelFormat, count: int) -> int:
    """Bytes of an answer of `count` frames, at most: what goes beyond that describes another object."""
    return _BETWEEN + count * (longest_frame(fmt) + _BETWEEN)


def read_frames(
    fmt: PixelFormat, count: int, content_type: str, body: bytes
) -> Result[tuple[WebFrame, ...], BadAnswer]:
    """The `count` frames of an answer, in the order in which they were asked for.

    The transfer syntax of `fmt` is left open.  Refused (`BadAnswer`) are more or fewer parts,
    a native frame of another length, and one whose syntax cannot be told or is big endian.
    """
    return Result.do(
        frames
        for parts in read_parts(content_type, body)
        for _ in _check_count(parts, count)
        for frames in all_of(_frame(fmt, part) for part in parts)
    )


def _check_count(parts: Sequence[Part], count: int) -> Result[None, BadAnswer]:
    if len(parts) == count:
        return Success(None)
    return Failure(BadAnswer(f"it has {len(parts)} parts where {count} were asked for"))


def _frame(fmt: PixelFormat, part: Part) -> Result[WebFrame, BadAnswer]:
    told = transfer_syntax(part.media_type)
    if told == EXPLICIT_BIG_ENDIAN:
        return Failure(
            BadAnswer("its frames are big endian, and whether their bytes are swapped is not told")
        )
    length = frame_length(_native(fmt))
    is_native = len(part.data) == length + length % 2 or len(part.data) == length
    if told in NATIVE_SYNTAXES or (told is None and is_native and part.media_type.name in _OCTETS):
        if not is_native:
            problem = f"a frame has {len(part.data)} bytes where {length} were expected"
            return Failure(BadAnswer(problem))
        return Success(WebFrame(EXPLICIT_LITTLE_ENDIAN, part.data[:length]))
    syntax = told or sniff(part.data)
    if syntax is None:
        return Failure(BadAnswer("it does not tell in which transfer syntax a frame is"))
    return Success(WebFrame(syntax, part.data))


def sniff(frame: bytes) -> str | None:
    """The transfer syntax of a compressed frame by its first bytes; of several equally good the usual one."""
    if frame.startswith((b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")):
        return _j2k_syntax(frame)
    jpeg = read_jpeg_header(frame)
    if jpeg is None:
        return None if rle_segments(frame) is None else RLE_LOSSLESS
    if jpeg.lossless:
        return JPEG_LS if b"\xff\xf7" in frame[: jpeg.scan] else JPEG_LOSSLESS_SV1
    return JPEG_BASELINE if jpeg.precision == 8 else JPEG_EXTENDED


def _j2k_syntax(frame: bytes) -> str | None:
    """Lossless where the wavelets of the stream are reversible (ITU-T T.800 A.6.1); None for HTJ2K (T.814)."""
    style = frame.find(b"\xff\x52")
    if style < 0 or len(frame) < style + 14 or b"\xff\x50" in frame[:style]:
        return None
    return JPEG_2000_LOSSLESS if frame[style + 13] == 1 else JPEG_2000


@frozen(eq=False)
class HeldFrames:
    """Some frames of an object, where they would lie in its pixel data element (PS3.5 8.2, A.4)."""

    transfer_syntax: str
    span: PixelSpan
    table: tuple[bytes, bytes] | None
    """Extended Offset Table and its lengths (PS3.3 C.7.6.3.1.8); None for native frames."""
    _pieces: tuple[tuple[int, bytes], ...]
    """Bytes and where they begin, in order; what did not come is missing in between."""

    def read(self, start: int, stop: int | None) -> bytes:
        """The bytes from `start` up to `stop` (None: to the end), or as far as they came without a gap."""
        found = b""
        at = max(0, bisect_right(self._pieces, start, key=itemgetter(0)) - 1)
        for begin, piece in self._pieces[at:]:
            where = start + len(found)
            if not begin <= where < begin + len(piece):
                break
            found += piece[where - begin : None if stop is None else stop - begin]
        return found


def hold_frames(fmt: PixelFormat, frames: Mapping[int, WebFrame]) -> Result[HeldFrames, BadAnswer]:
    """Put frames, by their numbers, where they belong; refused where they are in several transfer syntaxes."""
    syntaxes = {frame.transfer_syntax for frame in frames.values()}
    if len(syntaxes) != 1:
        return Failure(BadAnswer("its frames are in several transfer syntaxes"))
    syntax = syntaxes.pop()
    count = fmt.number_of_frames
    if syntax == EXPLICIT_LITTLE_ENDIAN:
        length = frame_length(_native(fmt))
        pieces = tuple((number * length, frames[number].data) for number in sorted(frames))
        return Success(HeldFrames(syntax, PixelSpan(0, length * count), None, pieces))
    items: list[bytes] = []
    for number in range(count):
        data = frames[number].data if number in frames else b""
        padded = data + b"\0" * (len(data) % 2)
        items.append(_ITEM + len(padded).to_bytes(4, "little") + padded)
    offsets = list(accumulate(map(len, items[:-1]), initial=0))
    lengths = [len(item) - len(_NO_TABLE) for item in items]
    table = (pack(f"<{count}Q", *offsets), pack(f"<{count}Q", *lengths))
    return Success(HeldFrames(syntax, PixelSpan(0, None), table, ((0, b"".join([_NO_TABLE, *items])),)))
