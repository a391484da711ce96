"""Modality and VOI transformations of one frame, as its header states them (PS3.3 C.11.1, C.11.2)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

from dicom_series_preview.core.grey import Lut, ModalityLut, Rescale, Voi, VoiFunction, Window
from dicom_series_preview.core.header.elements import Element, Elements, items, number, numbers, text

Lookup: TypeAlias = Callable[[str, str | None], Elements]


def _lut_entries(element: Element, count: int, big_endian: bool) -> bytes | None:
    """LUT Data as little-endian 16-bit values: it may come as numbers, as words, or as packed bytes."""
    first = element.values[0]
    if isinstance(first, bytes):
        if len(first) in (count, count + 1) and count > 1:  # 8-bit entries, padded to even length
            return bytes(byte for entry in first[:count] for byte in (entry, 0))
        if len(first) < 2 * count:
            return None
        words = struct.unpack(f"{'>' if big_endian else '<'}{count}H", first[: 2 * count])
        return struct.pack(f"<{count}H", *words)
    values = [value & 0xFFFF for value in element.values if isinstance(value, int)]
    return struct.pack(f"<{count}H", *values[:count]) if len(values) >= count else None


def read_lut(item: Elements, signed: bool, big_endian: bool = False) -> Lut | None:
    """One item of a LUT sequence; None when its descriptor and data do not fit together.

    `signed` tells how the first mapped input is to be read where the descriptor leaves it open
    (PS3.3 C.11.1.1.1: US or SS).
    """
    descriptor = numbers(item, "LUTDescriptor", 3)
    element = item.get("LUTData")
    if descriptor is None or element is None or not element.values:
        return None
    count, first, bits = (int(value) for value in descriptor)
    count &= 0xFFFF
    count = count or 0x10000  # 65536 entries are written as 0
    if signed and first >= 0x8000:
        first -= 0x10000
    entries = _lut_entries(element, count, big_endian)
    return None if entries is None or not 1 <= bits <= 16 else Lut(first, bits, entries)


def read_modality_lut(lookup: Lookup, signed: bool, big_endian: bool) -> ModalityLut:
    """Modality LUT Sequence, else rescale, else dose scaling, else nothing to do."""
    for item in items(lookup("ModalityLUTSequence", None), "ModalityLUTSequence")[:1]:
        lut = read_lut(item, signed, big_endian)
        if lut is not None:
            return lut
    macro = "PixelValueTransformationSequence"
    slope = number(lookup("RescaleSlope", macro), "RescaleSlope")
    intercept = number(lookup("RescaleIntercept", macro), "RescaleIntercept")
    if slope is None and intercept is None:
        slope = number(lookup("DoseGridScaling", None), "DoseGridScaling")
    return Rescale(1.0 if slope is None else slope, intercept or 0.0)


def read_voi(lookup: Lookup, signed: bool, big_endian: bool) -> tuple[Voi | None, str | None]:
    """The frame's own VOI: its LUT, else its first window; and the keyword of what is there but unusable."""
    macro = "FrameVOILUTSequence"
    for item in items(lookup("VOILUTSequence", macro), "VOILUTSequence")[:1]:
        lut = read_lut(item, signed, big_endian)
        if lut is not None:
            return lut, None
    source = lookup("WindowCenter", macro)
    center, width = number(source, "WindowCenter"), number(source, "WindowWidth")
    if center is None or width is None:
        return None, None
    if width <= 0:
        return None, "WindowWidth"
    name = text(source, "VOILUTFunction") or "LINEAR"
    if name not in {function.value for function in VoiFunction}:
        return Window(center, width, VoiFunction.LINEAR), "VOILUTFunction"
    function = VoiFunction(name)
    if function is VoiFunction.LINEAR and width < 1:
        # LINEAR divides by width - 1 and demands a width of at least 1 (C.11.2.1.2.1).
        return Window(center, width, VoiFunction.LINEAR_EXACT), None
    return Window(center, width, function), None


def output_is_signed(modality: ModalityLut, pixels_signed: bool) -> bool:
    """Whether the input of a VOI LUT may be negative (PS3.3 C.11.2.1.1)."""
    return isinstance(modality, Rescale) and (pixels_signed or modality.intercept < 0)
