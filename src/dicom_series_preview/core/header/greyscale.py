"""Modality and VOI transformations of one frame, as its header states them (PS3.3 C.11.1, C.11.2).

Tables are read as far as they can be meant; what had to be mended is noted.
"""

from __future__ import annotations

import struct
from math import inf
from typing import Final, TypeAlias

from attrs import frozen

from dicom_series_preview.core.grey import Lut, ModalityLut, Rescale, Voi, VoiFunction, Window, white_of
from dicom_series_preview.core.header import usable
from dicom_series_preview.core.header.functional_groups import FrameReading
from dicom_series_preview.core.header.image_pixel import (
    EXPLICIT_BIG_ENDIAN,
    GE_PRIVATE,
    IMPLICIT_LITTLE_ENDIAN,
    PixelFormat,
)
from dicom_series_preview.core.header.reading import Mended, Reading
from dicom_series_preview.core.remarks import Mend

BEAM_INTENSITY: Final = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.12.1",  # X-Ray Angiographic
        "1.2.840.10008.5.1.4.1.1.12.2",  # X-Ray Radiofluoroscopic
        "1.2.840.10008.5.1.4.1.1.12.3",  # X-Ray Angiographic Bi-Plane
    }
)
"""Classes whose Modality LUT leads back to beam intensity and is no part of display (PS3.4 N.2.1.2)."""

Span: TypeAlias = tuple[float, float]
"""The lowest and the highest value that can occur."""


@frozen
class Stored:
    """What stored values can be, and how the tables beside them are written."""

    span: Span = (0, 0xFFFF)
    big_endian: bool = False
    implicit: bool = False
    """Whether the header has no VRs, so that nobody knows the sign of what is US or SS."""


def stored_as(fmt: PixelFormat) -> Stored:
    """What stored values an image can have (PS3.3 C.7.6.3.1)."""
    top = 1 << fmt.bits_stored
    whole = (-(top >> 1), (top >> 1) - 1) if fmt.pixel_representation else (0, top - 1)
    return Stored(
        (-inf, inf) if fmt.is_float else whole,
        fmt.transfer_syntax == EXPLICIT_BIG_ENDIAN,
        fmt.transfer_syntax in (IMPLICIT_LITTLE_ENDIAN, GE_PRIVATE),
    )


def _entries(words: tuple[int, ...] | bytes, count: int, bits: int, big_endian: bool) -> bytes:
    """At most `count` little-endian 16-bit words, of what may be numbers, words or packed bytes."""
    if not isinstance(words, bytes):
        return struct.pack(f"<{len(words[:count])}H", *words[:count])
    whole = len(words) // 2
    read = struct.unpack(f"{'>' if big_endian else '<'}{whole}H", words[: 2 * whole])
    # 8-bit entries may lie two in a word, padded to even length.
    packed = count > 1 and (
        len(words) in (count, count + 1)
        or (bits <= 8 and len(words) < 2 * count and any(entry > 0xFF for entry in read))
    )
    if packed:
        return bytes(byte for entry in words[:count] for byte in (entry, 0))
    return struct.pack(f"<{len(read[:count])}H", *read[:count])


def _first_input(declared: int, count: int, span: Span) -> int:
    """The first mapped input, with the sign that lets the table meet what can occur (C.11.1.1.1: US or SS)."""

    def meets(first: int) -> bool:
        return first <= span[1] and first + count > span[0]

    usual = declared - 0x10000 if span[0] < 0 and declared >= 0x8000 else declared
    other = usual + 0x10000 if usual < 0 else usual - 0x10000
    return usual if meets(usual) or not meets(other) else other


