"""Laws of typing a header: what a frame's elements say, wherever an object keeps them (PS3.3 C.7.6.16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.geometry import Vec3
from dicom_series_preview.core.grey import Lut, Rescale, VoiFunction, Window
from dicom_series_preview.core.header.elements import Element, Elements
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import (
    PARAMETRIC_MAP,
    RT_DOSE,
    SEGMENTATIONS,
    SLIDE_MICROSCOPY,
    Instance,
    PixelElement,
    Pixels,
)
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.time_keys import TIME_KEYS
from dicom_series_preview.core.header.usable import KEYS
from dicom_series_preview.core.header.wanted import ELEMENTS
from property_tests.strategies import (
    AXIAL,
    CT_IMAGE,
    EXPLICIT_LITTLE,
    View,
    decimals,
    element,
    finite,
    not_numbers,
    spellings,
    views,
    with_elements,
)

BIG_ENDIAN = "1.2.840.10008.1.2.2"
JPEG = "1.2.840.10008.1.2.4.50"

BASE: dict[str, Element] = {
    "SOPClassUID": element("UI", CT_IMAGE),
    "SOPInstanceUID": element("UI", "1.2.3.4"),
    "SeriesInstanceUID": element("UI", "1.2.3"),
    "Modality": element("CS", "CT"),
    "Rows": element("US", 4),
    "Columns": element("US", 6),
    "BitsAllocated": element("US", 16),
}


def _read(
    source: Elements,
    frames: int = 1,
    keyword: str = "PixelData",
    syntax: str = EXPLICIT_LITTLE,
    size: int | None = None,
) -> Instance:
    span = PixelSpan(1000, 48 * frames)
    many = {"NumberOfFrames": element("IS", str(frames))} if frames > 1 else {}
    return read_instance("a.dcm", size, {**many, **source}, syntax, PixelElement(keyword, "OW", span))


def _pixels(source: Elements, frames: int = 1, keyword: str = "PixelData") -> Pixels:
    pixels = _read(source, frames, keyword).pixels
    assert isinstance(pixels, Pixels)
    return pixels


def _items(*items: Elements) -> Element:
    return Element("SQ", items)


vectors = st.tuples(finite(), finite(), finite())


# --- The object --------------------------------------------------------------------------------------------


@given(
    texts=st.lists(st.text("ABC.123", min_size=1, max_size=8), min_size=4, max_size=4),
    number=st.integers(-(2**31), 2**31 - 1),
    kinds=st.lists(st.sampled_from(("ORIGINAL", "PRIMARY", "THUMBNAIL", "LABEL")), max_size=4),
    name=st.text(max_size=8),
    size=st.one_of(st.none(), st.integers(0, 10**6)),
)
def test_what_identifies_an_object_is_taken_over(
    texts: list[str], number: int, kinds: list[str], name: str, size: int | None
) -> None:
    """Class, UIDs, modality, type and InstanceNumber of the root, the name and size as given."""
    source = {
        "SOPClassUID": element("UI", texts[0]),
        "SOPInstanceUID": element("UI", texts[1]),
        "SeriesInstanceUID": element("UI", texts[2]),
        "Modality": element("CS", texts[3]),
        "InstanceNumber": element("IS", str(number)),
        "ImageType": element("CS", *kinds),
    }
    found = read_instance(name, size, source, EXPLICIT_LITTLE, None)
    said = (found.sop_class, found.sop_instance_uid, found.series_instance_uid, found.modality)
    assert said == tuple(texts)
    assert (found.name, found.size) == (name, size)
    assert (found.image_type, found.instance_number) == (tuple(kinds), number)
    assert found.unusable == ()


def test_an_object_may_say_nothing_of_itself() -> None:
    """An empty header is an object with nothing known."""
    found = read_instance("a", None, {}, EXPLICIT_LITTLE, None)
    assert found == Instance("a", None, "", "", "", "", (), None, None, (), ())


@given(source=st.sampled_from((BASE, {**BASE, "ImagePositionPatient": decimals(0, 0, 0)})))
def test_an_object_without_pixel_data_has_no_frames(source: Elements) -> None:
    """Whatever else a header says, without a pixel data element there is nothing to show."""
    found = read_instance("a", 5000, source, EXPLICIT_LITTLE, None)
    assert found.pixels is None
    assert found.frames == ()


@given(missing=st.sampled_from(("Rows", "Columns", "BitsAllocated")), position=vectors)
def test_an_unreadable_image_still_has_its_place(missing: str, position: Vec3) -> None:
    """An object whose pixels cannot be described keeps one frame, so that its tile has a place in the order."""
    source = with_elements(
        BASE,
        **{
            missing: None,
            "ImagePositionPatient": decimals(*position),
            "ImageOrientationPatient": decimals(*AXIAL),
        },
    )
    found = _read(source)
    assert isinstance(found.pixels, BadPixelModule)
    assert found.pixels.attribute == missing
    assert [(frame.position, frame.cosines) for frame in found.frames] == [(position, AXIAL)]
    assert [frame.number for frame in found.frames] == [0]


def test_an_unreadable_multi_frame_image_has_the_place_of_its_first_frame() -> None:
    """Where the number of frames cannot be told, the first frame's plane is the object's."""
    groups = [{"PlanePositionSequence": _items({"ImagePositionPatient": decimals(0, 0, z)})} for z in (5, 9)]
    source = with_elements(BASE, Rows=None, PerFrameFunctionalGroupsSequence=_items(*groups))
    (frame,) = _read(source, 2).frames
    assert (frame.number, frame.position) == (0, (0.0, 0.0, 5.0))
    dose = {
        **with_elements(DOSE, Rows=None),
        "ImagePositionPatient": decimals(1, 2, 3),
        "ImageOrientationPatient": decimals(*AXIAL),
        "GridFrameOffsetVector": decimals(40, 50),
    }
    assert _read(dose, 2).frames[0].position == (1.0, 2.0, 40.0)


@given(junk=not_numbers())
@pytest.mark.parametrize("keyword", ["InstanceNumber", "NumberOfFrames"])
def test_unreadable_numbers_are_missing_and_named(keyword: str, junk: str) -> None:
    """An InstanceNumber or NumberOfFrames that is no number is missing, not zero, and is named."""
    found = _read({**BASE, keyword: element("IS", junk)})
    assert found.instance_number is None
    assert len(found.frames) == 1
    assert found.unusable == (keyword,)


@pytest.mark.parametrize(
    "keyword", ["InstanceNumber", "NumberOfFrames", "ImagePositionPatient", "ImageOrientationPatient"]
)
def test_empty_elements_are_missing_without_a_word(keyword: str) -> None:
    """An empty element is a missing one: nothing to warn of."""
    assert _read({**BASE, keyword: element("DS")}) == _read(BASE)
    assert _read(BASE).unusable == ()


@given(count=st.integers(1, 12))
def test_an_object_has_as_many_slices_as_frames(count: int) -> None:
    """A multi-frame object is as many slices as it has frames, numbered from 0 (PS3.3 C.7.6.6)."""
    found = _read(BASE, count)
    assert [frame.number for frame in found.frames] == list(range(count))


# --- Geometry ----------------------------------------------------------------------------------------------


@given(data=st.data(), position=vectors, view=views())
def test_position_and_orientation_however_spelled(data: st.DataObject, position: Vec3, view: View) -> None:
    """Three and six decimal strings in any spelling are the position in mm and the direction cosines.

    See PS3.3 C.7.6.2.1.1.
    """
    place = [data.draw(spellings(value)) for value in position]
    plane = [data.draw(spellings(value)) for value in view.cosines]
    found = _read(
        {
            **BASE,
            "ImagePositionPatient": element("DS", *place),
            "ImageOrientationPatient": element("DS", *plane),
        }
    )
    (frame,) = found.frames
    assert (frame.position, frame.cosines) == (position, view.cosines)
    assert found.unusable == ()


@given(count=st.integers(1, 16).filter(lambda n: n != 3), fill=finite())
@example(count=2, fill=1.0)
@example(count=16, fill=1.0)
def test_positions_of_another_length_are_missing_and_named(count: int, fill: float) -> None:
    """A position of 2 or of 16 numbers is none (PS3.3 C.7.6.2.1.1)."""
    found = _read({**BASE, "ImagePositionPatient": decimals(*[fill] * count)})
    assert found.frames[0].position is None
    assert found.unusable == ("ImagePositionPatient",)


@given(junk=not_numbers(), where=st.integers(0, 2))
def test_a_position_with_one_bad_number_is_missing_and_named(junk: str, where: int) -> None:
    """NaN in a position makes the whole position missing, never zero."""
    texts = ["1.0", "2.0", "3.0"]
    texts[where] = junk
    found = _read({**BASE, "ImagePositionPatient": element("DS", *texts)})
    assert found.frames[0].position is None
    assert found.unusable == ("ImagePositionPatient",)


@given(far=st.floats(1.001e6, 1e300), sign=st.sampled_from((-1, 1)), where=st.integers(0, 2))
@example(far=1e300, sign=1, where=0)
def test_places_beyond_all_sense_are_missing_and_named(far: float, sign: int, where: int) -> None:
    """A coordinate of more than a kilometre is no place in a patient: it would drown all differences."""
    position = [0.0, 0.0, 0.0]
    position[where] = sign * far
    found = _read(
        {**BASE, "ImagePositionPatient": decimals(*position), "SliceLocation": decimals(sign * far)}
    )
    assert found.frames[0].position is None
    assert found.frames[0].slice_location is None
    assert found.unusable == ("ImagePositionPatient", "SliceLocation")


BAD_ORIENTATIONS: list[Element] = [
    decimals(0, 0, 0, 0, 0, 0),
    decimals(1, 0, 0, 1, 0, 0),
    decimals(1, 0, 0, 0, 0, 0),
    decimals(1, 0, 0, 0, 1),
    decimals(1, 0, 0, 0, 1, 0, 0),
    element("DS", "1", "0", "0", "0", "NaN", "0"),
    decimals(1e200, 0, 0, 0, 1e200, 0),
]


@pytest.mark.parametrize("bad", BAD_ORIENTATIONS)
def test_orientations_that_span_no_plane_are_missing_and_named(bad: Element) -> None:
    """Zeros, parallel directions, five numbers: no orientation (PS3.3 C.7.6.2.1.1)."""
    found = _read({**BASE, "ImageOrientationPatient": bad})
    assert found.frames[0].cosines is None
    assert found.unusable == ("ImageOrientationPatient",)


@given(places=st.lists(vectors, min_size=1, max_size=5), plane=views(), other=views())
@pytest.mark.parametrize("where", ["per frame", "shared", "root"])
def test_each_frame_has_its_plane_from_the_functional_groups(
    where: str, places: list[Vec3], plane: View, other: View
) -> None:
    """Plane position and orientation: per frame, else shared, else the root (PS3.3 C.7.6.16.2.3, .4)."""
    orientation = {"ImageOrientationPatient": decimals(*plane.cosines)}
    root = {"ImageOrientationPatient": decimals(*other.cosines), "ImagePositionPatient": decimals(9, 9, 9)}
    frames: list[dict[str, Element]] = [
        {"PlanePositionSequence": _items({"ImagePositionPatient": decimals(*place)})} for place in places
    ]
    shared: dict[str, Element] = {}
    if where == "per frame":
        frames = [{**frame, "PlaneOrientationSequence": _items(orientation)} for frame in frames]
        shared = {"PlaneOrientationSequence": _items({"ImageOrientationPatient": decimals(*other.cosines)})}
    elif where == "shared":
        shared = {"PlaneOrientationSequence": _items(orientation)}
    else:
        root |= orientation
    groups = {
        "PerFrameFunctionalGroupsSequence": _items(*frames),
        "SharedFunctionalGroupsSequence": _items(shared),
    }
    found = _read({**BASE, **root, **groups}, len(places))
    assert [frame.position for frame in found.frames] == places
    assert {frame.cosines for frame in found.frames} == {plane.cosines}


@given(count=st.integers(2, 6), places=st.lists(vectors, max_size=8), common=vectors)
def test_every_frame_is_there_once_however_many_are_described(
    count: int, places: list[Vec3], common: Vec3
) -> None:
    """NumberOfFrames says how many frames there are: those that no per-frame item describes use the root.

    See PS3.3 C.7.6.6.
    """
    groups = [
        {"PlanePositionSequence": _items({"ImagePositionPatient": decimals(*place)})} for place in places
    ]
    source = {
        **BASE,
        "ImagePositionPatient": decimals(*common),
        "PerFrameFunctionalGroupsSequence": _items(*groups),
    }
    found = _read(source, count).frames
    assert [frame.number for frame in found] == list(range(count))
    assert [frame.position for frame in found] == (places + [common] * count)[:count]


@given(value=finite(), junk=not_numbers())
def test_slice_location_is_a_number_or_missing(value: float, junk: str) -> None:
    """SliceLocation is in mm; one that is no number is missing and named, whatever else there is.

    See PS3.3 C.7.6.2.1.2.
    """
    good, bad = (_read({**BASE, "SliceLocation": each}) for each in (decimals(value), element("DS", junk)))
    assert (good.frames[0].slice_location, good.unusable) == (value, ())
    assert (bad.frames[0].slice_location, bad.unusable) == (None, ("SliceLocation",))
    placed = {**BASE, "SliceLocation": element("DS", junk), "ImagePositionPatient": decimals(0, 0, 0)}
    assert _read(placed).unusable == ("SliceLocation",)


# --- RT Dose -----------------------------------------------------------------------------------------------

DOSE = {**BASE, "SOPClassUID": element("UI", RT_DOSE)}


@given(
    view=views(),
    place=st.tuples(*[st.floats(-500, 500)] * 3),
    steps=st.lists(st.floats(-300, 300), min_size=0, max_size=5),
)
def test_dose_frames_lie_along_the_normal(view: View, place: Vec3, steps: list[float]) -> None:
    """Offsets that begin with 0 are distances from the position along the normal (PS3.3 C.8.8.3.2)."""
    offsets = [0.0, *steps]
    source = {
        **DOSE,
        "ImagePositionPatient": decimals(*place),
        "ImageOrientationPatient": decimals(*view.cosines),
        "GridFrameOffsetVector": decimals(*offsets),
    }
    r, c = view.row, view.column
    normal = (r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0])
    for frame, offset in zip(_read(source, len(offsets)).frames, offsets, strict=True):
        assert frame.position == pytest.approx(
            [p + offset * n for p, n in zip(place, normal, strict=True)], abs=1e-9
        )


@given(place=vectors, heights=st.lists(st.floats(1, 1000), min_size=1, max_size=5))
def test_dose_frames_of_a_transverse_grid_have_their_z(place: Vec3, heights: list[float]) -> None:
    """Offsets that do not begin with 0 are the z of each frame (PS3.3 C.8.8.3.2)."""
    source = {
        **DOSE,
        "ImagePositionPatient": decimals(*place),
        "ImageOrientationPatient": decimals(*AXIAL),
        "GridFrameOffsetVector": decimals(*heights),
    }
    found = _read(source, len(heights))
    assert [frame.position for frame in found.frames] == [(place[0], place[1], z) for z in heights]


@given(place=vectors, count=st.integers(1, 4))
def test_dose_frames_without_offsets_stay_where_they_are(place: Vec3, count: int) -> None:
    """Without enough offsets, orientation or position, or in another kind of object, nothing is shifted.

    See PS3.3 C.8.8.3.2.
    """
    base = {"ImagePositionPatient": decimals(*place), "ImageOrientationPatient": decimals(*AXIAL)}
    offsets = {"GridFrameOffsetVector": decimals(*[0.0, 5.0, 10.0, 15.0][:count])}
    for source in (
        {**DOSE, **base},
        {**DOSE, **with_elements(base, ImageOrientationPatient=None), **offsets},
        {**BASE, **base, **offsets},
    ):
        assert {frame.position for frame in _read(source, count).frames} == {place}
    short = _read({**DOSE, **base, **offsets}, count + 1).frames
    assert short[-1].position == place
    unplaced = _read({**DOSE, **with_elements(base, ImagePositionPatient=None), **offsets}, count)
    assert {frame.position for frame in unplaced.frames} == {None}


# --- Pixels ------------------------------------------------------------------------------------------------


@given(
    photometric=st.sampled_from(("MONOCHROME1", "MONOCHROME2")),
    shape=st.sampled_from((None, "IDENTITY", "INVERSE")),
)
def test_an_inverted_image_is_inverted_once(photometric: str, shape: str | None) -> None:
    """MONOCHROME1 and Presentation LUT Shape INVERSE say the same: either, or both, invert once (PS3.3 C.11.6)."""
    source = {**BASE, "PhotometricInterpretation": element("CS", photometric)}
    if shape is not None:
        source["PresentationLUTShape"] = element("CS", shape)
    assert _pixels(source).inverted == (photometric == "MONOCHROME1" or shape == "INVERSE")


@given(
    signed=st.booleans(),
    bits=st.sampled_from((8, 16, 32)),
    ends=st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=2),
    as_signed=st.booleans(),
)
@example(signed=True, bits=16, ends=[-2000], as_signed=False)
def test_padding_has_the_sign_of_the_pixels(
    signed: bool, bits: int, ends: list[int], as_signed: bool
) -> None:
    """Padding is a stored value whatever sign its own element has: 63536 is -2000 for signed 16 bit.

    The limit may lie below the value (PS3.3 C.7.5.1.1.2).
    """
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    meant = [low + end % (high - low + 1) for end in ends]
    written = [
        value - 2**bits
        if as_signed and value >= 2 ** (bits - 1)
        else value + (0 if as_signed or value >= 0 else 2**bits)
        for value in meant
    ]
    source = {
        **BASE,
        "BitsAllocated": element("US", bits),
        "PixelRepresentation": element("US", int(signed)),
        "PixelPaddingValue": element("SS" if as_signed else "US", written[0]),
        # Elements for other kinds of pixels say nothing about these.
        "FloatPixelPaddingValue": element("FL", 1.5),
    }
    if len(ends) == 2:
        source["PixelPaddingRangeLimit"] = element("SS" if as_signed else "US", written[1])
    found = read_instance(
        "a", None, source, EXPLICIT_LITTLE, PixelElement("PixelData", "OW", PixelSpan(0, 96))
    )
    assert isinstance(found.pixels, Pixels)
    assert found.pixels.padding == (min(meant), max(meant))


@given(value=finite(), limit=st.one_of(st.none(), finite()))
@pytest.mark.parametrize(
    ("keyword", "prefix"), [("FloatPixelData", "Float"), ("DoubleFloatPixelData", "DoubleFloat")]
)
def test_float_pixels_have_padding_of_their_own(
    keyword: str, prefix: str, value: float, limit: float | None
) -> None:
    """Float pixels are padded with (Double) Float Pixel Padding Value (PS3.3 C.7.6.24), as it stands."""
    source = {
        **BASE,
        f"{prefix}PixelPaddingValue": element("FL", value),
        "PixelPaddingValue": element("SS", 7),
    }
    if limit is not None:
        source[f"{prefix}PixelPaddingRangeLimit"] = element("FL", limit)
    found = read_instance("a", None, source, EXPLICIT_LITTLE, PixelElement(keyword, "OF", PixelSpan(0, 192)))
    assert isinstance(found.pixels, Pixels)
    both = [value, value if limit is None else limit]
    assert found.pixels.padding == (min(both), max(both))


@given(limit=st.integers(0, 100))
def test_no_padding_value_is_no_padding(limit: int) -> None:
    """A range limit alone pads nothing (PS3.3 C.7.5.1.1.2)."""
    assert _pixels({**BASE, "PixelPaddingRangeLimit": element("US", limit)}).padding is None


@given(
    vertical=st.floats(0.05, 40),
    horizontal=st.floats(0.05, 40),
    unit=st.sampled_from(("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio")),
)
def test_the_pixel_aspect_is_height_over_width(vertical: float, horizontal: float, unit: str) -> None:
    """Row spacing over column spacing; all three elements begin with the vertical value (PS3.3 10.7)."""
    found = _read({**BASE, unit: decimals(vertical, horizontal)})
    assert found.frames[0].pixel_aspect == pytest.approx(float(Fraction(vertical) / Fraction(horizontal)))


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


@pytest.mark.parametrize("useless", USELESS_SPACINGS)
def test_the_first_usable_spacing_counts(useless: Element) -> None:
    """PixelSpacing, else ImagerPixelSpacing, else PixelAspectRatio, else square; useless ones are passed over."""
    spacing, imager, ratio = decimals(2, 1), decimals(3, 1), element("IS", "4", "1")
    for source, expected in (
        ({"PixelSpacing": spacing, "ImagerPixelSpacing": imager, "PixelAspectRatio": ratio}, 2.0),
        ({"PixelSpacing": useless, "ImagerPixelSpacing": imager, "PixelAspectRatio": ratio}, 3.0),
        ({"PixelSpacing": useless, "ImagerPixelSpacing": useless, "PixelAspectRatio": ratio}, 4.0),
        ({"PixelSpacing": useless, "ImagerPixelSpacing": useless, "PixelAspectRatio": useless}, 1.0),
        ({}, 1.0),
    ):
        assert _read({**BASE, **source}).frames[0].pixel_aspect == expected


@pytest.mark.parametrize("pair", [(1000, 1), (1, 1000), (999, 1), (1, 999)])
def test_pixels_up_to_a_thousand_times_as_long_as_wide_are_believed(pair: tuple[int, int]) -> None:
    """A pixel may be a thousand times as high as wide, or as wide as high."""
    found = _read({**BASE, "PixelSpacing": decimals(*pair)})
    assert found.frames[0].pixel_aspect == pair[0] / pair[1]


@given(values=st.lists(st.sampled_from((0.5, 1.0, 2.0)), min_size=1, max_size=4))
def test_each_frame_has_its_own_pixel_spacing(values: list[float]) -> None:
    """A frame's spacing is that of its Pixel Measures macro (PS3.3 C.7.6.16.2.1)."""
    groups = _items(*({"PixelMeasuresSequence": _items({"PixelSpacing": decimals(v, 1)})} for v in values))
    found = _read({**BASE, "PerFrameFunctionalGroupsSequence": groups}, len(values))
    assert [frame.pixel_aspect for frame in found.frames] == values


