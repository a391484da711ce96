"""Laws of stored values (PS3.5 8.1.1): bits put where the header says, junk around them, come back."""

from __future__ import annotations

from fractions import Fraction
from struct import pack

import numpy as np
import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.image_pixel import PixelFormat, frame_length
from dicom_series_preview.core.odd_pixels import BitsBeyond
from dicom_series_preview.core.pixels.samples import finish_native, native_samples, stored_values, to_rgb
from property_tests.formats import pixel_format

LITTLE, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"


@st.composite
def grey_formats(draw: st.DrawFn) -> PixelFormat:
    """Integers of 8 to 64 bits; fewer stored than allocated, and not at the bottom, in most."""
    allocated = draw(st.sampled_from([8, 16, 32, 64]))
    stored = draw(st.one_of(st.just(allocated), st.integers(1, allocated)))
    return pixel_format(
        rows=draw(st.integers(1, 4)),
        columns=draw(st.integers(1, 4)),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=draw(st.integers(stored - 1, allocated - 1)),
        pixel_representation=draw(st.integers(0, 1)),
        transfer_syntax=draw(st.sampled_from([LITTLE, BIG])),
        vr=draw(st.sampled_from(["OB", "OW"])) if allocated == 8 else "OW",
    )


def _swapped(fmt: PixelFormat, frame: bytes) -> bytes:
    if fmt.transfer_syntax != BIG or fmt.vr != "OW" or fmt.bits_allocated > 8:
        return frame
    even = frame + b"\0" * (len(frame) % 2)
    return bytes(byte for at in range(0, len(even), 2) for byte in (even[at + 1], even[at]))


