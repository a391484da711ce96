"""Ways to damage bytes, whatever they mean."""

from __future__ import annotations

from random import Random
from typing import Final


def damaged_bytes(rng: Random, data: bytes) -> bytes:
    """Bytes flipped, overwritten, cut out, repeated or put in."""
    for _ in range(rng.choice((1, 1, 2, 4, 10))):
        data = rng.choice(BYTE_DAMAGES)(rng, data)
    return data


def _place(rng: Random, data: bytes) -> int:
    """Anywhere, but as often as not near the beginning."""
    return rng.randrange(min(len(data), rng.choice((16, 64, 256, 1024, len(data)))) or 1)


def flip(rng: Random, data: bytes) -> bytes:
    """Some bits."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20)) if data else 0):
        changed[_place(rng, data)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwrite(rng: Random, data: bytes) -> bytes:
    """A few bytes that lengths and items are made of."""
    at = _place(rng, data)
    value = rng.choice(
        (
            b"\0",
            b"\xff",
            b"\x7f\xff",
            b"\xff\xff\xff\xff",
            b"\0\0\0\0",
            b"\xff\xff\xff\x7f",
            b"\xfe\xff\x00\xe0",
            rng.randbytes(8),
        )
    )
    return data[:at] + value + data[at + len(value) :]


def cut_out(rng: Random, data: bytes) -> bytes:
    """Bytes are missing."""
    at = _place(rng, data)
    return data[:at] + data[at + rng.choice((1, 2, 4, 16, 300)) :]


def repeat(rng: Random, data: bytes) -> bytes:
    """Bytes come again."""
    at = _place(rng, data)
    end = at + rng.choice((1, 2, 8, 64, 1000))
    return data[:end] + data[at:end] * rng.choice((1, 1, 3, 50)) + data[end:]


def put_in(rng: Random, data: bytes) -> bytes:
    """Bytes too many."""
    at = _place(rng, data)
    return data[:at] + rng.randbytes(rng.choice((1, 2, 8, 100))) + data[at:]


def truncate(rng: Random, data: bytes) -> bytes:
    """The rest is missing."""
    return data[: _place(rng, data)]


def _swap_blocks(rng: Random, data: bytes) -> bytes:
    a, b, c = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


BYTE_DAMAGES: Final = (flip, flip, overwrite, cut_out, repeat, put_in, _swap_blocks)
