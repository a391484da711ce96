"""Laws of finishing: what decoders give has the shape, sign, bits and colours that the header says."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.pixels.codec import Codec
from dicom_series_preview.core.pixels.finish import finish
from dicom_series_preview.core.pixels.recipe import Library, Step
from dicom_series_preview.core.pixels.samples import finish_native
from dicom_series_preview.core.pixels.stream_checks import Header, J2kHeader, JpegHeader
from property_tests.formats import pixel_format

BASELINE, J2K = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90"
RLE, JPEG_LS, JXL = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.110"


def jpeg(fmt: PixelFormat, precision: int) -> JpegHeader:
    return JpegHeader(
        rows=fmt.rows,
        columns=fmt.columns,
        components=fmt.samples_per_pixel,
        precision=precision,
        lossless=False,
        jpeg_ls=False,
        names_colours=False,
        scan=0,
    )


def j2k(fmt: PixelFormat, precision: int, *, signed: bool = False) -> J2kHeader:
    return J2kHeader(fmt.rows, fmt.columns, fmt.samples_per_pixel, precision, signed, False, 5, 0)


def step(
    fmt: PixelFormat,
    codec: Codec,
    header: Header | None = None,
    library: Library = Library.IMAGECODECS,
    halvings: int = 0,
) -> Step:
    return Step(library, codec, fmt, header, halvings)


# --- RLE -----------------------------------------------------------------------------------------------------


@given(
    width=st.sampled_from([1, 2, 4]),
    samples=st.sampled_from([1, 3]),
    signed=st.booleans(),
    data=st.data(),
)
def test_rle_segments_are_the_bytes_of_samples_highest_first(
    width: int, samples: int, signed: bool, data: st.DataObject
) -> None:
    """One segment for each byte of each sample (PS3.5 G.2); grey here, and colour of 8 bits."""
    width = 1 if samples == 3 else width
    fmt = pixel_format(
        transfer_syntax=RLE,
        rows=2,
        columns=3,
        samples_per_pixel=samples,
        photometric_interpretation="RGB" if samples == 3 else "MONOCHROME2",
        bits_allocated=8 * width,
        pixel_representation=int(signed and samples == 1),
    )
    lowest = -(2 ** (8 * width - 1)) if signed and samples == 1 else 0
    numbers = st.integers(lowest, lowest + 2 ** (8 * width) - 1)
    pixels = data.draw(
        st.lists(st.lists(numbers, min_size=samples, max_size=samples), min_size=6, max_size=6)
    )
    planes = [
        [(pixel[sample] >> (8 * byte)) & 0xFF for pixel in pixels]
        for sample in range(samples)
        for byte in reversed(range(width))
    ]
    found = finish(step(fmt, Codec.RLE), np.array(planes, np.uint8)).unwrap().values
    assert found.reshape(6, samples).tolist() == pixels
    assert found.shape == ((2, 3, 3) if samples == 3 else (2, 3))


@given(rows=st.integers(1, 5), columns=st.integers(1, 5), packed=st.booleans(), data=st.data())
def test_one_bit_rle_holds_a_byte_for_one_pixel_or_for_eight(
    rows: int, columns: int, packed: bool, data: st.DataObject
) -> None:
    """Eight of them begin with the lowest bit (PS3.5 8.1.1)."""
    bits = data.draw(st.lists(st.integers(0, 1), min_size=rows * columns, max_size=rows * columns))
    fmt = pixel_format(transfer_syntax=RLE, rows=rows, columns=columns, bits_allocated=1)
    held = bits
    if packed:
        held = [
            sum(bit << place for place, bit in enumerate(bits[i : i + 8])) for i in range(0, len(bits), 8)
        ]
    found = finish(step(fmt, Codec.RLE), np.array([held], np.uint8)).unwrap().values
    flat = found.ravel().tolist()
    assert flat == bits or (packed and rows * columns == 1)


@given(bits=st.lists(st.integers(0, 1), min_size=6, max_size=6), signed=st.booleans())
def test_bits_have_no_sign(bits: list[int], signed: bool) -> None:
    """One bit holds 0 or 1, whatever PixelRepresentation says, compressed or not."""
    fmt = pixel_format(rows=2, columns=3, bits_allocated=1, pixel_representation=int(signed))
    packed = bytes([sum(bit << place for place, bit in enumerate(bits))])
    assert finish_native(fmt, packed, 0).unwrap().values.ravel().tolist() == bits
    rle = evolve(fmt, transfer_syntax=RLE, encapsulated=True)
    assert finish(step(rle, Codec.RLE), np.array([bits], np.uint8)).unwrap().values.ravel().tolist() == bits


@given(pixels=st.integers(1, 20), missing=st.integers(1, 20), bits=st.sampled_from([1, 8, 16]))
def test_an_rle_segment_too_short_is_refused(pixels: int, missing: int, bits: int) -> None:
    """With the bytes that are there and those that should be."""
    held = max(0, (1 if bits == 1 else pixels) - missing)
    fmt = pixel_format(transfer_syntax=RLE, rows=1, columns=pixels, bits_allocated=bits)
    planes = np.zeros((max(1, bits // 8), held), np.uint8)
    words = f"an RLE segment ends after {held} of {pixels} bytes"
    assert finish(step(fmt, Codec.RLE), planes).failure() == words


# --- Streams -------------------------------------------------------------------------------------------------


@given(stored=st.integers(2, 16), signed=st.booleans(), data=st.data())
def test_grey_has_the_sign_of_its_header(stored: int, signed: bool, data: st.DataObject) -> None:
    """JPEG-LS holds the stored bits as if they were unsigned; those above them are nothing."""
    lowest = -(2 ** (stored - 1)) if signed else 0
    values = data.draw(st.lists(st.integers(lowest, lowest + 2**stored - 1), min_size=6, max_size=6))
    fmt = pixel_format(
        transfer_syntax=JPEG_LS, rows=2, columns=3, bits_stored=stored, pixel_representation=int(signed)
    )
    container = np.dtype(np.uint8 if stored <= 8 else np.uint16)
    cells = np.array([value % 2**stored for value in values], container).reshape(2, 3)
    found = finish(step(fmt, Codec.JPEG_LS, jpeg(fmt, stored)), cells).unwrap().values
    assert found.ravel().tolist() == values
    assert found.dtype.itemsize == cells.dtype.itemsize


@pytest.mark.parametrize("syntax", [J2K, "1.2.840.10008.1.2.4.91"])
@given(stored=st.integers(2, 15), signed=st.booleans(), data=st.data())
def test_the_header_decides_where_a_wavelet_stream_has_another_sign(
    syntax: str, stored: int, signed: bool, data: st.DataObject
) -> None:
    """Two's complement in a stream that calls it unsigned, or the reverse, lossless or not (PS3.5 8.2.4)."""
    lowest = -(2 ** (stored - 1)) if signed else 0
    values = data.draw(st.lists(st.integers(lowest, lowest + 2**stored - 1), min_size=6, max_size=6))
    fmt = pixel_format(
        transfer_syntax=syntax, rows=2, columns=3, bits_stored=stored, pixel_representation=int(signed)
    )
    bits = np.array([value % 2**stored for value in values], np.uint16).reshape(2, 3)
    told = bits if signed else np.where(bits < 2 ** (stored - 1), bits, bits - 2.0**stored).astype(np.int16)
    found = finish(step(fmt, Codec.JPEG_2000, j2k(fmt, stored, signed=not signed)), told).unwrap().values
    assert found.ravel().tolist() == values