@given(grey_formats(), st.data())
def test_stored_values_come_back_from_junk(fmt: PixelFormat, data: st.DataObject) -> None:
    """Only BitsStored bits below HighBit count; the top one is the sign of signed pixels (PS3.5 8.1.1)."""
    count = fmt.rows * fmt.columns
    lowest = -(2 ** (fmt.bits_stored - 1)) if fmt.pixel_representation else 0
    values = data.draw(
        st.lists(st.integers(lowest, lowest + 2**fmt.bits_stored - 1), min_size=count, max_size=count)
    )
    junk = data.draw(st.lists(st.integers(0, 2**fmt.bits_allocated - 1), min_size=count, max_size=count))
    shift = fmt.high_bit + 1 - fmt.bits_stored
    mask = (2**fmt.bits_stored - 1) << shift
    cells = [(noise & ~mask) | (value << shift & mask) for value, noise in zip(values, junk, strict=True)]
    order = "big" if fmt.transfer_syntax == BIG else "little"
    frame = b"".join(cell.to_bytes(fmt.bits_allocated // 8, order) for cell in cells)
    # A frame of swapped bytes may begin in the middle of a word, behind the last byte of the one before it.
    before = data.draw(st.sampled_from([b"", b"J"])) if fmt.vr == "OW" and fmt.bits_allocated == 8 else b""
    samples = native_samples(fmt, _swapped(fmt, before + frame), 8 * len(before))
    assert samples is not None
    assert samples.dtype.isnative
    found = stored_values(samples, fmt.bits_stored, fmt.high_bit)
    assert found.shape == (fmt.rows, fmt.columns)
    assert found.ravel().tolist() == values


@given(
    st.sampled_from([("FloatPixelData", 32, "f"), ("DoubleFloatPixelData", 64, "d")]),
    st.booleans(),
    st.data(),
)
def test_float_pixels_come_back(kind: tuple[str, int, str], big: bool, data: st.DataObject) -> None:
    """The pixels of these elements are IEEE floats (PS3.3 C.7.6.24, C.7.6.25), and are not taken apart."""
    keyword, bits, code = kind
    fmt = pixel_format(
        keyword=keyword,
        vr=f"O{code.upper()}",
        rows=2,
        bits_allocated=bits,
        transfer_syntax=BIG if big else LITTLE,
    )
    values = data.draw(st.lists(st.floats(width=32, allow_nan=False), min_size=12, max_size=12))
    samples = native_samples(fmt, pack(f"{'>' if big else '<'}12{code}", *values), 0)
    assert samples is not None
    found = stored_values(samples, data.draw(st.integers(1, bits)), bits - 1)
    assert found.tolist() == [values[:6], values[6:]]


@given(
    st.sampled_from([(np.uint8, 8, 0, 255), (np.int8, 8, -128, 127), (np.uint16, 16, 0, 65535)]),
    st.integers(0, 8),
    st.integers(0, 8),
    st.booleans(),
    st.data(),
)
def test_samples_of_no_more_than_the_bits_stored_are_whole(
    kind: tuple[type[np.integer], int, int, int], more: int, above: int, clip: bool, data: st.DataObject
) -> None:
    """A decoder may leave out the bits around BitsStored: where no others are left, all of them count."""
    dtype, bits, lowest, highest = kind
    values = data.draw(st.lists(st.one_of(st.sampled_from([lowest, highest]), st.integers(lowest, highest))))
    found = stored_values(np.array(values, dtype), bits + more, bits + more - 1 + above, clip=clip)
    assert found.tolist() == values


@given(
    st.integers(1, 15),
    st.integers(0, 15),
    st.booleans(),
    st.lists(st.tuples(*[st.integers(0, 2**16 - 1)] * 3), min_size=1),
    st.sampled_from(["none", "above", "below"]),
)
def test_bits_around_those_stored_are_told_unless_they_say_nothing(
    stored: int, above: int, signed: bool, words: list[tuple[int, int, int]], where: str
) -> None:
    """Zeros above and below, or the sign above, say nothing (PS3.5 8.1.1)."""
    above = min(above, 16 - stored)
    below = 16 - stored - above
    assume({"none": True, "above": above > signed, "below": below > 0}[where])
    fmt = pixel_format(
        rows=1,
        columns=len(words),
        bits_stored=stored,
        high_bit=below + stored - 1,
        pixel_representation=int(signed),
    )
    samples = []
    for value, _, extended in words:
        bits = format(value % 2**stored, f"0{stored}b")
        upper = bits[0] if signed and extended % 2 else "0"
        samples.append(upper * above + bits + "0" * below)
    if where == "above":  # of more bits than one some are a one and a zero; without a sign a one is enough
        samples[0] = ("1" + "0" * (above - 1)) + samples[0][above:]
    if where == "below":
        samples[0] = samples[0][: above + stored] + "1" + "0" * (below - 1)
    frame = b"".join(int(bits, 2).to_bytes(2, "little") for bits in samples)
    assert finish_native(fmt, frame, 0).unwrap().odd == (() if where == "none" else (BitsBeyond(stored),))


@given(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1), st.integers(1, 16), st.booleans())
def test_overshoot_is_brought_to_the_end_of_the_range(values: list[int], bits: int, signed: bool) -> None:
    """A lossy decoder's value beyond BitsStored becomes the nearest value that BitsStored can hold."""
    lowest = -(2 ** (bits - 1)) if signed else 0
    given_values = values if signed else [value + 2**15 for value in values]
    samples = np.array(given_values, np.int16 if signed else np.uint16)
    expected = [min(max(value, lowest), lowest + 2**bits - 1) for value in given_values]
    assert stored_values(samples, bits, bits - 1, clip=True).tolist() == expected


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 15), st.booleans(), st.data())
def test_one_bit_pixels_come_back(
    rows: int, columns: int, offset: int, big: bool, data: st.DataObject
) -> None:
    """1-bit pixels lie from the lowest bit of a byte up, the first at the frame's bit offset (PS3.5 8.1.1)."""
    fmt = pixel_format(
        rows=rows, columns=columns, bits_allocated=1, transfer_syntax=BIG if big else LITTLE, vr="OW"
    )
    bits = data.draw(st.lists(st.integers(0, 1), min_size=rows * columns, max_size=rows * columns))
    text = "".join("1" for _ in range(offset)) + "".join(map(str, bits))
    text = text.ljust(-(-len(text) // 16) * 16, "1")
    frame = bytes(int(text[at : at + 8][::-1], 2) for at in range(0, len(text), 8))
    samples = native_samples(fmt, _swapped(fmt, frame), offset)
    assert samples is not None
    assert samples.ravel().tolist() == bits


@given(st.sampled_from([0, 1]), st.sampled_from([8, 16]), st.integers(1, 4), st.integers(1, 4), st.data())
def test_colour_by_pixel_and_by_plane_read_the_same(
    planar: int, bits: int, rows: int, columns: int, data: st.DataObject
) -> None:
    """Pixel (row, column) has its red, green and blue in that order (PS3.3 C.7.6.3.1.3)."""
    fmt = pixel_format(
        rows=rows,
        columns=columns,
        samples_per_pixel=3,
        photometric_interpretation="RGB",
        bits_allocated=bits,
        planar_configuration=planar,
    )
    pixel = st.tuples(*[st.integers(0, 2**bits - 1)] * 3)
    pixels = data.draw(st.lists(pixel, min_size=rows * columns, max_size=rows * columns))
    by_pixel = [value for colour in pixels for value in colour]
    by_plane = [colour[channel] for channel in range(3) for colour in pixels]
    frame = b"".join(value.to_bytes(bits // 8, "little") for value in (by_plane if planar else by_pixel))
    samples = native_samples(fmt, frame, 0)
    assert samples is not None
    assert samples.reshape(-1, 3).tolist() == [list(colour) for colour in pixels]


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 4), min_size=1, max_size=6))
def test_subsampled_pixels_share_their_chrominance(pairs: list[tuple[int, int, int, int]]) -> None:
    """Y1 Y2 Cb Cr is the pixels Y1 Cb Cr and Y2 Cb Cr (PS3.3 C.7.6.3.1.2)."""
    fmt = pixel_format(
        rows=1,
        columns=2 * len(pairs),
        samples_per_pixel=3,
        photometric_interpretation="YBR_FULL_422",
        bits_allocated=8,
    )
    frame = bytes(value for pair in pairs for value in pair)
    assert len(frame) == frame_length(fmt)
    samples = native_samples(fmt, frame, 0)
    assert samples is not None
    assert samples[0].tolist() == [
        [luma, blue, red] for first, second, blue, red in pairs for luma in (first, second)
    ]


@given(st.integers(1, 6), st.booleans(), st.data())
@pytest.mark.parametrize("photometric", ["YBR_FULL_422", "YBR_PARTIAL_422"])
def test_pixels_are_subsampled_where_bytes_for_all_samples_lack(
    photometric: str, pairs: int, whole: bool, data: st.DataObject
) -> None:
    """With a byte for each sample nothing is shared, whatever the header says; padding does not make it so.

    See PS3.3 C.7.6.3.1.2.
    """
    fmt = pixel_format(
        rows=1,
        columns=2 * pairs,
        samples_per_pixel=3,
        photometric_interpretation=photometric,
        bits_allocated=8,
    )
    size = 6 * pairs if whole else data.draw(st.sampled_from([4 * pairs, 6 * pairs - 1]))
    frame = bytes(range(1, size + 1))
    samples = native_samples(fmt, frame, 0)
    assert samples is not None
    apart = [list(frame[at : at + 3]) for at in range(0, 6 * pairs, 3)]
    shared = [[frame[at + i], *frame[at + 2 : at + 4]] for at in range(0, 4 * pairs, 4) for i in (0, 1)]
    assert samples[0].tolist() == (apart if whole else shared)


_THREE = st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=8)