PALETTE = {
    name: element("OW", name.encode())
    for colour in ("Red", "Green", "Blue")
    for name in (
        f"{colour}PaletteColorLookupTableDescriptor",
        f"{colour}PaletteColorLookupTableData",
        f"Segmented{colour}PaletteColorLookupTableData",
    )
}


@given(
    keep=st.sets(st.sampled_from(sorted(PALETTE))),
    photometric=st.sampled_from(("PALETTE COLOR", "MONOCHROME2")),
)
def test_a_palette_goes_with_palette_colour_only(keep: set[str], photometric: str) -> None:
    """The lookup tables of PALETTE COLOR (PS3.3 C.7.9) are handed on as they are; other images have none."""
    tables = {name: value for name, value in PALETTE.items() if name in keep}
    source = {**BASE, **tables, "PhotometricInterpretation": element("CS", photometric)}
    assert _pixels(source).palette == (tables if photometric == "PALETTE COLOR" else None)


@given(table=st.one_of(st.none(), st.binary(min_size=1)), lengths=st.one_of(st.none(), st.binary(min_size=1)))
def test_an_extended_offset_table_needs_its_lengths(table: bytes | None, lengths: bytes | None) -> None:
    """The Extended Offset Table (PS3.3 C.7.6.3.1.8) is used only together with its lengths."""
    given_ = {"ExtendedOffsetTable": table, "ExtendedOffsetTableLengths": lengths}
    source = {**BASE, **{name: element("OV", value) for name, value in given_.items() if value is not None}}
    expected = None if table is None or lengths is None else (table, lengths)
    assert _pixels(source).offset_table == expected


