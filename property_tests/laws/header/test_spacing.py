"""Laws of how far apart pixels are, and of their shape (PS3.3 10.7)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.elements import Element
from property_tests.headers import BASE, items, read
from property_tests.strategies import (
    decimals,
    element,
)


@given(
    vertical=st.floats(0.05, 40),
    horizontal=st.floats(0.05, 40),
    unit=st.sampled_from(
        ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")
    ),
)
def test_the_pixel_aspect_is_height_over_width(vertical: float, horizontal: float, unit: str) -> None:
    """Row spacing over column spacing; all of these elements begin with the vertical value (PS3.3 10.7)."""
    found = read({**BASE, unit: decimals(vertical, horizontal)})
    assert found.frames[0].pixel_aspect == pytest.approx(float(Fraction(vertical) / Fraction(horizontal)))


AXIAL = decimals(1, 0, 0, 0, 1, 0)

USELESS_SPACINGS = [
    decimals(0, 0),
    decimals(0, 1),
    decimals(1, 0),
    decimals(-1, -1),
    decimals(1),
    decimals(1, 2, 3),
    decimals(1e300, 1e-300),
    decimals(1e-300, 1e300),
    decimals(1001, 1),
    decimals(1, 1001),
    element("DS", "1", "nan"),
    element("DS"),
]


IN_ORDER = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")


@pytest.mark.parametrize("useless", USELESS_SPACINGS)
@pytest.mark.parametrize("first", range(5))
def test_the_first_usable_spacing_counts(useless: Element, first: int) -> None:
    """In the patient, else at the detector, else on the scanned film, else a ratio, else square.

    Useless ones are passed over, and named unless they are empty.
    """
    source = dict.fromkeys(IN_ORDER[:first], useless)
    source |= {name: decimals(2 + place, 1) for place, name in enumerate(IN_ORDER) if place >= first}
    found = read({**BASE, **source})
    assert found.frames[0].pixel_aspect == (2 + first if first < 4 else 1)
    assert found.unusable == tuple(sorted(IN_ORDER[:first] if useless.values else ()))


@given(rows=st.floats(0.1, 5), columns=st.floats(0.1, 5), other=st.floats(0.1, 5))
def test_the_spacing_of_a_detector_is_none_in_the_patient(rows: float, columns: float, other: float) -> None:
    """A PixelSpacing that repeats that of the detector, or of a scanned film, was not corrected (PS3.3 10.7.1)."""
    for unit in ("ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        detector = {unit: decimals(rows, columns)}
        assert read({**BASE, **detector}).frames[0].spacing is None
        assert read({**BASE, **detector, "PixelSpacing": decimals(rows, columns)}).frames[0].spacing is None
        corrected = (rows / 2, other)
        found = read({**BASE, **detector, "PixelSpacing": decimals(*corrected)})
        assert found.frames[0].spacing == corrected


@pytest.mark.parametrize("modality", ["CR", "DX", "IO", "MG", "PX", "RF", "RG", "XA"])
def test_nobody_knows_the_scale_of_a_projection_that_was_not_calibrated(modality: str) -> None:
    """Its PixelSpacing alone may be that of the detector (PS3.3 10.7.1); that of a plane in the patient is not."""
    film = {**BASE, "Modality": element("CS", modality), "PixelSpacing": decimals(0.2, 0.1)}
    assert read(film).frames[0].spacing is None
    assert read(film).frames[0].pixel_aspect == 2
    for how in ("GEOMETRY", "FIDUCIAL"):
        assert read({**film, "PixelSpacingCalibrationType": element("CS", how)}).frames[0].spacing == (
            0.2,
            0.1,
        )
    assert read({**film, "ImageOrientationPatient": AXIAL}).frames[0].spacing == (0.2, 0.1)


@pytest.mark.parametrize("modality", ["CT", "MR", "OT", "PT", "SM"])
def test_other_modalities_measure_what_they_show(modality: str) -> None:
    """They have one spacing, and it needs no calibration."""
    source = {**BASE, "Modality": element("CS", modality), "PixelSpacing": decimals(0.2, 0.1)}
    assert read(source).frames[0].spacing == (0.2, 0.1)


@pytest.mark.parametrize("pair", [(1000, 1), (1, 1000), (999, 1), (1, 999)])
def test_pixels_up_to_a_thousand_times_as_long_as_wide_are_believed(pair: tuple[int, int]) -> None:
    """A pixel may be a thousand times as high as wide, or as wide as high."""
    found = read({**BASE, "PixelSpacing": decimals(*pair)})
    assert found.frames[0].pixel_aspect == pair[0] / pair[1]


@given(values=st.lists(st.sampled_from((0.5, 1.0, 2.0)), min_size=1, max_size=4))
def test_each_frame_has_its_own_pixel_spacing(values: list[float]) -> None:
    """A frame's spacing is that of its Pixel Measures macro (PS3.3 C.7.6.16.2.1)."""
    groups = items(*({"PixelMeasuresSequence": items({"PixelSpacing": decimals(v, 1)})} for v in values))
    found = read({**BASE, "PerFrameFunctionalGroupsSequence": groups}, len(values))
    assert [frame.pixel_aspect for frame in found.frames] == values
