"""Laws of the Image Pixel module (PS3.3 C.7.6.3): what is usable is read, the absurd refused by name."""

from __future__ import annotations

from itertools import product

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.image_pixel import (
    NATIVE_SYNTAXES,
    PixelFormat,
    PixelSpan,
    check_held,
    frame_bits,
    frame_length,
    read_pixel_format,
)
from dicom_series_preview.core.header.instance import PixelElement
from dicom_series_preview.core.header.read_instance import read_instance
from property_tests.formats import JPEG_LOSSLESS, pixel_format

LITTLE = "1.2.840.10008.1.2.1"

_KEYWORDS = {
    "Rows": "rows",
    "Columns": "columns",
    "SamplesPerPixel": "samples_per_pixel",
    "BitsAllocated": "bits_allocated",
    "BitsStored": "bits_stored",
    "HighBit": "high_bit",
    "PixelRepresentation": "pixel_representation",
    "PlanarConfiguration": "planar_configuration",
}


@st.composite
def formats(draw: st.DrawFn) -> PixelFormat:
    """Every kind of usable module, frames up to about a megabyte."""
    colour = draw(st.booleans())
    allocated = draw(st.sampled_from([8, 16] if colour else [1, 8, 16, 32, 64]))
    stored = draw(st.integers(1, allocated))
    grey = ["MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"]
    return pixel_format(
        transfer_syntax=draw(st.sampled_from([*sorted(NATIVE_SYNTAXES), JPEG_LOSSLESS])),
        vr=draw(st.sampled_from(["OB", "OW"])),
        rows=draw(st.integers(1, 300)),
        columns=2 * draw(st.integers(1, 150)),
        samples_per_pixel=3 if colour else 1,
        photometric_interpretation=draw(
            st.sampled_from(["RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"] if colour else grey)
        ),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=draw(st.integers(stored - 1, allocated - 1)),
        pixel_representation=draw(st.integers(0, 1)),
        planar_configuration=draw(st.integers(0, 1)),
        number_of_frames=draw(st.integers(1, 10_000)),
    )


def header(fmt: PixelFormat) -> dict[str, Element]:
    values: dict[str, int] = {keyword: getattr(fmt, name) for keyword, name in _KEYWORDS.items()}
    made = {keyword: Element("US", (value,)) for keyword, value in values.items()}
    made["PhotometricInterpretation"] = Element("CS", (fmt.photometric_interpretation,))
    made["NumberOfFrames"] = Element("IS", (str(fmt.number_of_frames),))
    return made


def read_or_refuse(made: dict[str, Element], fmt: PixelFormat) -> PixelFormat | BadPixelModule:
    result = read_pixel_format(made, fmt.transfer_syntax, fmt.keyword, fmt.vr, 0)
    return result.unwrap() if is_successful(result) else result.failure()


@given(formats())
def test_a_usable_module_is_read_as_it_stands(fmt: PixelFormat) -> None:
    """Every attribute is taken over (PS3.3 C.7.6.3.1)."""
    assert read_or_refuse(header(fmt), fmt) == fmt


@given(formats())
def test_what_may_be_missing_has_its_usual_value(fmt: PixelFormat) -> None:
    """One frame, all bits stored, the top one highest, unsigned, by pixel; grey or RGB by the samples."""
    needed = {"Rows", "Columns", "BitsAllocated", "SamplesPerPixel"}
    least = {keyword: value for keyword, value in header(fmt).items() if keyword in needed}
    if fmt.samples_per_pixel == 1:
        del least["SamplesPerPixel"]
    assert read_or_refuse(least, fmt) == pixel_format(
        transfer_syntax=fmt.transfer_syntax,
        vr=fmt.vr,
        rows=fmt.rows,
        columns=fmt.columns,
        samples_per_pixel=fmt.samples_per_pixel,
        photometric_interpretation="MONOCHROME2" if fmt.samples_per_pixel == 1 else "RGB",
        bits_allocated=fmt.bits_allocated,
    )


@given(formats(), st.sampled_from(["Rows", "Columns", "BitsAllocated"]))
def test_what_must_not_be_missing_is_named(fmt: PixelFormat, keyword: str) -> None:
    """Without Rows, Columns or BitsAllocated there is no image, and the words name which."""
    made = header(fmt)
    del made[keyword]
    refused = read_pixel_format(made, fmt.transfer_syntax, fmt.keyword, fmt.vr, 0).failure()
    assert refused == BadPixelModule(keyword, "", "it is missing")