@pytest.mark.parametrize(
    ("codec", "syntax", "signed", "clips"),
    [
        (Codec.JPEG, "1.2.840.10008.1.2.4.51", False, True),
        (Codec.JPEG, "1.2.3", False, True),
        (Codec.JPEG, "1.2.840.10008.1.2.4.51", True, False),
        (Codec.JPEG_2000, "1.2.840.10008.1.2.4.91", False, True),
        (Codec.JPEG_2000, "1.2.840.10008.1.2.4.91", True, True),
        (Codec.JPEG_2000, J2K, False, False),
        (Codec.JPEG_LS, "1.2.840.10008.1.2.4.81", False, True),
        (Codec.JPEG_LS, JPEG_LS, False, False),
    ],
)
def test_lossy_streams_that_overshoot_stay_at_the_end(
    codec: Codec, syntax: str, signed: bool, clips: bool
) -> None:
    """Where an overshoot cannot be told from a negative value, bits above BitsStored are nothing."""
    fmt = pixel_format(
        transfer_syntax=syntax, rows=1, columns=1, bits_stored=10, pixel_representation=int(signed)
    )
    header = j2k(fmt, 12, signed=signed) if codec is Codec.JPEG_2000 else jpeg(fmt, 12)
    highest = 511 if signed else 1023
    found = finish(step(fmt, codec, header), np.array([[highest + 2]], np.uint16)).unwrap().values
    assert found.tolist() == [[highest if clips else -511 if signed else 1]]


@given(
    rows=st.integers(1, 4), columns=st.integers(1, 4), samples=st.sampled_from([1, 3]), more=st.integers(1, 3)
)
def test_another_shape_than_the_header_s_is_refused(rows: int, columns: int, samples: int, more: int) -> None:
    """A decoder that made something else has decoded something else."""
    fmt = pixel_format(
        transfer_syntax=JXL,
        rows=rows,
        columns=columns,
        samples_per_pixel=samples,
        photometric_interpretation="RGB" if samples == 3 else "MONOCHROME2",
        bits_allocated=8,
    )
    shape = (rows, columns, 3) if samples == 3 else (rows, columns)
    assert finish(step(fmt, Codec.JPEG_XL), np.zeros(shape, np.uint8)).unwrap().values.shape == shape
    wrong = (rows + more, *shape[1:])
    found, right = (" x ".join(str(one) for one in size) for size in (wrong, shape))
    words = f"the decoder made {found} samples of it, not {right}"
    assert finish(step(fmt, Codec.JPEG_XL), np.zeros(wrong, np.uint8)).failure() == words