@given(
    offset=st.integers(0, 5000),
    size=st.one_of(st.none(), st.integers(0, 10_000)),
    length=st.one_of(st.none(), st.integers(0, 200)),
)
def test_pixels_that_cannot_be_there_are_refused(offset: int, size: int | None, length: int | None) -> None:
    """A header that speaks of more bytes than the element, or else the object, holds describes no image."""
    held = length if length is not None else None if size is None else size - offset
    found = read_instance(
        "a", size, BASE, EXPLICIT_LITTLE, PixelElement("PixelData", "OW", PixelSpan(offset, length))
    )
    fits = held is None or held >= 4 * 6 * 2
    assert isinstance(found.pixels, Pixels if fits else BadPixelModule)
    assert len(found.frames) == 1
    assert not isinstance(found.pixels, Pixels) or found.pixels.span == PixelSpan(offset, length)


@pytest.mark.parametrize(
    ("keyword", "vr"),
    [("PixelData", "OB"), ("PixelData", "OW"), ("FloatPixelData", "OF"), ("DoubleFloatPixelData", "OD")],
)
def test_the_pixel_element_is_known_by_keyword_and_vr(keyword: str, vr: str) -> None:
    """The format of the pixels says which of the three elements holds them, and with which VR."""
    made = PixelElement(keyword, vr, PixelSpan(7, None))
    found = read_instance("a", None, BASE, EXPLICIT_LITTLE, made).pixels
    assert isinstance(found, Pixels)
    assert (found.format.keyword, found.format.vr, found.format.transfer_syntax) == (
        keyword,
        vr,
        EXPLICIT_LITTLE,
    )