# The first values outside of what is allowed are where a limit is most easily wrong.
@pytest.mark.parametrize(
    ("keywords", "values", "problem"),
    [
        (("Rows", "Columns"), (0, -1, 65536, 2**31), "it must be from 1 to 65535"),
        (("SamplesPerPixel",), (2, 4, 5, -1), "it must be 1 or 3"),
        (("BitsAllocated",), (0, 2, 7, 9, 12, 24, 31, 63, 65, 128, -8), "it must be 1, 8, 16, 32 or 64"),
        (("NumberOfFrames",), (-1, -2, -(2**31)), "it must be at least 1"),
        (("PhotometricInterpretation",), ("CMYK", "HSV", "grey"), "it is not known"),
    ],
)
@given(fmt=formats())
def test_absurd_values_are_refused_in_words(
    fmt: PixelFormat, keywords: tuple[str, ...], values: tuple[int | str, ...], problem: str
) -> None:
    """A value that no image can have (PS3.3 C.7.6.3.1) is refused: attribute, value, and what it may be."""
    for keyword, value in product(keywords, values):
        claimed = header(fmt) | {keyword: Element("US", (value,))}
        refused = read_pixel_format(claimed, fmt.transfer_syntax, fmt.keyword, fmt.vr, 0).failure()
        assert refused == BadPixelModule(keyword, str(value), problem)


@given(formats(), st.one_of(st.just(1), st.integers(1, 1000)), st.booleans())
def test_no_more_bits_are_stored_than_allocated(fmt: PixelFormat, more: int, negative: bool) -> None:
    """BitsStored lies between 1 and BitsAllocated (PS3.5 8.1.1), which the words name."""
    stored = -more if negative else fmt.bits_allocated + more
    claimed = header(fmt) | {"BitsStored": Element("US", (stored,))}
    refused = read_pixel_format(claimed, fmt.transfer_syntax, fmt.keyword, fmt.vr, 0).failure()
    problem = f"it must be from 1 to BitsAllocated ({fmt.bits_allocated})"
    assert refused == BadPixelModule("BitsStored", str(stored), problem)


@given(formats(), st.one_of(st.just(1), st.integers(1, 1000)), st.booleans())
def test_a_highest_bit_that_leaves_no_room_is_put_on_top(fmt: PixelFormat, by: int, above: bool) -> None:
    """HighBit is at least BitsStored - 1 and within BitsAllocated (PS3.5 8.1.1), or of no use."""
    high = fmt.bits_allocated - 1 + by if above else fmt.bits_stored - 1 - by
    made = header(fmt) | {"HighBit": Element("US", (high,))}
    assert read_or_refuse(made, fmt) == evolve(fmt, high_bit=fmt.bits_stored - 1)


@given(formats(), st.sampled_from([2, 3, -1, 65535]))
def test_an_unknown_code_means_the_usual(fmt: PixelFormat, code: int) -> None:
    """PixelRepresentation and PlanarConfiguration are 0 or 1 (PS3.3 C.7.6.3): anything else says nothing."""
    said = Element("US", (code,))
    assert read_or_refuse(header(fmt) | {"PixelRepresentation": said}, fmt) == evolve(
        fmt, pixel_representation=0
    )
    assert read_or_refuse(header(fmt) | {"PlanarConfiguration": said}, fmt) == evolve(
        fmt, planar_configuration=0
    )


@given(formats())
def test_a_count_of_zero_is_a_missing_one(fmt: PixelFormat) -> None:
    """Nobody sends no bits, no samples or no frames: a zero is taken for an empty value."""
    grey = evolve(fmt, samples_per_pixel=1, photometric_interpretation="MONOCHROME2")
    whole = evolve(grey, bits_stored=fmt.bits_allocated, high_bit=fmt.bits_allocated - 1, number_of_frames=1)
    zeros = {keyword: Element("US", (0,)) for keyword in ("SamplesPerPixel", "BitsStored", "NumberOfFrames")}
    assert read_or_refuse(header(whole) | zeros, fmt) == whole


@given(formats())
def test_samples_and_colours_have_to_go_together(fmt: PixelFormat) -> None:
    """Grey has one sample and colour three (PS3.3 C.7.6.3.1.2)."""
    other = 4 - fmt.samples_per_pixel
    claimed = header(fmt) | {"SamplesPerPixel": Element("US", (other,))}
    refused = read_pixel_format(claimed, LITTLE, fmt.keyword, fmt.vr, 0).failure()
    problem = f"it does not go with SamplesPerPixel {other}"
    assert refused == BadPixelModule("PhotometricInterpretation", fmt.photometric_interpretation, problem)


