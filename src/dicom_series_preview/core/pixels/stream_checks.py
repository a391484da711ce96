"""What compressed frames say of themselves, and whether they are whole: read before any decoder sees them.

Decoders return pictures for frames that were cut, grey or black where bytes are missing.  A frame whose
headers disagree with the Image Pixel module, or whose end marker is missing, is therefore refused here.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from struct import unpack_from
from typing import TypeAlias

from attrs import frozen

from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.pixels.codec import Codec
from dicom_series_preview.core.pixels.jpeg_xl import JXL_FILE, JXL_STREAM, JxlHeader, read_jxl_header

J2K_STREAM, JP2_FILE = b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  "

_END = b"\xff\xd9"
_NO_HEADER = "the frame does not begin with the headers of its syntax"
_LARGEST_RLE_HEADER = 15
_NAMED = ((0xE0, b"JFIF\0", 14), (0xEE, b"Adobe", 12))
"""Markers that tell what colours are, how they begin, and the bytes without which libjpeg passes them over."""


@frozen
class JpegHeader:
    """Start of frame of a JPEG or JPEG-LS stream (ITU-T T.81 B.2.2, T.87 C.2.2); sizes in px.

    `lossless` tells whether samples are predicted, not transformed, `jpeg_ls` whether that is as T.87 says;
    `names_colours` tells whether JFIF, Adobe or the component identifiers R, G, B say to libjpeg what the colours
    are; `scan` is the byte at which the first scan begins.
    """

    rows: int
    columns: int
    components: int
    precision: int
    lossless: bool
    jpeg_ls: bool
    names_colours: bool
    scan: int


@frozen
class J2kHeader:
    """SIZ and COD of a JPEG 2000 stream (ITU-T T.800 A.5.1, A.6.1); sizes in px.

    `transformed` tells whether three components are transformed together (T.800 G); `levels` is how often the
    size can be halved; `scan` is the byte at which the main header ends.
    """

    rows: int
    columns: int
    components: int
    precision: int
    signed: bool
    transformed: bool
    levels: int
    scan: int


Header: TypeAlias = JpegHeader | J2kHeader


def read_jpeg_header(frame: bytes) -> JpegHeader | None:
    """Read the markers before the first scan; None if they do not lead to one."""
    try:
        return _read_jpeg_header(frame)
    except (struct.error, IndexError):
        return None


def _read_jpeg_header(frame: bytes) -> JpegHeader | None:
    if frame[:2] != b"\xff\xd8":
        return None
    position, names_colours = 2, False
    size: tuple[int, int, int, int, bool, bool] | None = None
    while True:
        if frame[position] != 0xFF:
            return None
        marker = frame[position + 1]
        if marker == 0xFF:  # a fill byte (T.81 B.1.1.2)
            position += 1
            continue
        length: int = unpack_from(">H", frame, position + 2)[0]
        if marker == 0xDA:
            return None if size is None else JpegHeader(*size, names_colours, position)
        body = frame[position + 4 : position + 2 + length]
        if (marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:
            precision, rows, columns, components = unpack_from(">BHHB", body)
            lossless = marker in (0xC3, 0xC7, 0xCB, 0xCF, 0xF7)
            size = rows, columns, components, precision, lossless, marker == 0xF7
            names_colours = names_colours or body[6::3] == b"RGB"
        names_colours = names_colours or any(
            marker == named and body.startswith(begin) and len(body) >= least
            for named, begin, least in _NAMED
        )
        position += 2 + length


def read_j2k_header(frame: bytes) -> J2kHeader | None:
    """Read the main header, also of a stream wrapped in a JP2 file; None if there is none."""
    start = frame.find(J2K_STREAM)  # SOC, and SIZ right behind it (T.800 A.5.1)
    if start < 0:
        return None
    try:
        return _read_j2k_header(frame, start + 2)
    except (struct.error, IndexError):
        return None


def _read_j2k_header(frame: bytes, position: int) -> J2kHeader | None:
    right, bottom, left, top = unpack_from(">IIII", frame, position + 6)
    components, depth = unpack_from(">HB", frame, position + 38)
    transformed, levels = False, 0
    while True:
        marker, length = unpack_from(">HH", frame, position)
        if marker == 0xFF52:
            transformed, levels = frame[position + 8] == 1, frame[position + 9]
        elif marker == 0xFF90:
            precision, signed = (depth & 0x7F) + 1, depth >= 0x80
            size = bottom - top, right - left
            return J2kHeader(*size, components, precision, signed, transformed, levels, position)
        elif marker <= 0xFF00:  # no marker (T.800 A.1.1)
            return None
        position += 2 + length


def read_header(codec: Codec, frame: bytes) -> Header | None:
    """The stream's own header, None if there is none to read."""
    match codec:
        case Codec.JPEG_2000:
            return read_j2k_header(frame)
        case Codec.JPEG | Codec.JPEG_LOSSLESS | Codec.JPEG_LS:
            return read_jpeg_header(frame)
        case _:
            return None