@given(
    signed=st.booleans(),
    big=st.booleans(),
    intercept=st.sampled_from((-1024.0, 0.0)),
    described=st.integers(0, 2),
)
def test_grey_values_are_read_with_sign_and_byte_order(
    signed: bool, big: bool, intercept: float, described: int
) -> None:
    """Rescale, tables and windows are those of the frame; signs follow the pixels, byte order the syntax.

    So it is for every frame, whether or not the object describes it by itself.
    """
    lut = {"LUTDescriptor": element("US", 1, 0xFFFF, 16), "LUTData": element("OW", b"\1\2")}
    source = {
        **BASE,
        "PixelRepresentation": element("US", int(signed)),
        "RescaleIntercept": decimals(intercept),
        "VOILUTSequence": _items(lut),
        "PerFrameFunctionalGroupsSequence": _items(*[{}] * described),
    }
    syntax = BIG_ENDIAN if big else EXPLICIT_LITTLE
    negative = signed or intercept < 0
    for frame in _read(source, 2, syntax=syntax).frames:
        assert frame.modality_lut == Rescale(1.0, intercept)
        assert frame.voi == Lut(-1 if negative else 0xFFFF, 16, b"\2\1" if big else b"\1\2")
    for frame in _read({**source, "ModalityLUTSequence": _items(lut)}, 2, syntax=syntax).frames:
        assert frame.modality_lut == Lut(-1 if signed else 0xFFFF, 16, b"\2\1" if big else b"\1\2")


