"""Laws of which marks a tile bears: what its header tells, of what was asked for."""

from __future__ import annotations

from math import cos, radians, sin, tan

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.look import Label
from dicom_series_preview.core.choose.canvas_layout import Rect
from dicom_series_preview.core.choose.pick import Chosen
from dicom_series_preview.core.choose.plan import Tile
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.header.elements import Element, Elements
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import Frame, PixelElement, Pixels
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.show.burn import Marks
from dicom_series_preview.core.show.edge_letters import Edges
from dicom_series_preview.core.show.marks import marks_of
from property_tests.strategies import AXIAL, View, decimals, make_frame, make_instance, make_pixels, views

EVERYTHING = frozenset(Label)


def _tile(frame: Frame, pixels: Pixels, number: int = 0, axis: Axis = Axis.Z, width: int = 100) -> Tile:
    instance = evolve(make_instance("a", frame), pixels=pixels)
    return Tile(Chosen(Slice(instance, frame), number, axis, None), Rect(0, 0, width, width), None)


@given(below=st.integers(1, 50), rows=st.integers(2, 40))
def test_the_position_in_a_stack_of_middles_is_that_of_the_middle(below: int, rows: int) -> None:
    """A coronal slice begins at its upper edge: its middle lies half of its rows further down."""
    frame = evolve(make_frame((0.0, 0.0, float(below)), (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)), spacing=(2.0, 2.0))
    made = _tile(frame, make_pixels(rows=rows, columns=5))
    middle = evolve(made, chosen=evolve(made.chosen, centred=True))
    for tile, at in ((made, below), (middle, below - (rows - 1))):
        assert marks_of(tile, {Label.POSITION}).position == f"{at}.0 mm"


@given(
    number=st.integers(0, 5000),
    depth=st.integers(-9999, 9999),
    columns=st.integers(1, 600),
    spacing=st.sampled_from((0.25, 0.5, 2.0)),
    width=st.integers(1, 600),
    labels=st.sets(st.sampled_from(Label)),
)
def test_a_tile_bears_what_was_asked_for(
    number: int, depth: int, columns: int, spacing: float, width: int, labels: set[Label]
) -> None:
    """Sides by the cosines, the coordinate to a tenth of a mm, numbers from 1, the width in mm over that in px."""
    frame = evolve(make_frame((0.0, 0.0, depth / 10), AXIAL), spacing=(9.0, spacing))
    found = marks_of(_tile(frame, make_pixels(rows=7, columns=columns), number, width=width), labels)
    sign = "-" if depth < 0 else ""
    whole, tenth = divmod(abs(depth), 10)
    assert found == Marks(
        edges=Edges("R", "L", "A", "P") if Label.ORIENTATION in labels else None,
        number=str(number + 1) if Label.NUMBER in labels else "",
        position=f"{sign}{whole}.{tenth} mm" if Label.POSITION in labels else "",
        mm_per_px=spacing * columns / width
        if Label.SCALE in labels
        else None,  # exact: powers of two times px
    )


@given(fraction=st.floats(-0.049, 0.0))
def test_nothing_is_never_negative(fraction: float) -> None:
    """A slice at the origin, or so near to it that a tenth of a mm does not tell, is at 0.0 mm."""
    frame = make_frame((0.0, 0.0, fraction), AXIAL)
    assert marks_of(_tile(frame, make_pixels()), {Label.POSITION}) == Marks(position="0.0 mm")


def test_what_is_not_known_is_not_marked() -> None:
    """Without geometry there are no sides, no place and no scale; of an InstanceNumber no millimetres."""
    bare = make_frame(None, None)
    assert marks_of(_tile(bare, make_pixels(), 4, Axis.INSTANCE), EVERYTHING) == Marks(number="5")


@given(labels=st.sets(st.sampled_from(Label)))
def test_sides_that_have_other_names_are_not_marked(labels: set[Label]) -> None:
    """A wrong letter is worse than none: neither quadrupeds nor volumes of an ultrasound probe have these."""
    frame = evolve(make_frame((0.0, 0.0, 1.0), AXIAL), has_sides=False)
    assert marks_of(_tile(frame, make_pixels()), labels).edges is None


def _header(**more: Element) -> Elements:
    numbers = {
        "Rows": 2,
        "Columns": 2,
        "SamplesPerPixel": 1,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
    }
    whole = {keyword: Element("US", (value,)) for keyword, value in numbers.items()}
    rest = {
        "PixelRepresentation": Element("US", (0,)),
        "PhotometricInterpretation": Element("CS", ("MONOCHROME2",)),
        "ImagePositionPatient": Element("DS", ("0", "0", "0")),
        "ImageOrientationPatient": Element("DS", ("1", "0", "0", "0", "1", "0")),
    }
    return whole | rest | more


def _frame_of(elements: Elements) -> Frame:
    element = PixelElement("PixelData", "OW", PixelSpan(500, 4))
    return read_instance("a", 504, elements, "1.2.840.10008.1.2.1", element).frames[0]


@pytest.mark.parametrize(
    ("kind", "has_sides"), [("BIPED", True), ("QUADRUPED", False), ("quadruped ", False)]
)
def test_a_quadruped_has_sides_of_its_own(kind: str, has_sides: bool) -> None:
    """PS3.3 C.7.6.1.1.1: its directions are named otherwise."""
    assert _frame_of(_header(AnatomicalOrientationType=Element("CS", (kind,)))).has_sides == has_sides
    assert _frame_of(_header()).has_sides


@given(view=views(), across=st.floats(0.2, 2.0), down=st.floats(0.2, 2.0), lean=st.floats(-40.0, 40.0))
def test_directions_that_are_no_cosines_name_no_side(
    view: View, across: float, down: float, lean: float
) -> None:
    """PS3.3 C.7.6.2.1.1: of length 1, and at a right angle; what is clearly neither tells no sides for certain."""
    row, column = view.cosines[:3], view.cosines[3:]
    slope = tan(radians(lean))
    leaning = [across * x for x in row] + [down * (y + slope * x) for x, y in zip(row, column, strict=True)]
    frame = _frame_of(_header(ImageOrientationPatient=decimals(*leaning)))
    lengths = (across, down / cos(radians(lean)))
    angle = sin(radians(lean)) * lengths[0] * lengths[1]
    off = max(abs(lengths[0] ** 2 - 1), abs(lengths[1] ** 2 - 1), abs(angle))
    assume(abs(off - 0.1) > 1e-6)
    assert frame.has_sides == (off < 0.1)


@given(view=views())
def test_any_plane_in_the_patient_has_sides(view: View) -> None:
    """However oblique it is, also where its cosines are told to three digits alone."""
    rounded = [round(value, 3) for value in view.cosines]
    assert _frame_of(_header(ImageOrientationPatient=decimals(*rounded))).has_sides


def test_a_volume_of_ultrasound_has_coordinates_of_its_own() -> None:
    """PS3.3 C.8.24.3: they are those of the probe, not of the patient."""
    elements = dict(_header())
    del elements["ImagePositionPatient"], elements["ImageOrientationPatient"]
    place = {"ImagePositionVolume": Element("FD", (0.0, 0.0, 1.0))}
    plane = {"ImageOrientationVolume": Element("FD", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))}
    groups = {
        "PlanePositionVolumeSequence": Element("SQ", (place,)),
        "PlaneOrientationVolumeSequence": Element("SQ", (plane,)),
    }
    frame = _frame_of(elements | {"PerFrameFunctionalGroupsSequence": Element("SQ", (groups,))})
    assert frame.cosines == AXIAL
    assert not frame.has_sides
