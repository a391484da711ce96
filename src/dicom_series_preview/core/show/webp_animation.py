"""Still WebP pictures -> one animated WebP, as bytes (the WebP container: RIFF, VP8X, ANIM, ANMF).

The encoder's own writer of animations takes slow change for none and leaves frames out; put together like this
each frame is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack
from typing import Final

_RIFF_HEAD: Final = 12
"""Bytes of a still picture before its first chunk: `RIFF`, its length, `WEBP`."""

_ANIMATION: Final = 0x02
_REPLACE: Final = 0x02
"""A frame takes the place of the one before: it is not blended with it."""

LONGEST: Final = (1 << 24) - 1
"""Milliseconds that a frame may last."""


def animate(stills: Sequence[bytes], width: int, height: int, milliseconds: int) -> bytes:
    """An endless animation of pictures of `width` x `height` px, each shown for so many milliseconds.

    A still is a lossy or lossless WebP file without transparency or metadata: nothing but one chunk of pixels.
    """
    size = _three(width - 1) + _three(height - 1)
    head = _chunk(b"VP8X", bytes([_ANIMATION, 0, 0, 0]) + size)
    loop = _chunk(b"ANIM", bytes([0, 0, 0, 0xFF]) + pack("<H", 0))
    place = bytes(6) + size + _three(min(LONGEST, max(1, milliseconds))) + bytes([_REPLACE])
    frames = b"".join(_chunk(b"ANMF", place + still[_RIFF_HEAD:]) for still in stills)
    body = b"WEBP" + head + loop + frames
    return b"RIFF" + pack("<I", len(body)) + body


def _three(number: int) -> bytes:
    return pack("<I", number)[:3]


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + pack("<I", len(content)) + content + bytes(len(content) % 2)