@given(width=st.floats(-10, 0))
def test_an_unusable_window_is_named(width: float) -> None:
    """A window of no width is no window, and WindowWidth is named (PS3.3 C.11.2)."""
    found = _read({**BASE, "WindowCenter": decimals(40), "WindowWidth": decimals(width)})
    assert found.frames[0].voi is None
    assert found.unusable == ("WindowWidth",)
    kept = _read({**BASE, "WindowCenter": decimals(40), "WindowWidth": decimals(400)})
    assert kept.frames[0].voi == Window(40.0, 400.0, VoiFunction.LINEAR)


NUMBERED = ("TemporalPositionIdentifier", "TriggerTime", "DiffusionBValue", "EchoTime", "FrameReferenceTime")
CLOCKED = ("AcquisitionTime", "ContentTime", "InstanceCreationTime")


@given(
    numbers=st.fixed_dictionaries(dict.fromkeys(NUMBERED, st.one_of(st.none(), finite()))),
    hours=st.fixed_dictionaries(dict.fromkeys(CLOCKED, st.one_of(st.none(), st.integers(0, 23)))),
)
def test_a_frame_has_its_times(numbers: dict[str, float | None], hours: dict[str, int | None]) -> None:
    """The times of a frame stand in the order of the time keys, clocks in microseconds."""
    source = {name: decimals(value) for name, value in numbers.items() if value is not None}
    source |= {name: element("TM", f"{hour:02}") for name, hour in hours.items() if hour is not None}
    (frame,) = _read({**BASE, **source}).frames
    clocks = {name: None if hour is None else hour * 3600 * 10**6 for name, hour in hours.items()}
    expected = {**numbers, **clocks, "FrameIncrementPointer": None}
    assert dict(zip((name for name, _ in TIME_KEYS), frame.times, strict=True)) == expected