def _too_large(rows: int, columns: int, bits: int) -> BadPixelModule:
    problem = f"a frame of {rows * columns * max(8, bits) // 8} bytes is too large"
    return BadPixelModule("Rows x Columns", f"{rows} x {columns}", problem)


@given(st.integers(1, 65535), st.integers(1, 65535), st.sampled_from([1, 8, 16, 32, 64]))
@example(32768, 32768, 8)
@example(32768, 32768, 1)
@example(32769, 32768, 1)
@example(32769, 32768, 8)
def test_a_native_frame_above_a_gibibyte_is_refused(rows: int, columns: int, bits: int) -> None:
    """No image is that large; a pixel of one bit is counted as the byte that it becomes."""
    fmt = pixel_format(rows=rows, columns=columns, bits_allocated=bits)
    refused = _too_large(rows, columns, bits) if rows * columns * max(8, bits) > 8 * 2**30 else fmt
    assert read_or_refuse(header(fmt), fmt) == refused


@given(
    st.integers(1, 65535),
    st.integers(1, 65535),
    st.sampled_from([8, 16, 32, 64]),
    st.sampled_from([JPEG_LOSSLESS, "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.1.98"]),
)
@example(16384, 8192, 8, JPEG_LOSSLESS)
@example(16385, 8192, 8, JPEG_LOSSLESS)
@example(16385, 8192, 8, "1.2.840.10008.1.2.1.99")
def test_an_unpacked_frame_above_128_mebibytes_is_refused(
    rows: int, columns: int, bits: int, syntax: str
) -> None:
    """What counts of a frame that is packed into fewer bytes is its size when decoded."""
    fmt = pixel_format(rows=rows, columns=columns, bits_allocated=bits, transfer_syntax=syntax)
    refused = _too_large(rows, columns, bits) if rows * columns * bits > 8 * 2**27 else fmt
    assert read_or_refuse(header(fmt), fmt) == refused


@given(formats(), st.integers(1, 2**31))
@example(pixel_format(), 100_000)
@example(pixel_format(), 100_001)
def test_more_than_a_hundred_thousand_frames_are_refused(fmt: PixelFormat, frames: int) -> None:
    """No preview orders so many, and a header that claims them is most likely wrong."""
    claimed = header(fmt) | {"NumberOfFrames": Element("IS", (str(frames),))}
    result = read_pixel_format(claimed, fmt.transfer_syntax, fmt.keyword, fmt.vr, 0)
    assert is_successful(result) == (frames <= 100_000)
    too_many = BadPixelModule("NumberOfFrames", str(frames), "more than 100000 frames")
    assert is_successful(result) or result.failure() == too_many


@given(formats())
def test_a_frame_is_as_long_as_its_bits(fmt: PixelFormat) -> None:
    """Every sample takes BitsAllocated; a native pair of YBR_FULL_422 pixels takes four samples, not six."""
    pixels = fmt.rows * fmt.columns
    subsampled = fmt.photometric_interpretation == "YBR_FULL_422" and fmt.transfer_syntax != JPEG_LOSSLESS
    samples = pixels // 2 * 4 if subsampled else pixels * fmt.samples_per_pixel
    assert frame_bits(fmt) == samples * fmt.bits_allocated
    assert frame_length(fmt) == (samples * fmt.bits_allocated + 7) // 8


@given(st.booleans(), st.integers(1, 300), st.integers(1, 150), st.integers(1, 9), st.integers(0, 9))
def test_a_native_object_holds_a_whole_frame(
    shared: bool, rows: int, pairs: int, missing: int, more: int
) -> None:
    """Fewer bytes than one frame takes (PS3.5 8.1.1) are refused, with how many there should be."""
    colour = {"samples_per_pixel": 3, "photometric_interpretation": "YBR_FULL_422"} if shared else {}
    fmt = pixel_format(rows=rows, columns=2 * pairs, bits_allocated=8, **colour)
    size = rows * pairs * (4 if shared else 2)
    held = max(0, size - missing)
    problem = f"a frame of {size} bytes, but the object holds {held} bytes of pixel data"
    refused = BadPixelModule("Rows x Columns", f"{rows} x {2 * pairs}", problem)
    assert check_held(fmt, held).failure() == refused
    assert check_held(fmt, size + more).unwrap() == fmt