@pytest.mark.parametrize(
    ("codec", "library", "photometric", "as_rgb"),
    [
        (Codec.JPEG, Library.PILLOW, "YBR_FULL_422", True),
        (Codec.JPEG, Library.GDCM, "YBR_FULL", False),
        (Codec.JPEG_LS, Library.IMAGECODECS, "YBR_FULL", False),
        (Codec.JPEG_LS, Library.IMAGECODECS, "RGB", True),
        (Codec.JPEG_2000, Library.OPENJPEG, "YBR_ICT", True),
        (Codec.JPEG_2000, Library.OPENJPEG, "YBR_FULL", False),
        (Codec.JPEG_XL, Library.IMAGECODECS, "YBR_FULL", True),
    ],
)
def test_colours_are_those_that_the_decoder_left(
    codec: Codec, library: Library, photometric: str, as_rgb: bool
) -> None:
    """Pillow and JPEG XL give RGB, and so does JPEG 2000 of its own transforms; all others what is stored."""
    fmt = pixel_format(
        transfer_syntax=BASELINE,
        rows=1,
        columns=1,
        samples_per_pixel=3,
        photometric_interpretation=photometric,
        bits_allocated=8,
    )
    header = j2k(fmt, 8) if codec is Codec.JPEG_2000 else None if codec is Codec.JPEG_XL else jpeg(fmt, 8)
    found = finish(step(fmt, codec, header, library), np.array([[[76, 85, 255]]], np.uint8)).unwrap().values
    assert found.tolist() == [[[76, 85, 255]]] if as_rgb else np.abs(found - [[[254, 0, 0]]]).max() <= 1


def test_colours_of_more_bits_are_brought_to_eight() -> None:
    """By the precision of the stream, or by BitsStored where it tells none."""
    fmt = pixel_format(
        transfer_syntax=J2K,
        rows=1,
        columns=1,
        samples_per_pixel=3,
        photometric_interpretation="RGB",
        bits_stored=12,
    )
    values = np.array([[[0, 2048, 4095]]], np.uint16)
    assert finish(step(fmt, Codec.JPEG_2000, j2k(fmt, 12)), values).unwrap().values.tolist() == [
        [[0, 128, 255]]
    ]
    assert finish(step(fmt, Codec.JPEG_XL), values).unwrap().values.tolist() == [[[0, 128, 255]]]
    wide = evolve(fmt, bits_stored=16)
    assert finish(step(wide, Codec.JPEG_2000, j2k(fmt, 12)), values).unwrap().values.tolist() == [
        [[0, 128, 255]]
    ]


# --- Reduced -------------------------------------------------------------------------------------------------


@given(precision=st.integers(2, 16), signed=st.booleans(), halvings=st.integers(1, 3), data=st.data())
def test_reduced_samples_have_the_stream_s_precision_and_sign(
    precision: int, signed: bool, halvings: int, data: st.DataObject
) -> None:
    """Pillow puts them to the top of the container, and lifts signed ones by half of its range."""
    lowest = -(2 ** (precision - 1)) if signed else 0
    value = data.draw(st.integers(lowest, lowest + 2**precision - 1))
    depth = 8 if precision <= 8 else 16
    fmt = pixel_format(
        transfer_syntax=J2K,
        rows=9,
        columns=16,
        bits_allocated=depth,
        bits_stored=precision,
        pixel_representation=int(signed),
    )
    side = 1 << halvings
    lifted = (value - lowest) << (depth - precision)
    given_ = np.full((-(-9 // side), -(-16 // side)), lifted, f"u{depth // 8}")
    reduced = step(
        fmt, Codec.JPEG_2000, j2k(fmt, precision, signed=signed), Library.PILLOW, halvings=halvings
    )
    found = finish(reduced, given_).unwrap().values
    assert found.tolist() == np.full(given_.shape, value).tolist()
    other = given_.astype("u2" if depth == 8 else "i4")
    assert finish(reduced, other).failure() == f"Pillow made {other.dtype} of {precision} bits"


@given(halvings=st.integers(1, 3))
def test_reduced_jpegs_and_colours_are_taken_as_they_come(halvings: int) -> None:
    """JPEG is reduced by its own transform; colours of JPEG 2000 have 8 bits."""
    fmt = pixel_format(transfer_syntax=BASELINE, rows=8, columns=8, bits_allocated=8)
    small = np.full((8 >> halvings, 8 >> halvings), 77, np.uint8)
    found = (
        finish(step(fmt, Codec.JPEG, jpeg(fmt, 8), Library.PILLOW, halvings=halvings), small).unwrap().values
    )
    assert found.tolist() == small.tolist()
    rgb = evolve(fmt, transfer_syntax=J2K, samples_per_pixel=3, photometric_interpretation="YBR_RCT")
    three = np.repeat(small[..., None], 3, axis=-1)
    reduced = step(rgb, Codec.JPEG_2000, j2k(rgb, 8), Library.PILLOW, halvings=halvings)
    assert finish(reduced, three).unwrap().values.tolist() == three.tolist()
