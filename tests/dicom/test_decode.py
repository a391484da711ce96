"""Stored values of made frames of every shape and syntax, and the frames that must be refused."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from struct import pack

import imagecodecs
import numpy as np
import pytest
from attrs import evolve
from numpy.typing import NDArray
from PIL import Image
from returns.pipeline import is_successful

from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.pixels.decoding import Samples
from dicom_series_preview.shell.dicom import codec_gdcm
from dicom_series_preview.shell.dicom.decode import decode
from property_tests.formats import pixel_format
from tests.support.dicom import encode_frame

LITTLE, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
BASELINE, EXTENDED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
LOSSLESS_14, LOSSLESS_SV1 = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
JPEG_LS, JPEG_LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
J2K_LOSSLESS, J2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
HTJ2K_LOSSLESS, HTJ2K = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.203"

RNG = np.random.default_rng(4)


def decoded(fmt: PixelFormat, frame: bytes, at_least: tuple[int, int] | None = None) -> Samples:
    result = decode(fmt, frame, place="a.dcm", at_least=at_least)
    assert is_successful(result), str(result.failure())
    return result.unwrap().values


def refused(fmt: PixelFormat, frame: bytes) -> str:
    result = decode(fmt, frame, place="a.dcm")
    assert not is_successful(result)
    return str(result.failure())


def grey(
    bits: int, syntax: str = LITTLE, *, signed: bool = False, shape: tuple[int, int] = (16, 24)
) -> PixelFormat:
    """Grey of `bits` stored in the smallest usual container."""
    return pixel_format(
        transfer_syntax=syntax,
        rows=shape[0],
        columns=shape[1],
        bits_allocated=8 if bits <= 8 else 16 if bits <= 16 else 32,
        bits_stored=bits,
        pixel_representation=int(signed),
    )


def ramp(bits: int, *, signed: bool = False, shape: tuple[int, int] = (16, 24)) -> NDArray[np.integer]:
    """Smooth rows that reach both ends of the range of `bits`."""
    lowest = -(2 ** (bits - 1)) if signed else 0
    line = np.rint(np.linspace(lowest, lowest + 2**bits - 1, shape[0] * shape[1])).astype(np.int64)
    kind = ("i" if signed else "u") + str(1 if bits <= 8 else 2 if bits <= 16 else 4)
    return line.reshape(shape).astype(kind)


def colour(syntax: str = LITTLE, **changes: int | str) -> PixelFormat:
    return pixel_format(
        **{
            "transfer_syntax": syntax,
            "rows": 16,
            "columns": 24,
            "samples_per_pixel": 3,
            "photometric_interpretation": "RGB",
            "bits_allocated": 8,
            **changes,
        }
    )


def picture() -> NDArray[np.uint8]:
    """(16, 24, 3) smooth RGB: red falls, green rises, blue is in a corner."""
    rows, columns = np.mgrid[0:16, 0:24]
    return np.stack([255 - rows * 15, columns * 10, rows * columns // 2], axis=-1).astype(np.uint8)


# --- Native ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [8, 10, 12, 16, 32])
@pytest.mark.parametrize("syntax", [LITTLE, BIG])
def test_native_grey_is_itself(bits: int, signed: bool, syntax: str) -> None:
    values = ramp(bits, signed=signed)
    stored = values.astype(values.dtype.newbyteorder("<" if syntax == LITTLE else ">"))
    found = decoded(evolve(grey(bits, syntax, signed=signed), vr="OB"), stored.tobytes())
    assert np.array_equal(found, values)
    assert found.dtype == values.dtype


def test_eight_bits_in_big_endian_words_are_swapped() -> None:
    assert decoded(evolve(grey(8, BIG, shape=(1, 3)), vr="OW"), b"\x02\x01\x00\x03").tolist() == [[1, 2, 3]]


def test_overlays_in_unused_bits_are_ignored() -> None:
    values = ramp(12, signed=True)
    junk = RNG.integers(0, 16, values.shape).astype(np.uint16) << 12
    cells = (values.view(np.uint16) & 0x0FFF) | junk
    assert np.array_equal(decoded(grey(12, signed=True), cells.tobytes()), values)


def test_values_high_in_their_cells_come_down() -> None:
    values = ramp(12)
    fmt = pixel_format(rows=16, columns=24, bits_stored=12, high_bit=15)
    assert np.array_equal(decoded(fmt, (values << 4 | 0xA).tobytes()), values)


@pytest.mark.parametrize("kind", ["<f4", "<f8", ">f4"])
def test_float_pixels_are_floats(kind: str) -> None:
    values = np.linspace(-1e6, 1e6, 24).reshape(4, 6).astype(kind)
    fmt = pixel_format(
        keyword="FloatPixelData" if kind[1:] == "f4" else "DoubleFloatPixelData",
        bits_allocated=32 if kind[1:] == "f4" else 64,
        transfer_syntax=BIG if kind[0] == ">" else LITTLE,
    )
    found = decoded(fmt, values.tobytes())
    assert np.array_equal(found, values)
    assert found.dtype == values.dtype.newbyteorder("=")


def test_sixteen_bit_colour_is_brought_to_eight() -> None:
    values = picture().astype(np.uint16) * 257
    assert np.array_equal(decoded(colour(bits_allocated=16), values.tobytes()), picture())


def test_ybr_full_becomes_rgb() -> None:
    white_red = np.array([[[255, 128, 128], [76, 85, 255]]], np.uint8)
    fmt = colour(rows=1, columns=2, photometric_interpretation="YBR_FULL")
    assert np.abs(decoded(fmt, white_red.tobytes()).astype(int) - [[[255, 255, 255], [255, 0, 0]]]).max() <= 1


def test_ybr_422_that_is_not_subsampled_is_taken_as_it_is() -> None:
    grey_pixels = np.full((2, 4, 3), 128, np.uint8)
    fmt = colour(rows=2, columns=4, photometric_interpretation="YBR_FULL_422")
    assert np.array_equal(decoded(fmt, grey_pixels.tobytes()), grey_pixels)


def test_palette_pixels_stay_indices() -> None:
    fmt = pixel_format(photometric_interpretation="PALETTE COLOR", bits_allocated=8)
    assert decoded(fmt, bytes(range(24))).tolist() == np.arange(24).reshape(4, 6).tolist()


def test_a_native_frame_cut_short_is_refused() -> None:
    assert refused(grey(16), b"\0" * 767) == (
        "a.dcm cannot be decoded (Explicit VR Little Endian, 1.2.840.10008.1.2.1): "
        "the frame is cut short, 767 of 768 bytes are there."
    )


# --- Compressed: what was put in comes out -------------------------------------------------------------------

LOSSLESS: list[tuple[str, Callable[..., bytes | bytearray]]] = [
    (RLE, lambda values, _: encode_frame(values, RLE)),
    (LOSSLESS_14, lambda values, bits: imagecodecs.ljpeg_encode(values, bitspersample=bits)),
    (LOSSLESS_SV1, lambda values, bits: imagecodecs.ljpeg_encode(values, bitspersample=bits)),
    (JPEG_LS, lambda values, _: imagecodecs.jpegls_encode(values)),
    (
        J2K_LOSSLESS,
        lambda values, bits: imagecodecs.jpeg2k_encode(
            values, codecformat="j2k", reversible=True, level=0, bitspersample=bits
        ),
    ),
    (J2K, lambda values, _: imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=True, level=0)),
    (HTJ2K_LOSSLESS, lambda values, _: imagecodecs.htj2k_encode(values, reversible=True)),
]
IDS = ["rle", "57", "70", "80", "90", "91", "201"]


@pytest.mark.parametrize(("syntax", "encode"), LOSSLESS, ids=IDS)
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_lossless_grey_comes_back(syntax: str, encode: Callable[..., bytes | bytearray], bits: int) -> None:
    values = ramp(bits)
    found = decoded(grey(bits, syntax), bytes(encode(values, bits)))
    assert np.array_equal(found, values)
    assert found.dtype == values.dtype


@pytest.mark.parametrize(("syntax", "encode"), LOSSLESS[:-1], ids=IDS[:-1])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_lossless_signed_grey_comes_back(
    syntax: str, encode: Callable[..., bytes | bytearray], bits: int
) -> None:
    values = ramp(bits, signed=True)
    knows_sign = syntax in (J2K_LOSSLESS, J2K)
    # RLE holds whole cells, JPEG and JPEG-LS the bits stored as if they were unsigned.
    cells = values if knows_sign else values.view(f"u{values.dtype.itemsize}")
    if syntax in (LOSSLESS_14, LOSSLESS_SV1, JPEG_LS):
        cells = cells & (2**bits - 1)
    found = decoded(grey(bits, syntax, signed=True), bytes(encode(cells, bits)))
    assert np.array_equal(found, values)
    assert found.dtype == values.dtype


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [pair for pair in LOSSLESS if pair[0] not in (LOSSLESS_14, LOSSLESS_SV1)],
    ids=["rle", "80", "90", "91", "201"],
)
def test_lossless_colour_comes_back(syntax: str, encode: Callable[..., bytes | bytearray]) -> None:
    assert np.array_equal(decoded(colour(syntax), bytes(encode(picture(), 8))), picture())


def _without_segments(frame: bytes, marker: int) -> bytes:
    at = frame.index(bytes([0xFF, marker]))
    length = int.from_bytes(frame[at + 2 : at + 4], "big")
    return frame[:at] + frame[at + 2 + length :]


def _unnamed(frame: bytes) -> bytes:
    """Components R, G, B numbered 1, 2, 3, in the headers of the frame and of its scan."""
    scan = frame.index(b"\xff\xda")
    head = frame[: scan + 12]
    for number, name in enumerate(b"RGB", start=1):
        head = head.replace(bytes([name, 0x11]), bytes([number, 0x11])).replace(
            bytes([name, 0]), bytes([number, 0])
        )
    return head + frame[scan + 12 :]


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_lossless_jpeg_colours_are_those_of_the_header(photometric: str) -> None:
    values = picture()
    frame = imagecodecs.jpeg8_encode(
        values, lossless=True, predictor=1, colorspace="rgb", outcolorspace="rgb"
    )
    frame = _unnamed(_without_segments(bytes(frame), 0xEE))
    found = decoded(colour(LOSSLESS_SV1, photometric_interpretation=photometric), frame)
    native = decoded(colour(photometric_interpretation=photometric), values.tobytes())
    assert np.array_equal(found, native)


@pytest.mark.parametrize("photometric", ["RGB", "YBR_RCT"])
def test_jpeg_2000_colours_are_rgb_once_decoded(photometric: str) -> None:
    frame = imagecodecs.jpeg2k_encode(picture(), codecformat="j2k", reversible=True, level=0, mct=True)
    fmt = colour(J2K_LOSSLESS, photometric_interpretation=photometric)
    assert np.array_equal(decoded(fmt, bytes(frame)), picture())


def test_a_precision_above_bits_stored_is_no_matter() -> None:
    values = ramp(12)
    frame = imagecodecs.jpeg2k_encode(values, codecformat="j2k", reversible=True, level=0, bitspersample=16)
    assert np.array_equal(decoded(grey(12, J2K_LOSSLESS), bytes(frame)), values)


def test_eight_bit_streams_may_lie_in_sixteen_bits() -> None:
    values = ramp(8)
    fmt = pixel_format(transfer_syntax=JPEG_LS, rows=16, columns=24, bits_allocated=16, bits_stored=8)
    assert np.array_equal(decoded(fmt, bytes(imagecodecs.jpegls_encode(values))), values)


def test_a_signed_stream_of_unsigned_pixels_keeps_its_bits() -> None:
    values = ramp(12)
    cells = ((values.astype(np.int16) << 4) >> 4).astype(np.int16)
    frame = imagecodecs.jpeg2k_encode(cells, codecformat="j2k", reversible=True, level=0, bitspersample=12)
    assert np.array_equal(decoded(grey(12, J2K_LOSSLESS), bytes(frame)), values)


def test_near_lossless_is_as_near_as_it_says() -> None:
    values = ramp(12)
    found = decoded(grey(12, JPEG_LS_NEAR), bytes(imagecodecs.jpegls_encode(values, level=3)))
    assert np.abs(found.astype(int) - values).max() <= 3


def test_twelve_bit_jpeg_is_within_its_tolerance() -> None:
    values = ramp(12)
    frame = imagecodecs.jpeg_encode(values, bitspersample=12, level=100)
    assert np.abs(decoded(grey(12, EXTENDED), bytes(frame)).astype(int) - values).max() <= 2


def test_lossy_overshoot_stays_white() -> None:
    """Edges ring in a lossy stream of 12 bits; pixels of 10 bits must not wrap from white to black."""
    values = np.where(np.indices((16, 24)).sum(0) % 7 < 3, 1023, 0).astype(np.uint16)
    frame = imagecodecs.jpeg_encode(values, bitspersample=12, level=30)
    raw = imagecodecs.jpeg8_decode(frame)
    assert raw.max() > 1023
    found = decoded(grey(10, EXTENDED), bytes(frame))
    assert np.array_equal(found, np.minimum(raw, 1023))


def test_baseline_grey_and_colour_are_within_tolerance() -> None:
    found = decoded(grey(8, BASELINE), bytes(imagecodecs.jpeg_encode(ramp(8), level=95)))
    assert np.abs(found.astype(int) - ramp(8)).max() <= 4
    frame = encode_frame(picture(), BASELINE)
    fmt = colour(BASELINE, photometric_interpretation="YBR_FULL_422")
    assert np.abs(decoded(fmt, frame).astype(int) - picture()).mean() <= 3


def test_unmarked_baseline_colours_are_those_of_the_header() -> None:
    """No JFIF, no Adobe, no names: the header alone tells RGB from YBR (PS3.5 8.2.1)."""
    out = BytesIO()
    Image.fromarray(picture(), "RGB").save(out, "JPEG", quality=95, subsampling=0)
    ybr = _without_segments(out.getvalue(), 0xE0)
    as_ybr = decoded(colour(BASELINE, photometric_interpretation="YBR_FULL"), ybr)
    assert np.abs(as_ybr.astype(int) - picture()).max() <= 12
    as_rgb = decoded(colour(BASELINE), ybr)
    luma = np.asarray(Image.fromarray(picture()).convert("L")).astype(int)
    assert np.abs(as_rgb[..., 0].astype(int) - luma).max() <= 8


def test_a_jfif_stream_is_ybr_whatever_the_header_says() -> None:
    out = BytesIO()
    Image.fromarray(picture(), "RGB").save(out, "JPEG", quality=95, subsampling=0)
    assert np.abs(decoded(colour(BASELINE), out.getvalue()).astype(int) - picture()).max() <= 12


def test_rgb_that_adobe_marks_stays_rgb() -> None:
    out = BytesIO()
    Image.fromarray(picture(), "RGB").save(out, "JPEG", quality=95, subsampling=0, keep_rgb=True)
    found = decoded(colour(BASELINE), out.getvalue())
    assert np.abs(found.astype(int) - picture()).max() <= 8


def test_rgb_behind_a_cut_adobe_marker_stays_rgb() -> None:
    """Without its last byte the marker tells nothing, and the components have no names: the header tells."""
    out = BytesIO()
    Image.fromarray(picture(), "RGB").save(out, "JPEG", quality=95, subsampling=0, keep_rgb=True)
    stream = _without_segments(out.getvalue(), 0xEE)
    stream = stream.replace(b"R\x11\0G\x11\0B\x11\0", b"\0\x11\0\1\x11\0\2\x11\0")
    stream = stream.replace(b"\3R\0G\0B\0", b"\3\0\0\1\0\2\0")
    cut = stream[:2] + b"\xff\xee\0\x0cAdobe\0\0\0\0\0" + stream[2:]
    assert np.abs(decoded(colour(BASELINE), cut).astype(int) - picture()).max() <= 8


@pytest.mark.parametrize("kind", ["u4", "i4"])
def test_thirty_two_bit_rle_comes_back(kind: str) -> None:
    values = RNG.integers(0, 2**32, (16, 24)).astype("u4").view(kind)
    planes = values.astype(">u4").tobytes()
    segments = [bytes(imagecodecs.packbits_encode(planes[byte::4])) for byte in range(4)]
    offsets = [64 + sum(map(len, segments[:number])) for number in range(4)]
    frame = pack("<16I", 4, *offsets, *([0] * 11)) + b"".join(segments)
    assert np.array_equal(decoded(grey(32, RLE, signed=kind == "i4"), frame), values)


def test_sixteen_bit_colour_rle_comes_back() -> None:
    values = picture().astype(np.uint16) * 257
    assert np.array_equal(decoded(colour(RLE, bits_allocated=16), encode_frame(values, RLE)), picture())


@pytest.mark.parametrize("packed", [False, True])
def test_one_bit_rle_comes_back(packed: bool) -> None:
    bits = RNG.integers(0, 2, (5, 7)).astype(np.uint8)
    body = np.packbits(bits, bitorder="little").tobytes() if packed else bits.tobytes()
    segment = b"".join(bytes([0, byte]) for byte in body)
    frame = pack("<16I", 1, 64, *([0] * 14)) + segment
    fmt = pixel_format(transfer_syntax=RLE, rows=5, columns=7, bits_allocated=1)
    assert np.array_equal(decoded(fmt, frame), bits)


def test_deflated_frames_are_inflated() -> None:
    values = ramp(12)
    squeezer = zlib.compressobj(wbits=-15)
    frame = squeezer.compress(values.tobytes()) + squeezer.flush()
    fmt = grey(12, "1.2.840.10008.1.2.8.1")
    assert np.array_equal(decoded(fmt, frame + b"\0"), values)
    assert "cannot be inflated" in refused(fmt, b"\xff" * 40)
    assert "cut short" in refused(fmt, frame[: len(frame) // 2])


def test_encapsulated_uncompressed_frames_are_native_ones() -> None:
    values = ramp(12)
    assert np.array_equal(decoded(grey(12, "1.2.840.10008.1.2.1.98"), values.tobytes()), values)


# --- Cut and wrong frames ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("syntax", "encode"), LOSSLESS, ids=IDS)
def test_a_cut_frame_is_refused_never_grey_noise(
    syntax: str, encode: Callable[..., bytes | bytearray]
) -> None:
    frame = bytes(encode(RNG.integers(0, 4096, (16, 24)).astype(np.uint16), 12))
    fmt = grey(12, syntax)
    for cut in {0, 1, 2, 20, 63, 64, 65, 100, len(frame) // 2, len(frame) - 20, len(frame) - 2}:
        assert refused(fmt, frame[:cut]).startswith("a.dcm cannot be decoded (")


def test_a_frame_of_another_size_is_refused() -> None:
    frame = bytes(imagecodecs.jpegls_encode(ramp(12)))
    words = refused(grey(12, JPEG_LS, shape=(17, 24)), frame)
    assert "the frame is 16 x 24 with 1 samples, the header says 17 x 24 with 1" in words


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level"),
        ("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile / Level 5.1"),
        ("1.2.3.4", "transfer syntax 1.2.3.4"),
    ],
)
def test_a_syntax_without_a_decoder_is_named(uid: str, name: str) -> None:
    words = refused(pixel_format(transfer_syntax=uid), b"any")
    assert name in words
    assert uid in words
    assert "no decoder for this transfer syntax" in words


def test_a_wrong_rle_header_is_refused() -> None:
    frame = encode_frame(ramp(12), RLE)
    assert "the frame has 2 RLE segments, not 1" in refused(grey(8, RLE), frame)
    assert "RLE header is wrong" in refused(grey(12, RLE), pack("<3I", 2, 64, 10) + frame[12:])


@pytest.mark.parametrize("seed", range(40))
def test_scrambled_frames_are_pictures_or_refusals(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No library's exception, and nothing worse, comes through, whatever the bytes."""
    monkeypatch.setattr(codec_gdcm, "is_installed", lambda: False)
    scramble = np.random.default_rng(seed)
    for syntax, encode in LOSSLESS:
        frame = bytearray(encode(ramp(12), 12))
        for place in scramble.integers(0, len(frame), 4):
            frame[place] = scramble.integers(0, 256)
        result = decode(grey(12, syntax), bytes(frame), place="a.dcm", at_least=(8, 8) if seed % 2 else None)
        if is_successful(result):
            assert result.unwrap().values.dtype == np.uint16
        else:
            assert result.failure().place == "a.dcm"


