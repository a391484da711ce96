"""Grey look-up tables and slopes that do not say what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset

from tests.header.shown import GREY, STEPS, Bench, columns, near, one
from tests.support.dicom import make_object

XA, XRF, BIPLANE = (f"1.2.840.10008.5.1.4.1.1.12.{number}" for number in (1, 2, 3))
SHORT = "has fewer entries than its descriptor says: the last one is repeated"
SIGN = "begins at a value that its input cannot have: read with the other sign"
BRIGHT = "has values beyond its declared bits: scaled by its own largest value"
DARK = "fills less than half of its declared bits: scaled by its own largest value"


def _lut(first: int, entries: Sequence[int], bits: int, count: int | None = None, vr: str = "US") -> Any:
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [(len(entries) if count is None else count) % 65536, first, bits])
    item.add_new("LUTData", "OW", np.array(entries).astype("<u2").tobytes())
    return [item]


MODALITY, VOI = 0x00283000, 0x00283010
NAMES = {MODALITY: "ModalityLUTSequence", VOI: "VOILUTSequence"}


@pytest.mark.parametrize("tag", [MODALITY, VOI])
def test_a_table_ends_with_its_data(bench: Bench, tag: int) -> None:
    """255 entries where 256 are declared, inverting: the last one is used twice."""
    table = _lut(0, range(255, 0, -1), 8, count=256)
    shown = bench.columns(one(columns(), extra={tag: ("SQ", table)}))
    assert shown.greys == near(255, 223, 191, 159, 127, 95, 63, 1)
    assert shown.warnings == [f"warning: {NAMES[tag]} {SHORT} (in 1 object)."]


@pytest.mark.parametrize("sop_class", [XA, XRF, BIPLANE])
def test_beam_intensity_is_not_shown(bench: Bench, sop_class: str) -> None:
    """Logarithmic pixels with the table that leads back: it is ignored, and nothing is wrong with that."""
    table = _lut(0, [round(255 * exp((value - 255) / 40)) for value in range(256)], 8)
    made = one(
        columns(),
        extra={MODALITY: ("SQ", table)},
        SOPClassUID=sop_class,
        Modality="XA",
        PixelIntensityRelationship="LOG",
    )
    shown = bench.columns(made)
    assert (shown.greys, shown.warnings) == (near(*STEPS), [])


@pytest.mark.parametrize(("slope", "intercept"), [(0, 0), (0.0, None)])
def test_a_slope_of_zero_is_not_used(bench: Bench, slope: float, intercept: float | None) -> None:
    shown = bench.columns(one(columns(), RescaleSlope=slope, RescaleIntercept=intercept))
    assert shown.greys == near(*STEPS)
    assert shown.warnings == ["warning: RescaleSlope cannot be used in 1 object: treated as missing."]


def test_a_dark_table_is_scaled_by_its_own_largest(bench: Bench) -> None:
    """Values to 255 in a table of 16 declared bits, a parabola."""
    stored = (0, 736, 1000, 1500, 2000, 2500, 2800, 4095)
    table = _lut(0, [round((value / 4095) ** 2 * 255) for value in range(4096)], 16)
    shown = bench.columns(one(columns(stored, "u2"), extra={VOI: ("SQ", table)}, BitsStored=12, HighBit=11))
    assert shown.greys == near(0, 8, 15, 34, 61, 95, 119, 255)
    assert shown.warnings == [f"warning: VOILUTSequence {DARK} (in 1 object)."]


def test_a_table_beyond_its_bits_is_scaled_by_its_own_largest(bench: Bench) -> None:
    """Values to 4080 in a table of 8 declared bits, of which all but a few would be white."""
    table = _lut(0, [16 * value for value in range(256)], 8)
    shown = bench.columns(one(columns(), extra={VOI: ("SQ", table)}))
    assert shown.greys == near(*STEPS)
    assert shown.warnings == [f"warning: VOILUTSequence {BRIGHT} (in 1 object)."]


def test_a_table_of_more_than_half_its_bits_is_left(bench: Bench) -> None:
    table = _lut(0, [value * 6 // 10 for value in range(256)], 8)
    shown = bench.columns(one(columns(), extra={VOI: ("SQ", table)}))
    assert (shown.greys, shown.warnings) == (near(*(value * 6 // 10 for value in STEPS)), [])


@pytest.mark.parametrize("tag", [MODALITY, VOI])
@pytest.mark.parametrize(
    ("dtype", "low", "vr", "first"), [("i2", -200, "US", 65536 - 200), ("u2", 40000, "SS", 40000 - 65536)]
)
def test_a_table_begins_where_its_input_can_be(
    bench: Bench, tag: int, dtype: str, low: int, vr: str, first: int
) -> None:
    """The first stored value, written with the sign that the pixels do not have."""
    stored = [low + value for value in STEPS]
    made = make_object(
        pixels=columns(stored, dtype),
        extra={tag: ("SQ", _lut(first, range(256), 8, vr=vr))},
        **GREY,
    )
    shown = bench.columns(made)
    assert shown.greys == near(*STEPS)
    assert shown.warnings == [f"warning: {NAMES[tag]} {SIGN} (in 1 object)."]
