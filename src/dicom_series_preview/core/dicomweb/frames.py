"""Frames of multi-frame objects from a DICOMweb server (PS3.18 10.4): which to ask for, and what came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.dicomweb.media_types import transfer_syntax
from dicom_series_preview.core.dicomweb.multipart import Part, read_parts
from dicom_series_preview.core.header.image_pixel import (
    EXPLICIT_BIG_ENDIAN,
    EXPLICIT_LITTLE_ENDIAN,
    NATIVE_SYNTAXES,
    PixelFormat,
    frame_bits,
    frame_length,
)
from dicom_series_preview.core.pixels.streams import (
    JPEG_2000,
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    JPEG_EXTENDED,
    JPEG_LOSSLESS_SV1,
    JPEG_LS,
    RLE_LOSSLESS,
    read_jpeg_header,
    rle_segments,
)

LARGEST_BATCH: Final = 1 << 24
"""Decoded bytes of the frames that are asked for at once."""

MOST_AT_ONCE: Final = 100
"""Frames that are asked for at once: an address of more is too long for some servers."""

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
        and (fmt.bits_allocated > 1 or frame_bits(fmt) % 8 == 0)
    )


def batches(fmt: PixelFormat, frames: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The frames (each once, in order) as they are asked for together."""
    wanted = sorted(set(frames))
    at_once = max(1, min(MOST_AT_ONCE, LARGEST_BATCH // frame_length(fmt)))
    for start in range(0, len(wanted), at_once):
        yield tuple(wanted[start : start + at_once])


def read_frames(
    fmt: PixelFormat, count: int, content_type: str, body: bytes
) -> Result[tuple[WebFrame, ...], BadAnswer]:
    """The `count` frames of an answer, in the order in which they were asked for.

    `fmt` is that of the object with the transfer syntax left open.  Refused (`BadAnswer`) are more or fewer parts,
    a native frame of another length, and one whose syntax cannot be told or is big endian.
    """
    found = read_parts(content_type, body)
    if not is_successful(found):
        return Failure(found.failure())
    parts = found.unwrap()
    if len(parts) != count:
        return Failure(BadAnswer(f"it has {len(parts)} parts where {count} were asked for"))
    frames: list[WebFrame] = []
    for part in parts:
        read = _frame(fmt, part)
        if not is_successful(read):
            return Failure(read.failure())
        frames.append(read.unwrap())
    return Success(tuple(frames))


def _frame(fmt: PixelFormat, part: Part) -> Result[WebFrame, BadAnswer]:
    told = transfer_syntax(part.media_type)
    if told == EXPLICIT_BIG_ENDIAN:
        return Failure(
            BadAnswer("its frames are big endian, and whether their bytes are swapped is not told")
        )
    length = frame_length(fmt)
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