@given(_THREE)
def test_full_range_ybr_is_the_inverse_of_its_definition(colours: list[tuple[int, int, int]]) -> None:
    """RGB made YBR by PS3.3 C.7.6.3.1.2, rounded to 8 bits, comes back within the rounding of three values."""
    ybr = [
        (
            round(0.2990 * r + 0.5870 * g + 0.1140 * b),
            min(255, round(-0.1687 * r - 0.3313 * g + 0.5 * b + 128)),
            min(255, round(0.5 * r - 0.4187 * g - 0.0813 * b + 128)),
        )
        for r, g, b in colours
    ]
    found = to_rgb(np.array([ybr], np.uint8), "YBR_FULL", 8)
    assert np.abs(found[0].astype(int) - np.array(colours)).max() <= 2


@given(_THREE)
def test_partial_range_ybr_is_the_inverse_of_its_definition(colours: list[tuple[int, int, int]]) -> None:
    """The same for the retired YBR_PARTIAL_422 with its head and foot room (PS3.3-2014 C.7.6.3.1.2)."""
    ybr = [
        (
            round(0.2568 * r + 0.5041 * g + 0.0979 * b + 16),
            round(-0.1482 * r - 0.2910 * g + 0.4392 * b + 128),
            round(0.4392 * r - 0.3678 * g - 0.0714 * b + 128),
        )
        for r, g, b in colours
    ]
    found = to_rgb(np.array([ybr], np.uint8), "YBR_PARTIAL_422", 8)
    assert np.abs(found[0].astype(int) - np.array(colours)).max() <= 3


