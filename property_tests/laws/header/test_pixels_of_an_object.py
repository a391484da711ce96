"""Laws of what a header says of its pixels: format, padding, tables, tone."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.grey import Lut, Rescale, VoiFunction, Window
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.image_pixel import PixelSpan
from dicom_series_preview.core.header.instance import (
    PixelElement,
    Pixels,
)
from dicom_series_preview.core.header.read_instance import read_instance
from property_tests.headers import BASE, items, read, read_pixels
from property_tests.strategies import (
    EXPLICIT_LITTLE,
    decimals,
    element,
    finite,
)

BIG_ENDIAN = "1.2.840.10008.1.2.2"


@given(
    photometric=st.sampled_from(("MONOCHROME1", "MONOCHROME2")),
    shape=st.sampled_from((None, "IDENTITY", "INVERSE")),
)
def test_an_inverted_image_is_inverted_once(photometric: str, shape: str | None) -> None:
    """MONOCHROME1 and Presentation LUT Shape INVERSE say the same: either, or both, invert once (PS3.3 C.11.6)."""
    source = {**BASE, "PhotometricInterpretation": element("CS", photometric)}
    if shape is not None:
        source["PresentationLUTShape"] = element("CS", shape)
    assert read_pixels(source).inverted == (photometric == "MONOCHROME1" or shape == "INVERSE")


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


@given(far=st.one_of(st.integers(2**16, 2**31), st.integers(-(2**31), -(2**15) - 1)), near=st.integers(0, 99))
@example(far=2**16, near=0)
@example(far=-(2**15) - 1, near=0)
def test_padding_that_no_pixel_can_have_is_none(far: int, near: int) -> None:
    """A value beyond the bits of the pixels, with either sign, is not used, and named; so for either end."""
    value, limit = ("PixelPaddingValue", "PixelPaddingRangeLimit")
    found = read({**BASE, value: element("SL", far), limit: element("SL", near)})
    assert isinstance(found.pixels, Pixels)
    assert (found.pixels.padding, found.unusable) == (None, (value,))
    found = read({**BASE, value: element("SL", near), limit: element("SL", far)})
    assert isinstance(found.pixels, Pixels)
    assert (found.pixels.padding, found.unusable) == ((near, near), (limit,))


@pytest.mark.parametrize("end", [-(2**15), 2**16 - 1])
def test_padding_may_be_any_value_that_fits_the_pixels(end: int) -> None:
    """The lowest signed and the highest unsigned value (PS3.3 C.7.5.1.1.2)."""
    assert read({**BASE, "PixelPaddingValue": element("SL", end)}).unusable == ()


@pytest.mark.parametrize(
    ("keyword", "value", "named"),
    [
        ("HighBit", 16, True),
        ("HighBit", 10, True),
        ("HighBit", 15, False),
        ("HighBit", 11, False),
        ("BitsStored", 0, True),
        ("BitsStored", 12, False),
        ("SamplesPerPixel", 0, True),
        ("SamplesPerPixel", 1, False),
    ],
)
def test_what_contradicts_the_other_bits_is_named(keyword: str, value: int, named: bool) -> None:
    """Where a usual value is put in the place of one that cannot be (PS3.3 C.7.6.3.1), of integers alone."""
    source = {**BASE, "BitsStored": element("US", 12), keyword: element("US", value)}
    assert read(source).unusable == ((keyword,) if named else ())
    assert read(source, keyword="FloatPixelData").unusable == ()


@given(limit=st.integers(0, 100))
def test_no_padding_value_is_no_padding(limit: int) -> None:
    """A range limit alone pads nothing (PS3.3 C.7.5.1.1.2)."""
    assert read_pixels({**BASE, "PixelPaddingRangeLimit": element("US", limit)}).padding is None


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
    assert read_pixels(source).palette == (tables if photometric == "PALETTE COLOR" else None)


@given(table=st.one_of(st.none(), st.binary(min_size=1)), lengths=st.one_of(st.none(), st.binary(min_size=1)))
def test_an_extended_offset_table_needs_its_lengths(table: bytes | None, lengths: bytes | None) -> None:
    """The Extended Offset Table (PS3.3 C.7.6.3.1.8) is used only together with its lengths."""
    given_ = {"ExtendedOffsetTable": table, "ExtendedOffsetTableLengths": lengths}
    source = {**BASE, **{name: element("OV", value) for name, value in given_.items() if value is not None}}
    expected = None if table is None or lengths is None else (table, lengths)
    assert read_pixels(source).offset_table == expected


@given(
    offset=st.integers(0, 5000),
    size=st.one_of(st.none(), st.integers(0, 10_000)),
    length=st.one_of(st.none(), st.integers(0, 200)),
)
def test_pixels_that_cannot_be_there_are_refused(offset: int, size: int | None, length: int | None) -> None:
    """A header that speaks of more bytes than the element holds describes no image.

    One of undefined length is made of fragments (PS3.5 A.4), which may be shorter than what they unpack to.
    """
    found = read_instance(
        "a", size, BASE, EXPLICIT_LITTLE, PixelElement("PixelData", "OW", PixelSpan(offset, length))
    )
    fits = length is None or length >= 4 * 6 * 2
    assert isinstance(found.pixels, Pixels if fits else BadPixelModule)
    assert len(found.frames) == 1
    assert not isinstance(found.pixels, Pixels) or found.pixels.span == PixelSpan(offset, length)


@given(before=st.integers(0, 2000), held=st.integers(0, 100), frames=st.integers(2, 20))
def test_pixels_of_an_untold_length_go_on_to_the_end_of_the_object(
    before: int, held: int, frames: int
) -> None:
    """What lies before them does not count: each frame needs room for the head of an item, 8 bytes."""
    made = PixelElement("PixelData", "OW", PixelSpan(before, None))
    source = {**BASE, "NumberOfFrames": element("IS", str(frames))}
    found = read_instance("a", before + held, source, EXPLICIT_LITTLE, made).pixels
    assert isinstance(found, Pixels if 8 * frames <= held else BadPixelModule)


TABLES = {f"{channel}PaletteColorLookupTableData": element("OW", b"\1\2") for channel in ("Red", "Blue")}


@given(
    photometric=st.sampled_from(("MONOCHROME1", "MONOCHROME2")),
    presentation=st.sampled_from((None, "MONOCHROME", "COLOR", "MIXED")),
    tables=st.sampled_from((TABLES, {})),
)
def test_a_supplemental_palette_is_one_of_grey_pixels(
    photometric: str, presentation: str | None, tables: dict[str, Element]
) -> None:
    """PS3.3 C.7.6.19: of MONOCHROME2, where PixelPresentation says that some values are colours."""
    source = {**BASE, **tables, "PhotometricInterpretation": element("CS", photometric)}
    if presentation is not None:
        source["PixelPresentation"] = element("CS", presentation)
    found = read_pixels(source)
    is_supplemented = photometric == "MONOCHROME2" and presentation in ("COLOR", "MIXED") and tables
    assert found.supplemental == (tables if is_supplemented else None)
    assert found.palette is None


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
        "VOILUTSequence": items(lut),
        "PerFrameFunctionalGroupsSequence": items(*[{}] * described),
    }
    syntax = BIG_ENDIAN if big else EXPLICIT_LITTLE
    negative = signed or intercept < 0
    for frame in read(source, 2, syntax=syntax).frames:
        assert frame.modality_lut == Rescale(1.0, intercept)
        assert frame.voi == Lut(-1 if negative else 0xFFFF, 16, b"\2\1" if big else b"\1\2")
    for frame in read({**source, "ModalityLUTSequence": items(lut)}, 2, syntax=syntax).frames:
        assert frame.modality_lut == Lut(-1 if signed else 0xFFFF, 16, b"\2\1" if big else b"\1\2")


@given(width=st.floats(-10, 0))
def test_an_unusable_window_is_named(width: float) -> None:
    """A window of no width is no window, and WindowWidth is named (PS3.3 C.11.2)."""
    found = read({**BASE, "WindowCenter": decimals(40), "WindowWidth": decimals(width)})
    assert found.frames[0].voi is None
    assert found.unusable == ("WindowWidth",)
    kept = read({**BASE, "WindowCenter": decimals(40), "WindowWidth": decimals(400)})
    assert kept.frames[0].voi == Window(40.0, 400.0, VoiFunction.LINEAR)