def sniff(fmt: PixelFormat, frame: bytes) -> Codec | None:
    """The codec of a frame by what it begins with, None where it has no mark.

    The mark of RLE is a header that fits the frame and its length.
    """
    if frame.startswith((J2K_STREAM, JP2_FILE)):
        return Codec.JPEG_2000
    if frame.startswith((JXL_STREAM, JXL_FILE)):
        return Codec.JPEG_XL
    header = read_jpeg_header(frame)
    if header is None:
        return Codec.RLE if _rle_flaw(fmt, frame) is None else None
    return Codec.JPEG_LS if header.jpeg_ls else Codec.JPEG_LOSSLESS if header.lossless else Codec.JPEG


def flaw(codec: Codec, fmt: PixelFormat, frame: bytes) -> str | None:
    """In words, why a frame that `codec` has packed must not be decoded; None if it may."""
    if codec is Codec.RLE:
        return _rle_flaw(fmt, frame)
    if codec is Codec.JPEG_XL:
        return _size_flaw(fmt, read_jxl_header(frame))
    header = read_header(codec, frame)
    if header is None:
        return _NO_HEADER
    if (header.rows, header.columns, header.components) != (fmt.rows, fmt.columns, fmt.samples_per_pixel):
        return (
            f"the frame is {header.rows} x {header.columns} with {header.components} samples, the header "
            f"says {fmt.rows} x {fmt.columns} with {fmt.samples_per_pixel}"
        )
    # Entropy-coded data holds no end marker (T.81 B.1.1.5, T.87 A.1, T.800 A.1.3); padding may follow it.
    if frame.rfind(_END) < header.scan:
        return f"the frame is cut short: no end marker in its {len(frame)} bytes"
    return None


def _size_flaw(fmt: PixelFormat, header: JxlHeader | None) -> str | None:
    """A JPEG XL stream tells its end only to a decoder, which refuses one that is cut."""
    if header is None:
        return _NO_HEADER
    if (header.rows, header.columns) != (fmt.rows, fmt.columns):
        return f"the frame is {header.rows} x {header.columns}, the header says {fmt.rows} x {fmt.columns}"
    return None


def rle_segments(frame: bytes) -> tuple[bytes, ...] | None:
    """The segments of an RLE frame (PS3.5 G.5), None if the header does not describe them."""
    if len(frame) < 64:
        return None
    count, *offsets = unpack_from("<16I", frame)
    if not 1 <= count <= _LARGEST_RLE_HEADER:
        return None
    bounds = [*offsets[:count], len(frame)]
    if bounds[0] != 64 or any(after <= before for before, after in pairwise(bounds)):
        return None
    return tuple(frame[start:stop] for start, stop in pairwise(bounds))


def _rle_flaw(fmt: PixelFormat, frame: bytes) -> str | None:
    segments = rle_segments(frame)
    if segments is None:
        return f"the frame is cut short or its RLE header is wrong ({len(frame)} bytes)"
    expected = fmt.samples_per_pixel * max(1, fmt.bits_allocated // 8)
    if len(segments) != expected:
        return f"the frame has {len(segments)} RLE segments, not {expected}"
    return None