@given(
    st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=5),
    st.sampled_from(["YBR_FULL", "YBR_PARTIAL_422"]),
)
def test_a_large_picture_has_the_colours_of_its_parts(
    colours: list[tuple[int, int, int]], photometric: str
) -> None:
    copies = 70_000 // len(colours) + 1
    part = np.array([colours], np.uint8)
    whole = to_rgb(np.tile(part, (copies, 1, 1)), photometric, 8)
    assert np.array_equal(whole, np.tile(to_rgb(part, photometric, 8), (copies, 1, 1)))


@given(st.lists(st.integers(0, 255), min_size=1))
@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_full_range_without_chrominance_is_grey(photometric: str, lumas: list[int]) -> None:
    """Chrominance 128 is none (PS3.3 C.7.6.3.1.2): red, green and blue are the luminance."""
    found = to_rgb(np.array([[(luma, 128, 128) for luma in lumas]], np.uint8), photometric, 8)
    assert found.dtype == np.uint8
    assert found[0].tolist() == [[luma] * 3 for luma in lumas]


@given(st.lists(st.integers(0, 255), min_size=1))
@example([0, 16, 235, 255])
@pytest.mark.parametrize("photometric", ["YBR_PARTIAL_422", "YBR_PARTIAL_420"])
def test_partial_range_without_chrominance_is_grey(photometric: str, lumas: list[int]) -> None:
    """The same where 16 is black and 235 white (ITU-R BT.601): beyond them nothing is darker or lighter."""
    found = to_rgb(np.array([[(luma, 128, 128) for luma in lumas]], np.uint8), photometric, 8)
    assert found.dtype == np.uint8
    assert (found[..., 0] == found[..., 1]).all()
    assert (found[..., 0] == found[..., 2]).all()
    shares = [min(Fraction(255), max(Fraction(0), Fraction(255 * (luma - 16), 219))) for luma in lumas]
    assert all(
        abs(int(level) - share) <= Fraction(1, 2) for level, share in zip(found[0, :, 0], shares, strict=True)
    )


@given(st.one_of(st.sampled_from([7, 8, 9]), st.integers(1, 64)), st.data())
def test_colours_of_any_depth_fill_eight_bits(bits: int, data: st.DataObject) -> None:
    """Black stays black, full stays full, and what is between lies nearest to its share of 255."""
    largest = 2**bits - 1
    level = st.one_of(st.sampled_from([0, largest]), st.integers(0, largest))
    values = data.draw(st.lists(st.tuples(level, level, level), min_size=1, max_size=8))
    found = to_rgb(np.array([values], np.uint16 if bits <= 16 else np.uint64), "RGB", bits)
    assert found.dtype == np.uint8
    shares = [[Fraction(255 * value, largest) for value in pixel] for pixel in values]
    errors = [
        abs(int(got) - share)
        for pixel, exact in zip(found[0].tolist(), shares, strict=True)
        for got, share in zip(pixel, exact, strict=True)
    ]
    assert max(errors) <= Fraction(1, 2) + Fraction(1, 10**9)


@given(grey_formats(), st.data())
def test_a_frame_that_lacks_a_byte_is_no_picture(fmt: PixelFormat, data: st.DataObject) -> None:
    """Fewer bytes than the pixels take are refused, whatever they are.

    Swapped bytes take whole words: of an odd number of them the last word's second byte is a pixel.
    """
    whole = len(_swapped(fmt, b"\1" * frame_length(fmt)))
    missing = data.draw(st.one_of(st.just(1), st.integers(1, whole)))
    assert native_samples(fmt, b"\1" * (whole - missing), 0) is None


@given(missing=st.integers(1, 47), encapsulated=st.booleans())
def test_a_native_frame_cut_short_is_refused(missing: int, encapsulated: bool) -> None:
    """Whether it lay in items or not."""
    fmt = evolve(pixel_format(), encapsulated=encapsulated)
    words = f"the frame is cut short, {48 - missing} of 48 bytes are there"
    assert finish_native(fmt, bytes(48 - missing), 0).failure() == words
    assert finish_native(fmt, bytes(48), 0).unwrap().values.shape == (4, 6)


@pytest.mark.parametrize("encapsulated", [False, True])
def test_subsampled_native_colours_may_lie_in_items(encapsulated: bool) -> None:
    """PS3.5 A.4.11: a fragment holds just what the frame would be in native pixel data."""
    fmt = pixel_format(
        rows=1,
        columns=2,
        samples_per_pixel=3,
        photometric_interpretation="YBR_FULL_422",
        bits_allocated=8,
        encapsulated=encapsulated,
    )
    assert finish_native(fmt, bytes([10, 20, 128, 128]), 0).unwrap().values.tolist() == [[[10] * 3, [20] * 3]]
