"""Palette colour lookup tables (PS3.3 C.7.6.3.1.5, C.7.6.3.1.6 and C.7.9): indices to 8-bit RGB."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import BadPalette
from dicom_series_preview.core.header.elements import Elements, data, numbers
from dicom_series_preview.core.header.image_pixel import EXPLICIT_BIG_ENDIAN
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.odd_pixels import UselessPalette
from dicom_series_preview.core.pixels.decoding import Decoding
from dicom_series_preview.core.results import all_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHANNELS = ("Red", "Green", "Blue")
_MOST_ENTRIES = 2**16
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


_AT_ONCE: Final = 1 << 16
"""Pixels that are looked up at once: for each that takes many bytes besides its colours."""


@frozen(eq=False)
class Palette:
    """The colours of PALETTE COLOR pixels.

    `colours` is (entries, 3) uint8 RGB; `first_mapped` is the stored value that has the first entry's colour.
    """

    first_mapped: int
    colours: NDArray[np.uint8]


def apply(palette: Palette, indices: NDArray[np.number[Any]]) -> NDArray[np.uint8]:
    """Stored values of any shape to RGB, one axis more; values off the table take its end's colour."""
    flat, rgb = indices.reshape(-1), np.empty((indices.size, 3), np.uint8)
    for start in range(0, indices.size, _AT_ONCE):
        rgb[start : start + _AT_ONCE] = _looked_up(palette, flat[start : start + _AT_ONCE])
    return rgb.reshape(*indices.shape, 3)


def _looked_up(palette: Palette, indices: NDArray[np.number[Any]]) -> NDArray[np.uint8]:
    with np.errstate(invalid="ignore"):  # of floats some are no number
        places = indices.astype(np.int64) - palette.first_mapped
    return np.take(palette.colours, places, axis=0, mode="clip")


def colour(pixels: Pixels, picture: Decoding) -> Result[Decoding, BadPalette]:
    """The picture of PALETTE COLOR pixels in its colours; all others as they are.

    A supplemental palette is applied where the grey values are (see `over`); one that cannot be read is odd.
    """
    if pixels.supplemental is not None:
        unread = _read(pixels, pixels.supplemental).swap().map(lambda bad: (UselessPalette(str(bad)),))
        return Success(Decoding(picture.values, (*picture.odd, *unread.value_or(()))))
    if pixels.palette is None:
        return Success(picture)
    return _read(pixels, pixels.palette).map(
        lambda colours: Decoding(apply(colours, picture.values), picture.odd)
    )


def supplement(pixels: Pixels) -> Palette | None:
    """The supplemental palette of grey pixels (PS3.3 C.7.6.19), None where there is none that can be read."""
    return None if pixels.supplemental is None else _read(pixels, pixels.supplemental).value_or(None)


def over(palette: Palette, grey: NDArray[np.uint8], stored: NDArray[np.number[Any]]) -> NDArray[np.uint8]:
    """(rows, columns) grey levels with the colours of the stored values from the first mapped one on, as RGB."""
    flat, levels, rgb = stored.reshape(-1), grey.reshape(-1), np.empty((grey.size, 3), np.uint8)
    for start in range(0, grey.size, _AT_ONCE):
        some, shown = flat[start : start + _AT_ONCE], rgb[start : start + _AT_ONCE]
        shown[:] = _looked_up(palette, some)
        is_grey = ~(some >= palette.first_mapped)  # so is what is no number
        np.copyto(shown, levels[start : start + _AT_ONCE, np.newaxis], where=is_grey[:, np.newaxis])
    return rgb.reshape(*grey.shape, 3)


def _read(pixels: Pixels, tables: Elements) -> Result[Palette, BadPalette]:
    return read_palette(
        tables,
        signed=pixels.format.pixel_representation == 1,
        big_endian=pixels.format.transfer_syntax == EXPLICIT_BIG_ENDIAN,
    )


def read_palette(
    elements: Elements, *, signed: bool = False, big_endian: bool = False
) -> Result[Palette, BadPalette]:
    """Read the three lookup tables of a header, plain or segmented (PS3.3 C.7.9).

    `signed` is whether the pixels are, and with them the first value mapped; `big_endian` is the order of the
    words of the tables.  16-bit colours are brought to 8 bits, unless all of them fit there already: some
    writers say 16 bits and mean 8.
    """
    return all_of(_channel(elements, channel, big_endian) for channel in _CHANNELS).map(
        partial(_joined, signed=signed)
    )