# --- Slides ------------------------------------------------------------------------------------------------

SLIDE = {**BASE, "SOPClassUID": element("UI", SLIDE_MICROSCOPY)}


def _matrix(rows: int, columns: int) -> dict[str, Element]:
    return {"TotalPixelMatrixRows": element("UL", rows), "TotalPixelMatrixColumns": element("UL", columns)}


@given(down=st.integers(1, 4), across=st.integers(1, 4), cut=st.integers(0, 5))
def test_tiles_of_a_full_level_lie_row_by_row(down: int, across: int, cut: int) -> None:
    """Without positions, tiles fill the level from left to right and top to bottom (PS3.3 C.7.6.17.3)."""
    rows, columns = 4 * down, 6 * across - cut
    pixels = _pixels({**SLIDE, **_matrix(rows, columns)}, down * across)
    assert pixels.tiling is not None
    assert (pixels.tiling.rows, pixels.tiling.columns) == (rows, columns)
    assert list(pixels.tiling.corners) == [(4 * i, 6 * j) for i in range(down) for j in range(across)]


@given(corners=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1, max_size=5))
def test_tiles_of_a_sparse_level_lie_where_they_say(corners: list[tuple[int, int]]) -> None:
    """Positions in the total pixel matrix count from 1 (PS3.3 C.8.12.14)."""
    groups = [
        {
            "PlanePositionSlideSequence": _items(
                {
                    "RowPositionInTotalImagePixelMatrix": element("SL", row),
                    "ColumnPositionInTotalImagePixelMatrix": element("SL", column),
                }
            )
        }
        for row, column in corners
    ]
    source = {**SLIDE, **_matrix(99, 99), "PerFrameFunctionalGroupsSequence": _items(*groups)}
    tiling = _pixels(source, len(corners)).tiling
    assert tiling is not None
    assert list(tiling.corners) == [(row - 1, column - 1) for row, column in corners]


