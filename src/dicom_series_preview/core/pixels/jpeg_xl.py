"""What a JPEG XL stream says of its size, read without a decoder (ISO/IEC 18181-1, 18181-2)."""

from __future__ import annotations

from struct import unpack_from
from typing import Final

from attrs import frozen

JXL_STREAM: Final = b"\xff\x0a"
JXL_FILE: Final = b"\0\0\0\x0cJXL "


@frozen
class JxlHeader:
    """The size that a JPEG XL stream begins with (ISO/IEC 18181-1 D.3), in px."""

    rows: int
    columns: int


_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_BITS: Final = (9, 13, 18, 30)


def read_jxl_header(frame: bytes) -> JxlHeader | None:
    """Read the size of a JPEG XL code stream, bare or in a container (ISO/IEC 18181-2); None if there is none."""
    start = 0 if frame[:2] == JXL_STREAM else _box(frame)
    if start is None or frame[start : start + 2] != JXL_STREAM or len(frame) < start + 12:
        return None
    bits = _Bits(int.from_bytes(frame[start + 2 : start + 12], "little"))
    small = bits.take(1)
    rows = _side(bits, small)
    ratio = bits.take(3)
    if ratio == 0:
        return JxlHeader(rows, _side(bits, small))
    width, height = _RATIOS[ratio - 1]
    return JxlHeader(rows, rows * width // height)


class _Bits:
    """Bits taken from the lowest on."""

    def __init__(self, value: int) -> None:
        self._value = value

    def take(self, count: int) -> int:
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken


def _side(bits: _Bits, small: int) -> int:
    return 8 * (1 + bits.take(5)) if small else 1 + bits.take(_BITS[bits.take(2)])


def _box(frame: bytes) -> int | None:
    """Where the code stream begins in a container: in the box jxlc, or in the first jxlp, behind its number."""
    position = 0
    while position + 8 <= len(frame):
        length, kind = unpack_from(">I4s", frame, position)
        head = 8
        if length == 1 and position + 16 <= len(frame):
            length, head = unpack_from(">Q", frame, position + 8)[0], 16
        if kind in (b"jxlc", b"jxlp"):
            return position + head + (4 if kind == b"jxlp" else 0)
        if length < head:
            return None
        position += length
    return None
