"""Ways to damage pixel data: items, code streams, and headers to match or not."""

from __future__ import annotations

import zlib
from random import Random
from struct import pack, pack_into, unpack_from
from typing import Final

from dicom_series_preview.core.header.image_pixel import NATIVE_SYNTAXES
from dicom_series_preview.core.pixels.codec import CODECS
from tests.fuzz.nodes import META, UNDEFINED, Encoding, Node, Nodes, write
from tests.fuzz.octets import BYTE_DAMAGES, cut_out, flip, overwrite, put_in, repeat, truncate
from tests.fuzz.oddities import odd_value, usual_vr
from tests.fuzz.seeds import Seed

_FORMAT: Final = (*tuple(range(2621442, 2621458)), 2621696, 2621697, 2621698, 2621699)
"""The Image Pixel module (PS3.3 C.7.6.3): what decides how much memory a picture takes."""

_SYNTAXES: Final = (
    *tuple(sorted({*CODECS, *NATIVE_SYNTAXES})),
    "1.2.840.10008.1.2.1.98",
    "1.2.840.10008.1.2.8.1",
    "1.2.3",
    "",
)


def damaged_pixels(rng: Random, seed: Seed, others: tuple[Seed, ...]) -> bytes:
    """An object with damaged pixel data, and sometimes a header to match."""
    meta, header, pixels = seed.meta, seed.header, seed.pixels
    style = rng.random()
    if style < 0.15:
        header = _forged_format(rng, header, seed.encoding)
    elif style < 0.3:
        rows, columns = (rng.choice((0, 1, 3, 33, 4096, 16384, 32768, 65535)) for _ in range(2))
        header, pixels = _resized(header, pixels, rows, columns, seed.encoding)
    elif style < 0.4:
        meta = with_syntax(rng, meta)
    elif style < 0.45:
        pixels = rng.choice(others).pixels
    if style > 0.3:
        for _ in range(rng.choice((1, 1, 2, 5))):
            pixels = rng.choice(_PIXEL_DAMAGES)(rng, pixels)
    whole = write(header, seed.encoding) + pixels
    if seed.deflated:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        whole = deflater.compress(whole) + deflater.flush()
    return seed.preamble + write(meta, META) + whole


def _forge_length(rng: Random, pixels: bytes) -> bytes:
    """Another length for the element or for one of the first items (PS3.5 A.4)."""
    heads, at = [8 if pixels[4:6].isalpha() else 4], 12
    while pixels[at : at + 4] == b"\xfe\xff\x00\xe0" and len(heads) < 8 and at + 8 <= len(pixels):
        heads.append(at + 4)
        at += 8 + int(unpack_from("<I", pixels, at + 4)[0])
    where = rng.choice(heads)
    if where + 4 > len(pixels):
        return pixels
    forged = bytearray(pixels)
    old = int(unpack_from("<I", pixels, where)[0])
    new = rng.choice(
        (
            0,
            1,
            2,
            old + 1,
            old + 2,
            old - 2,
            old * 2,
            old // 2,
            2**31 - 1,
            2**31,
            UNDEFINED - 1,
            UNDEFINED,
            len(pixels),
        )
    )
    pack_into("<I", forged, where, new & UNDEFINED)
    return bytes(forged)


def _streams(pixels: bytes) -> list[int]:
    """Where JPEG and JPEG 2000 streams begin."""
    found: list[int] = []
    at = -1
    while len(found) < 10:
        starts = [
            where
            for start in (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
            if (where := pixels.find(start, at + 1)) >= 0
        ]
        if not starts:
            break
        at = min(starts)
        found.append(at)
    return found


def _forge_stream(rng: Random, pixels: bytes) -> bytes:
    """Damage the head of a code stream, where its sizes, tables and markers are."""
    starts = _streams(pixels)
    at = rng.choice(starts) if starts else 64
    stop = at + rng.choice((32, 64, 128, 700))
    damage = rng.choice((flip, flip, overwrite, overwrite, cut_out, put_in, repeat))
    return pixels[:at] + damage(rng, pixels[at:stop]) + pixels[stop:]


def _forge_marker(rng: Random, pixels: bytes) -> bytes:
    """Give a marker segment of a code stream another length, or its first bytes other values."""
    starts = _streams(pixels)
    if not starts:
        return flip(rng, pixels)
    at = rng.choice(starts) + 2
    for _ in range(rng.randrange(8)):
        if pixels[at : at + 1] != b"\xff" or at + 4 > len(pixels):
            break
        at += 2 + int(unpack_from(">H", pixels, at + 2)[0])
    forged = bytearray(pixels)
    where = at + 2 + rng.randrange(12)
    if where + 2 <= len(forged):
        pack_into(">H", forged, where, rng.choice((0, 1, 2, 3, 255, 32767, 65535, rng.randrange(65536))))
    return bytes(forged)


_PIXEL_DAMAGES: Final = (
    *BYTE_DAMAGES,
    _forge_length,
    _forge_length,
    _forge_stream,
    _forge_stream,
    _forge_stream,
    _forge_marker,
    _forge_marker,
    truncate,
)


def _resized(
    header: Nodes, pixels: bytes, rows: int, columns: int, encoding: Encoding
) -> tuple[Nodes, bytes]:
    """Another size in the header, and the same in the heads of all code streams."""
    changed = _with_value(header, 0x00280010, b"US", pack(encoding.order + "H", rows))
    changed = _with_value(changed, 0x00280011, b"US", pack(encoding.order + "H", columns))
    forged = bytearray(pixels)
    for start in _streams(pixels):
        at = start
        if pixels[at : at + 4] == b"\xff\x4f\xff\x51" and at + 40 < len(pixels):
            tile = unpack_from(">II", pixels, at + 24)
            whole = unpack_from(">II", pixels, at + 8)
            pack_into(">II", forged, at + 8, columns, rows)
            if tile == whole:
                pack_into(">II", forged, at + 24, columns, rows)
            continue
        at += 2
        while pixels[at : at + 1] == b"\xff" and at + 9 < len(pixels) and pixels[at + 1] != 0xDA:
            if pixels[at + 1] in (*range(0xC0, 0xC4), 0xF7):
                pack_into(">HH", forged, at + 5, rows, columns)
            at += 2 + int(unpack_from(">H", pixels, at + 2)[0])
    return changed, bytes(forged)


def _with_value(nodes: Nodes, tag: int, vr: bytes, value: bytes) -> Nodes:
    others = [node for node in nodes if node.tag != tag]
    at = next((i for i, node in enumerate(others) if node.tag is None or node.tag > tag), len(others))
    return (*others[:at], Node(tag, vr, value), *others[at:])


def with_syntax(rng: Random, meta: Nodes) -> Nodes:
    """Another transfer syntax, whatever the data set is written in."""
    syntax = rng.choice(_SYNTAXES).encode()
    return _with_value(meta, 0x00020010, b"UI", syntax + b"\0" * (len(syntax) % 2))


def _forged_format(rng: Random, header: Nodes, encoding: Encoding) -> Nodes:
    """Other values in the Image Pixel module."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        tag = rng.choice(_FORMAT)
        vr = usual_vr(tag)
        header = _with_value(header, tag, vr, odd_value(rng, vr, encoding))
    return header
