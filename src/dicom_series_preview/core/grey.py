"""Grey scale transformations as values: rescale, look-up tables and windows (PS3.3 C.11.1, C.11.2)."""

from __future__ import annotations

import struct
from enum import Enum
from typing import Final, TypeAlias

from attrs import frozen


class VoiFunction(Enum):
    """VOI LUT Function (0028,1056), PS3.3 C.11.2.1.3."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@frozen
class Rescale:
    """output = stored x slope + intercept, in the modality's units (HU for CT); PS3.3 C.11.1.1.2."""

    slope: float = 1.0
    intercept: float = 0.0


@frozen
class Lut:
    """A look-up table: entry i is for input `first` + i, inputs beyond the ends take the end entries.

    `entries` holds little-endian unsigned 16-bit values of `bits` significant bits; PS3.3 C.11.1.1, C.11.2.1.1.
    """

    first: int
    bits: int
    entries: bytes


def white_of(lut: Lut) -> int:
    """The entry of a VOI table that is shown as white: the highest of its bits (PS3.3 C.11.2.1.1).

    A table that fills less than half of that, or more than all, is meant for other bits than it declares: then its
    own largest.
    """
    declared = (1 << lut.bits) - 1
    largest = max(struct.unpack(f"<{len(lut.entries) // 2}H", lut.entries))
    return largest if 0 < 2 * largest < declared or largest > declared else declared


@frozen
class Window:
    """Window centre and width in the modality's units, with the function that applies them."""

    center: float
    width: float
    function: VoiFunction


ModalityLut: TypeAlias = Rescale | Lut
Voi: TypeAlias = Window | Lut

PRESETS: Final[dict[str, tuple[float, float]]] = {
    "lung": (1500, -500),
    "bone": (2000, 300),
    "brain": (80, 40),
    "abdomen": (350, 50),
    "mediastinum": (350, 50),
    "liver": (150, 30),
    "soft_tissue": (400, 50),
}
"""Window width and centre in HU."""


def exact_window(width: float, center: float) -> Window:
    """The window of a command line or preset: black below centre - width/2, white above centre + width/2."""
    return Window(center, width, VoiFunction.LINEAR_EXACT)