# --- Reduced -------------------------------------------------------------------------------------------------


def smooth(bits: int, *, signed: bool = False) -> NDArray[np.integer]:
    """(128, 160) of rings that reach both ends."""
    rows, columns = np.mgrid[0:128, 0:160]
    wave = np.cos(np.hypot(rows - 40, columns - 70) / 25)
    values = np.rint((wave + 1) / 2 * (2**bits - 1)) - (2 ** (bits - 1) if signed else 0)
    made: NDArray[np.integer] = values.astype(("i" if signed else "u") + str(1 if bits <= 8 else 2))
    return made


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize(("least", "side"), [((64, 64), 2), ((32, 40), 4), ((65, 64), 1), ((1, 1), 8)])
def test_jpeg_2000_comes_smaller_and_right(
    bits: int, signed: bool, least: tuple[int, int], side: int
) -> None:
    values = smooth(bits, signed=signed)
    frame = imagecodecs.jpeg2k_encode(
        values, codecformat="j2k", reversible=True, level=0, bitspersample=bits, resolutions=4
    )
    fmt = grey(bits, J2K_LOSSLESS, signed=signed, shape=(128, 160))
    found = decoded(fmt, bytes(frame), at_least=least)
    assert found.shape == (128 // side, 160 // side)
    assert found.dtype == values.dtype
    means = values.reshape(128 // side, side, 160 // side, side).mean((1, 3))
    error = np.abs(found - means) / 2**bits * 255
    assert error.mean() <= side / 4  # left where the wavelet puts them, they would be 1.4 and more away
    assert error.max() <= 14


def test_htj2k_colour_comes_smaller() -> None:
    values = np.repeat(smooth(8)[..., None], 3, axis=-1).astype(np.uint8)
    values[..., 1] = 255 - values[..., 1]
    frame = bytes(imagecodecs.htj2k_encode(values, reversible=True))
    fmt = colour(HTJ2K_LOSSLESS, rows=128, columns=160)
    found = decoded(fmt, frame, at_least=(64, 80))
    assert found.shape == (64, 80, 3)
    means = values.reshape(64, 2, 80, 2, 3).mean((1, 3))
    assert np.abs(found - means).mean() <= 0.5


@pytest.mark.parametrize(("least", "side"), [((64, 80), 2), ((16, 20), 8), ((1, 1), 8), ((100, 20), 1)])
def test_baseline_comes_smaller_and_right(least: tuple[int, int], side: int) -> None:
    values = smooth(8)
    frame = bytes(imagecodecs.jpeg_encode(values, level=95))
    found = decoded(grey(8, BASELINE, shape=(128, 160)), frame, at_least=least)
    assert found.shape == (128 // side, 160 // side)
    means = values.reshape(128 // side, side, 160 // side, side).mean((1, 3))
    assert np.abs(found - means).max() <= 3


def test_indices_are_never_reduced() -> None:
    frame = bytes(imagecodecs.jpeg2k_encode(smooth(8), codecformat="j2k", reversible=True, level=0))
    fmt = pixel_format(
        transfer_syntax=J2K_LOSSLESS,
        rows=128,
        columns=160,
        bits_allocated=8,
        photometric_interpretation="PALETTE COLOR",
    )
    assert np.array_equal(decoded(fmt, frame, at_least=(16, 16)), smooth(8))


def test_a_stream_whose_sign_is_not_the_headers_is_decoded_whole() -> None:
    values = smooth(12)
    cells = ((values.astype(np.int16) << 4) >> 4).astype(np.int16)
    frame = imagecodecs.jpeg2k_encode(cells, codecformat="j2k", reversible=True, level=0, bitspersample=12)
    found = decoded(grey(12, J2K_LOSSLESS, shape=(128, 160)), bytes(frame), at_least=(16, 16))
    assert np.array_equal(found, values)


def test_threads_may_decode_at_once() -> None:
    jobs = [(grey(12, syntax), bytes(encode(ramp(12), 12))) for syntax, encode in LOSSLESS] * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda job: decoded(*job), jobs))
    assert [np.array_equal(one, ramp(12)) for one in found] == [True] * len(jobs)