@given(st.integers(2, 2000), st.integers(0, 16), st.booleans())
@example(9, 0, False)
@example(2, 0, True)
def test_no_object_has_more_frames_than_it_has_room_for(frames: int, more: int, packed: bool) -> None:
    """A native frame takes a bit at the least (PS3.5 8.1.1), an encapsulated one an item's head (A.4)."""
    assume(packed or frames > 8)  # fewer fit into the byte that one takes
    syntax = JPEG_LOSSLESS if packed else LITTLE
    fmt = pixel_format(rows=1, columns=1, bits_allocated=1, transfer_syntax=syntax, number_of_frames=frames)
    least = 8 * frames if packed else (frames + 7) // 8
    assert check_held(fmt, least + more).unwrap() == fmt
    problem = f"more frames than {least - 1} bytes of pixel data can hold"
    assert check_held(fmt, least - 1).failure() == BadPixelModule("NumberOfFrames", str(frames), problem)


@given(formats(), st.integers(0, 20))
def test_one_encapsulated_frame_is_looked_for_before_it_is_refused(fmt: PixelFormat, held: int) -> None:
    """One frame is never too many: how few bytes it takes, only its decoder knows."""
    one = evolve(fmt, transfer_syntax=JPEG_LOSSLESS, encapsulated=True, number_of_frames=1)
    assert check_held(one, held).unwrap() == one


@given(formats(), st.sampled_from([("FloatPixelData", "OF", 32), ("DoubleFloatPixelData", "OD", 64)]))
def test_float_pixels_have_the_bits_of_their_element(fmt: PixelFormat, kind: tuple[str, str, int]) -> None:
    """Float and double float pixels have 32 and 64 bits, whatever else the header says (PS3.3 C.7.6.24)."""
    keyword, vr, bits = kind
    said = header(pixel_format(rows=fmt.rows, columns=fmt.columns))
    unsaid = {name: value for name, value in said.items() if name not in ("BitsAllocated", "BitsStored")}
    expected = pixel_format(keyword=keyword, vr=vr, rows=fmt.rows, columns=fmt.columns, bits_allocated=bits)
    for made in (said, unsaid):
        found = read_pixel_format(made, LITTLE, keyword, vr, 0).unwrap()
        assert found == expected
        assert found.is_float
        assert frame_length(found) == fmt.rows * fmt.columns * bits // 8


# --- Where the length and the name of the syntax disagree ----------------------------------------------------


@given(formats(), st.integers(1, 50), st.integers(0, 1))
def test_exactly_the_length_of_native_frames_is_native(fmt: PixelFormat, frames: int, pad: int) -> None:
    """PS3.5 A.4: items have no length of their own; what is just as long as native frames is native."""
    fmt = evolve(fmt, number_of_frames=frames)
    samples = fmt.rows * fmt.columns * fmt.samples_per_pixel * fmt.number_of_frames
    if fmt.photometric_interpretation == "YBR_FULL_422":  # two pixels share their chrominance
        samples = samples * 2 // 3
    length = (samples * fmt.bits_allocated + 7) // 8
    length += pad * (length % 2)
    found = read_pixel_format(header(fmt), JPEG_LOSSLESS, fmt.keyword, fmt.vr, length).unwrap()
    assert found == evolve(fmt, transfer_syntax=JPEG_LOSSLESS, encapsulated=False)
    other = read_pixel_format(header(fmt), JPEG_LOSSLESS, fmt.keyword, fmt.vr, 3 * length + 2).unwrap()
    assert other.encapsulated


@given(formats(), st.sampled_from(sorted(NATIVE_SYNTAXES)))
def test_an_undefined_length_is_that_of_items(fmt: PixelFormat, syntax: str) -> None:
    """PS3.5 A.4: pixel data of undefined length is encapsulated, whatever the transfer syntax says."""
    found = read_pixel_format(header(fmt), syntax, fmt.keyword, fmt.vr, None).unwrap()
    assert found == evolve(fmt, transfer_syntax=syntax, encapsulated=True)


@given(formats())
def test_ge_s_private_syntax_has_big_endian_words(fmt: PixelFormat) -> None:
    """Its header is Implicit VR Little Endian; only pixel words are swapped, as in Explicit VR Big Endian."""
    big = {"1.2.840.113619.5.2", "1.2.840.10008.1.2.2"}
    assert fmt.big_endian == (fmt.transfer_syntax in big)


@given(frames=st.integers(1, 40), most=st.integers(0, 40))
def test_a_series_has_only_so_many_frames(frames: int, most: int) -> None:
    """An object of more than there is room for is one without an image, and says why."""
    fmt = pixel_format(number_of_frames=frames)
    element = PixelElement("PixelData", "OW", PixelSpan(100, frames * 48))
    found = read_instance("a", None, header(fmt), LITTLE, element, most)
    refused = BadPixelModule("NumberOfFrames", str(frames), "the series has more than 200000 frames")
    assert found.pixels == refused or frames <= most
    assert len(found.frames) == (frames if frames <= most else 1)
