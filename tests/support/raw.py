"""Objects written byte by byte, so that they may be as wrong as files in the world are."""

from __future__ import annotations

from struct import pack
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LITTLE: Final = "1.2.840.10008.1.2.1"
RLE: Final = "1.2.840.10008.1.2.5"
CT: Final = "1.2.840.10008.5.1.4.1.1.2"
END: Final = b"\xfe\xff\xdd\xe0\0\0\0\0"

_WIDE: Final = ("OB", "OW", "SQ", "UN")


def element(group: int, number: int, vr: str, value: bytes, *, implicit: bool = False) -> bytes:
    """One element of a data set in little endian (PS3.5 7.1), padded to even length."""
    value += (b"\0" if vr in ("UI", "OB") else b" ") * (len(value) % 2)
    if implicit:
        return pack("<HHI", group, number, len(value)) + value
    if vr in _WIDE:
        return pack("<HH2sHI", group, number, vr.encode(), 0, len(value)) + value
    return pack("<HH2sH", group, number, vr.encode(), len(value)) + value


def head(
    syntax: str,
    *,
    rows: int,
    columns: int,
    bits: int = 8,
    frames: int | None = None,
    number: int = 1,
    sop_class: str = CT,
    more: bytes = b"",
    implicit: bool = False,
) -> bytes:
    """An object up to its pixel data: unsigned grey without a window, one axial slice at z = -number.

    `more` are elements between groups 0020 and 0028; the width of a window and the rest follow by their tags.
    """
    meta = element(2, 2, "UI", sop_class.encode()) + element(2, 3, "UI", b"1.2.%d" % number)
    meta += element(2, 0x10, "UI", syntax.encode())
    texts = [
        (0x0008, 0x0016, "UI", sop_class),
        (0x0008, 0x0018, "UI", f"1.2.{number}"),
        (0x0008, 0x0060, "CS", "CT"),
        (0x0020, 0x000D, "UI", "1.2.3"),
        (0x0020, 0x000E, "UI", "1.2.4"),
        (0x0020, 0x0013, "IS", str(number)),
        (0x0020, 0x0032, "DS", f"0\\0\\{-number}"),
        (0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0"),
    ]
    body = b"".join(
        element(group, tag, vr, text.encode(), implicit=implicit) for group, tag, vr, text in texts
    )
    body += more
    shape: list[tuple[int, str, bytes]] = [
        (0x0002, "US", pack("<H", 1)),
        (0x0004, "CS", b"MONOCHROME2"),
        *([(0x0008, "IS", str(frames).encode())] if frames is not None else []),
        (0x0010, "US", pack("<H", rows)),
        (0x0011, "US", pack("<H", columns)),
        (0x0100, "US", pack("<H", 8 if bits <= 8 else 16)),
        (0x0101, "US", pack("<H", bits)),
        (0x0102, "US", pack("<H", bits - 1)),
        (0x0103, "US", pack("<H", 0)),
        (0x1050, "DS", str(2 ** (bits - 1)).encode()),
        (0x1051, "DS", str(2**bits).encode()),
    ]
    body += b"".join(element(0x0028, tag, vr, value, implicit=implicit) for tag, vr, value in shape)
    return bytes(128) + b"DICM" + element(2, 0, "UL", pack("<I", len(meta))) + meta + body


def native(value: bytes, *, implicit: bool = False) -> bytes:
    """Pixel data of defined length."""
    return element(0x7FE0, 0x0010, "OW", value, implicit=implicit)


def items(*parts: bytes, end: bytes = END) -> bytes:
    """Pixel data of undefined length: the offset table, fragments and what ends them (PS3.5 A.4)."""
    start = pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
    return start + b"".join(item(part) for part in parts) + end


def item(part: bytes) -> bytes:
    """One item."""
    part += b"\0" * (len(part) % 2)
    return b"\xfe\xff\x00\xe0" + pack("<I", len(part)) + part


def columns(*levels: int, dtype: str = "u1") -> NDArray[Any]:
    """(16, 16 n) pixels: a column of 16 px for each level."""
    return np.repeat(np.repeat(np.array([levels], dtype), 16, axis=0), 16, axis=1)


def flat(level: int) -> NDArray[np.uint8]:
    """(16, 16) pixels of one level."""
    return np.full((16, 16), level, np.uint8)


def rle(pixels: NDArray[np.uint8]) -> bytes:
    """An RLE frame of 8-bit pixels, as runs of one byte (PS3.5 G.3.1)."""
    return pack("<16I", 1, 64, *[0] * 14) + b"".join(bytes([0, value]) for value in pixels.tobytes())
