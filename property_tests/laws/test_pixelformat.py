"""Laws of the Image Pixel module: what is usable is read as it stands, what is absurd is refused by name."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.elements import Element
from dicom_series_preview.core.errors import describe
from dicom_series_preview.core.pixelformat import (
    NATIVE_SYNTAXES,
    PixelFormat,
    check_held,
    frame_bits,
    frame_length,
    read_pixel_format,
)
from tests.support.formats import JPEG_LOSSLESS, pixel_format

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


def read(made: dict[str, Element], fmt: PixelFormat) -> PixelFormat | None:
    result = read_pixel_format(made, fmt.transfer_syntax, fmt.keyword, fmt.vr)
    return result.unwrap() if is_successful(result) else None


@given(formats())
def test_a_usable_module_is_read_as_it_stands(fmt: PixelFormat) -> None:
    """Every attribute is taken over (PS3.3 C.7.6.3.1)."""
    assert read(header(fmt), fmt) == fmt


@given(formats())
def test_what_may_be_missing_has_its_usual_value(fmt: PixelFormat) -> None:
    """One frame, all bits stored, the top one highest, unsigned, by pixel; grey or RGB by the samples."""
    needed = {"Rows", "Columns", "BitsAllocated", "SamplesPerPixel"}
    least = {keyword: value for keyword, value in header(fmt).items() if keyword in needed}
    if fmt.samples_per_pixel == 1:
        del least["SamplesPerPixel"]
    assert read(least, fmt) == pixel_format(
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
    refused = read_pixel_format(made, fmt.transfer_syntax, fmt.keyword, fmt.vr).failure()
    assert (refused.attribute, refused.problem) == (keyword, "it is missing")


_ABSURD = st.one_of(
    st.tuples(st.sampled_from(["Rows", "Columns"]), st.sampled_from([0, -1, 65536, 2**31])),
    st.tuples(st.just("SamplesPerPixel"), st.sampled_from([2, 4, 5, -1])),
    st.tuples(st.just("BitsAllocated"), st.sampled_from([0, 7, 12, 128, -8])),
    st.tuples(st.just("BitsStored"), st.sampled_from([65, 1000, -1])),
    st.tuples(st.just("NumberOfFrames"), st.integers(-5, -1)),
    st.tuples(st.just("PhotometricInterpretation"), st.sampled_from(["CMYK", "HSV", "grey"])),
)


@given(formats(), _ABSURD)
def test_absurd_values_are_refused_in_words(fmt: PixelFormat, absurd: tuple[str, int | str]) -> None:
    """A value that no image can have is refused, naming the attribute and the value."""
    keyword, value = absurd
    refused = read_pixel_format(
        header(fmt) | {keyword: Element("US", (value,))}, fmt.transfer_syntax, fmt.keyword, fmt.vr
    ).failure()
    assert (refused.attribute, refused.value) == (keyword, str(value))
    assert f"{keyword} {value}" in describe(refused)


@given(formats())
def test_samples_and_colours_have_to_go_together(fmt: PixelFormat) -> None:
    """Grey has one sample and colour three (PS3.3 C.7.6.3.1.2)."""
    other = Element("US", (4 - fmt.samples_per_pixel,))
    refused = read_pixel_format(
        header(fmt) | {"SamplesPerPixel": other}, LITTLE, fmt.keyword, fmt.vr
    ).failure()
    assert refused.attribute == "PhotometricInterpretation"


@given(st.integers(1, 65535), st.integers(1, 65535), st.sampled_from([8, 16, 32, 64]))
@example(32768, 32768, 8)
@example(32769, 32768, 8)
def test_a_native_frame_above_a_gibibyte_is_refused(rows: int, columns: int, bits: int) -> None:
    """No image is that large."""
    fmt = pixel_format(rows=rows, columns=columns, bits_allocated=bits)
    assert (read(header(fmt), fmt) == fmt) == (rows * columns * bits <= 8 * 2**30)


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
    assert (read(header(fmt), fmt) == fmt) == (rows * columns * bits <= 8 * 2**27)


@given(formats(), st.integers(1, 2**31))
@example(pixel_format(), 100_000)
@example(pixel_format(), 100_001)
def test_more_than_a_hundred_thousand_frames_are_refused(fmt: PixelFormat, frames: int) -> None:
    """No preview orders so many, and a header that claims them is most likely wrong."""
    claimed = header(fmt) | {"NumberOfFrames": Element("IS", (str(frames),))}
    result = read_pixel_format(claimed, fmt.transfer_syntax, fmt.keyword, fmt.vr)
    assert is_successful(result) == (frames <= 100_000)
    assert is_successful(result) or result.failure().attribute == "NumberOfFrames"


@given(formats())
def test_a_frame_is_as_long_as_its_bits(fmt: PixelFormat) -> None:
    """Every sample takes BitsAllocated; a native pair of YBR_FULL_422 pixels takes four samples, not six."""
    pixels = fmt.rows * fmt.columns
    subsampled = fmt.photometric_interpretation == "YBR_FULL_422" and fmt.transfer_syntax != JPEG_LOSSLESS
    samples = pixels // 2 * 4 if subsampled else pixels * fmt.samples_per_pixel
    assert frame_bits(fmt) == samples * fmt.bits_allocated
    assert frame_length(fmt) == (samples * fmt.bits_allocated + 7) // 8


@given(formats(), st.integers(0, 2_000_000))
def test_more_than_the_object_holds_is_refused(fmt: PixelFormat, held: int) -> None:
    """A native object holds a whole frame, and no object more frames than it has room for."""
    if fmt.transfer_syntax == JPEG_LOSSLESS:
        fits = fmt.number_of_frames <= max(1, held // 8)
    else:
        fits = frame_length(fmt) <= held and fmt.number_of_frames <= held * 8
    assert is_successful(check_held(fmt, held)) == fits


@given(formats(), st.sampled_from([("FloatPixelData", "OF", 32), ("DoubleFloatPixelData", "OD", 64)]))
def test_float_pixels_have_the_bits_of_their_element(fmt: PixelFormat, kind: tuple[str, str, int]) -> None:
    """Float and double float pixels have 32 and 64 bits, whatever else the header says (PS3.3 C.7.6.24)."""
    keyword, vr, bits = kind
    made = header(pixel_format(rows=fmt.rows, columns=fmt.columns))
    del made["BitsAllocated"], made["BitsStored"]
    found = read_pixel_format(made, LITTLE, keyword, vr).unwrap()
    assert (found.bits_allocated, found.bits_stored, found.is_float) == (bits, bits, True)
    assert frame_length(found) == fmt.rows * fmt.columns * bits // 8