def test_a_level_may_be_one_row_or_one_column() -> None:
    """A level of a single row or column of pixels is one too."""
    for rows, columns in ((1, 12), (8, 1), (1, 1)):
        tiling = _pixels({**SLIDE, **_matrix(rows, columns)}, 2).tiling
        assert tiling is not None
        assert (tiling.rows, tiling.columns) == (rows, columns)


def test_half_a_tile_position_is_none() -> None:
    """A row without a column, or the reverse, does not place a tile (PS3.3 C.8.12.4)."""
    for name in ("RowPositionInTotalImagePixelMatrix", "ColumnPositionInTotalImagePixelMatrix"):
        group = {"PlanePositionSlideSequence": _items({name: element("SL", 30)})}
        source = {**SLIDE, **_matrix(8, 12), "PerFrameFunctionalGroupsSequence": _items({}, {}, {}, group)}
        tiling = _pixels(source, 4).tiling
        assert tiling is not None
        assert tiling.corners[3] == (4, 6)


@given(count=st.integers(2, 9))
def test_a_slide_level_is_one_slice(count: int) -> None:
    """The tiles of a level make one image: one frame, however many tiles (PS3.3 C.8.12.4)."""
    assert len(_read({**SLIDE, **_matrix(40, 40)}, count).frames) == 1