def read_lut(source: Reading, sequence: str, span: Span, stored: Stored) -> Lut | None:
    """The first item of a LUT sequence, for inputs of the `span`; None, and noted, when it makes no table."""
    item = source.first(sequence)
    if item is None:
        return None
    descriptor, words = item.get(usable.LUT_DESCRIPTOR), item.get(usable.LUT_DATA)
    entries = b""
    if descriptor is not None and words is not None and 1 <= descriptor[2] <= 16:
        entries = _entries(words, descriptor[0], descriptor[2], stored.big_endian)
    if descriptor is None or not entries:
        item.notes.unusable.add(sequence)
        return None
    count, declared, bits = descriptor
    first = _first_input(declared, count, span)
    if len(entries) < 2 * count:
        item.notes.mended.add(Mended(sequence, Mend.SHORT))
    if first != declared and not stored.implicit:
        item.notes.mended.add(Mended(sequence, Mend.SIGN))
    return Lut(first, bits, entries)


def read_modality_lut(frame: FrameReading, stored: Stored) -> ModalityLut:
    """Modality LUT Sequence, else rescale, else dose scaling, else nothing to do."""
    if frame.get(usable.SOP_CLASS_UID) not in BEAM_INTENSITY:
        lut = read_lut(frame.root, usable.MODALITY_LUT.keyword, stored.span, stored)
        if lut is not None:
            return lut
    slope, intercept = frame.get(usable.RESCALE_SLOPE), frame.get(usable.RESCALE_INTERCEPT)
    if slope is None and intercept is None:
        slope = frame.get(usable.DOSE_GRID_SCALING)
    return Rescale(1.0 if slope is None else slope, intercept or 0.0)


def is_inverted(root: Reading, photometric_interpretation: str) -> bool:
    """Whether the lowest value is white (PS3.3 C.7.6.3.1.2), or its presentation is turned round (C.11.6)."""
    return photometric_interpretation == "MONOCHROME1" or root.get(usable.PRESENTATION_LUT_SHAPE) == "INVERSE"


def modality_span(modality: ModalityLut, stored: Span) -> Span:
    """What values can come out of a modality transformation."""
    if isinstance(modality, Lut):
        words = struct.unpack(f"<{len(modality.entries) // 2}H", modality.entries)
        return (min(words), max(words))
    ends = [value * modality.slope + modality.intercept for value in stored]
    return (min(ends), max(ends))


def read_voi(frame: FrameReading, modality: ModalityLut, stored: Stored) -> Voi | None:
    """The frame's own VOI: its LUT, else its first window."""
    sources = tuple(frame.sources(usable.FRAME_VOI_LUT))
    span = modality_span(modality, stored.span)
    for source in sources:
        lut = read_lut(source, usable.VOI_LUT.keyword, span, stored)
        if lut is not None:
            white, declared = white_of(lut), (1 << lut.bits) - 1
            if white != declared:
                mend = Mend.DARK if white < declared else Mend.BRIGHT
                source.notes.mended.add(Mended(usable.VOI_LUT.keyword, mend))
            return lut
    return next((window for source in sources if (window := _window(source)) is not None), None)


def _window(source: Reading) -> Window | None:
    center, width = source.get(usable.WINDOW_CENTER), source.get(usable.WINDOW_WIDTH)
    if center is None or width is None:
        _note_half(source)
        return None
    function = VoiFunction(source.get(usable.VOI_LUT_FUNCTION) or VoiFunction.LINEAR.value)
    if function is VoiFunction.LINEAR and width < 1:
        # LINEAR divides by width - 1 and demands a width of at least 1 (C.11.2.1.2.1).
        function = VoiFunction.LINEAR_EXACT
    return Window(center, width, function)


def _note_half(source: Reading) -> None:
    """A centre without a width, or the reverse, is no window; where the other one is no number, that is noted."""
    notes = source.notes.unusable
    for one, other in (
        (usable.WINDOW_CENTER, usable.WINDOW_WIDTH),
        (usable.WINDOW_WIDTH, usable.WINDOW_CENTER),
    ):
        if source.get(one) is not None and other.keyword not in notes:
            notes.add(one.keyword)