_Channel: TypeAlias = "tuple[int, NDArray[np.uint16]]"
"""The stored value that has the first entry, as 16 bits without sign, and the entries of a lookup table."""


def _joined(channels: Sequence[_Channel], *, signed: bool) -> Palette:
    first = channels[-1][0]
    length = min(len(values) for _, values in channels)
    table = np.stack([values[:length] for _, values in channels], axis=-1)
    return Palette(
        first - 2**16 if signed and first >= 2**15 else first,
        (table >> 8 if table.max() > 0xFF else table).astype(np.uint8),
    )


def _channel(elements: Elements, channel: str, big_endian: bool) -> Result[_Channel, BadPalette]:
    descriptor = numbers(elements, f"{channel}PaletteColorLookupTableDescriptor", 3)
    if descriptor is None:
        return Failure(BadPalette(channel, "its descriptor is missing or has not three values"))
    entries, first, bits = (int(value) & 0xFFFF for value in descriptor)
    if bits not in (8, 16):
        return Failure(BadPalette(channel, f"its entries have {bits} bits, not 8 or 16"))
    values = _values(elements, channel, entries or _MOST_ENTRIES, bits, big_endian)
    return values.map(lambda found: (first, found))


def _values(
    elements: Elements, channel: str, entries: int, bits: int, big_endian: bool
) -> Result[NDArray[np.uint16], BadPalette]:
    plain = data(elements, f"{channel}PaletteColorLookupTableData")
    if plain is not None:
        # Whatever its descriptor says, a table of a byte for each entry has no words.
        packed = entries > 1 and len(plain) in (entries, entries + 1)
        wide = not packed and (bits == 16 or len(plain) >= 2 * entries)
        words = _words(plain, wide=wide, big_endian=big_endian)
        if len(words) < entries:
            return Failure(BadPalette(channel, f"it has {len(words)} of {entries} entries"))
        return Success(words[:entries])
    segments = data(elements, f"Segmented{channel}PaletteColorLookupTableData")
    if segments is None:
        return Failure(BadPalette(channel, "it has no data"))
    codes = _words(segments, wide=bits == 16, big_endian=big_endian).tolist()
    expanded = _expand(codes, entries, 2 if bits == 16 else 1)
    if expanded is None:
        return Failure(BadPalette(channel, f"its segments do not make {entries} entries"))
    return Success(np.array(expanded, np.uint16))


def _words(table: bytes, *, wide: bool, big_endian: bool) -> NDArray[np.uint16]:
    """The entries of a table: 16-bit words, or bytes two in a word."""
    words = np.frombuffer(table[: len(table) // 2 * 2], ">u2" if big_endian else "<u2").astype("<u2")
    odd = np.frombuffer(table[len(words) * 2 :], np.uint8)
    narrow = np.concatenate([words.view(np.uint8), odd])
    return words.astype(np.uint16) if wide else narrow.astype(np.uint16)


def _expand(codes: list[int], entries: int, width: int) -> list[int] | None:
    """Expand the segments `codes` (of `width` bytes each) to `entries` values, None if they do not tell them."""
    values: list[int] = []
    position = 0
    while len(values) < entries:
        at = _segment(codes, position, values)
        if at is not None:
            position = at
            continue
        # An indirect segment: so many segments as stand at a byte offset, which are not indirect themselves.
        offset_codes = 4 // width
        head = codes[position : position + 2 + offset_codes]
        if len(head) < 2 + offset_codes or head[0] != _INDIRECT or head[1] == 0:
            return None
        offset = sum(code << (8 * width * place) for place, code in enumerate(head[2:])) // width
        for _ in range(head[1]):
            if len(values) >= entries:  # a few bytes could ask for gigabytes
                break
            copied = _segment(codes, offset, values)
            if copied is None:
                return None
            offset = copied
        position += 2 + offset_codes
    return values[:entries]


def _segment(codes: list[int], position: int, values: list[int]) -> int | None:
    """Append a discrete or linear segment's values; where the next begins, None if there is none such."""
    if position + 2 >= len(codes):
        return None
    opcode, count = codes[position], codes[position + 1]
    if opcode == _DISCRETE and count and position + 2 + count <= len(codes):
        values.extend(codes[position + 2 : position + 2 + count])
        return position + 2 + count
    if opcode == _LINEAR and count and values:
        start, end = values[-1], codes[position + 2]
        # To the nearest whole number, in integers.
        values.extend(
            (2 * (start * count + (end - start) * i) + count) // (2 * count) for i in range(1, count + 1)
        )
        return position + 3
    return None