@given(rows=st.integers(-1, 1), columns=st.integers(-1, 1))
def test_without_a_matrix_there_is_no_tiling(rows: int, columns: int) -> None:
    """Frames of other classes, or of a level without size, are slices of their own (PS3.3 C.8.12.4)."""
    assume(rows < 1 or columns < 1)
    assert _pixels({**SLIDE, **_matrix(rows, columns)}, 3).tiling is None
    assert len(_read({**SLIDE, **_matrix(rows, columns)}, 3).frames) == 3
    for name in ("TotalPixelMatrixRows", "TotalPixelMatrixColumns"):
        assert _pixels(with_elements({**SLIDE, **_matrix(8, 12)}, **{name: None}), 3).tiling is None
    assert _pixels({**BASE, **_matrix(8, 12)}, 3).tiling is None


# --- What a parser may leave out ---------------------------------------------------------------------------


class _Asked(Mapping[str, Element]):
    """Elements that note what is asked of them."""

    def __init__(self, source: Elements, asked: set[str], nested: set[str]) -> None:
        self._source, self._asked, self._nested = source, asked, nested

    def __getitem__(self, keyword: str) -> Element:
        self._asked.add(keyword)
        found = self._source[keyword]
        if found.vr != "SQ":
            return found
        items = (value for value in found.values if isinstance(value, Mapping))
        return Element("SQ", tuple(_Asked(item, self._nested, self._nested) for item in items))

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)


@pytest.mark.parametrize("sop_class", [CT_IMAGE, RT_DOSE, SLIDE_MICROSCOPY])
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "PALETTE COLOR"])
def test_a_parser_may_leave_out_what_is_not_listed(sop_class: str, photometric: str) -> None:
    """Every element that is asked for is listed for the parser, and no other one changes anything."""
    listed: set[str] = set()
    source = {
        **BASE,
        **_matrix(8, 12),
        "SOPClassUID": element("UI", sop_class),
        "Modality": element("CS", "MR"),
        "PhotometricInterpretation": element("CS", photometric),
    }
    more = {"PatientName": element("PN", "A"), "(0009,0010)": element("LO", "B"), "Exposure": decimals(1)}
    span = PixelElement("PixelData", "OW", PixelSpan(0, 10_000))
    found = read_instance("a", None, _Asked({**source, **more}, listed, listed), EXPLICIT_LITTLE, span)
    assert found == read_instance("a", None, source, EXPLICIT_LITTLE, span)
    assert listed - set(more) <= ELEMENTS
    assert set(KEYS) == ELEMENTS


def test_the_classes_that_are_treated_apart() -> None:
    """The UIDs of PS3.4 B.5 by which segmentations, maps, doses and slides are known."""
    storage = "1.2.840.10008.5.1.4.1.1."
    assert {storage + "66.4", storage + "66.7"} == SEGMENTATIONS
    assert storage + "30" == PARAMETRIC_MAP
    assert storage + "481.2" == RT_DOSE
    assert storage + "77.1.6" == SLIDE_MICROSCOPY


# --- Everything at once ------------------------------------------------------------------------------------

weird = st.one_of(
    st.builds(
        lambda values: Element("DS", tuple(values)),
        st.lists(st.sampled_from(("1", "-1e30", "", "nan", "x", "0")), max_size=7),
    ),
    st.builds(
        lambda values: Element("US", tuple(values)), st.lists(st.integers(-70_000, 70_000), max_size=7)
    ),
    st.builds(lambda values: Element("FD", tuple(values)), st.lists(st.floats(), max_size=7)),
    st.builds(lambda value: Element("OW", (value,)), st.binary(max_size=8)),
    st.just(Element("SQ", ())),
    st.just(Element("SQ", ({},))),
)


@given(
    changes=st.dictionaries(st.sampled_from(sorted(ELEMENTS)), weird, max_size=12),
    group=st.dictionaries(st.sampled_from(sorted(ELEMENTS)), weird, max_size=6),
    frames=st.integers(1, 3),
    keyword=st.sampled_from(("PixelData", "FloatPixelData", "DoubleFloatPixelData")),
)
def test_no_header_is_too_strange_to_be_read(
    changes: dict[str, Element], group: dict[str, Element], frames: int, keyword: str
) -> None:
    """Whatever its elements hold, a header is read: what cannot be used is missing."""
    macros = {name: _items(group) for name in ELEMENTS if name.endswith("Sequence")}
    groups = {
        "PerFrameFunctionalGroupsSequence": _items(macros),
        "SharedFunctionalGroupsSequence": _items(macros),
    }
    for source in ({**BASE, **changes}, {**BASE, **groups, **changes}):
        found = _read(source, frames, keyword)
        assert found.frames
        assert evolve(found, name="b") != found
