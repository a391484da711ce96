"""Laws of compressed frames' own headers: made marker by marker, read back, and missed when they are cut.

ITU-T T.81 (JPEG), T.87 (JPEG-LS), T.800 (JPEG 2000) and PS3.5 G (RLE) say how they are made; PS3.5 8.2 and A.4
where they stand.
"""

from __future__ import annotations

from struct import pack

import pytest
from attrs import evolve, frozen
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.pixels.codec import Codec
from dicom_series_preview.core.pixels.stream_checks import (
    J2kHeader,
    JpegHeader,
    flaw,
    read_header,
    read_j2k_header,
    read_jpeg_header,
    rle_segments,
    sniff,
)
from property_tests.formats import pixel_format

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_2000 = "1.2.840.10008.1.2.4.91"
RLE = "1.2.840.10008.1.2.5"


def _segment(marker: int, body: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(body) + 2) + body


# Entropy-coded bytes: no marker can be among them (T.81 B.1.1.5), and so no end marker.
_CODED = st.binary(min_size=1, max_size=30).map(lambda coded: coded.replace(b"\xff", b"\xff\0"))
_PADDING = st.sampled_from([b"", b"\0", b"\xff", b"\0\0", b"junk"])


# T.81 table B.1: frames begin with SOF0-3, 5-7, 9-11 and 13-15, and JPEG-LS frames with SOF55 (T.87 C.1.1).
_PREDICTED = frozenset({0xC3, 0xC7, 0xCB, 0xCF, 0xF7})
_FRAME_HEADERS = _PREDICTED | {0xC0, 0xC1, 0xC2, 0xC5, 0xC6, 0xC9, 0xCA, 0xCD, 0xCE}
_SCAN = 0xDA
# A segment that is read like the header of a 2 x 2 frame by who does not look at its marker.
_OTHERS = st.one_of(
    st.just(b""),
    st.one_of(st.sampled_from([0xBF, 0xC4, 0xC8, 0xCC, 0xD0, 0xDB]), st.integers(1, 0xFE))
    .filter(lambda marker: marker not in _FRAME_HEADERS | {_SCAN})
    .map(lambda marker: _segment(marker, pack(">BHHB", 8, 2, 2, 1) + b"\1\x11\0")),
)


@frozen
class Stream:
    """A frame, what its header says, where its coded bytes begin and where its end marker does."""

    frame: bytes
    header: JpegHeader | J2kHeader
    coded: int
    end: int


@st.composite
def jpegs(draw: st.DrawFn) -> Stream:
    """JPEG and JPEG-LS streams with marker segments before the frame header, some with a thumbnail's end."""
    rows, columns = draw(st.integers(1, 65535)), draw(st.integers(1, 65535))
    components = draw(st.sampled_from([1, 3]))
    precision = draw(st.integers(2, 16))
    start_of_frame = draw(st.sampled_from(sorted(_FRAME_HEADERS)))
    names = draw(st.sampled_from([b"\1\2\3", b"RGB", b"rgb"]))[:components]
    # T.871 10.1 and T.872 6.5.3: 14 and 12 bytes; what is cut, or begins otherwise, says nothing.
    begin, marker, whole = draw(
        st.sampled_from([(b"JFIF\0", 0xE0, 14), (b"Adobe", 0xEE, 12), (b"JFXX\0", 0xE0, 99)])
    )
    length = draw(st.sampled_from([0, whole - 1, whole, whole + 3]))
    says = _segment(marker, begin.ljust(length, b"\0")) if length else b""
    thumbnail = draw(st.sampled_from([b"", _segment(0xE1, b"Exif\xff\xd8thumb\xff\xd9")]))
    fill = draw(st.sampled_from([b"", b"\xff"]))
    body = pack(">BHHB", precision, rows, columns, components) + b"".join(
        bytes([name, 0x11, 0]) for name in names
    )
    head = b"\xff\xd8" + says + thumbnail + _segment(0xC4, b"\0" * 17) + fill + _segment(start_of_frame, body)
    head += draw(_OTHERS)
    scan = len(head)
    head += _segment(0xDA, bytes([components]) + b"\1\0" * components + b"\0\0\0")
    coded = draw(_CODED)
    return Stream(
        frame=head + coded + b"\xff\xd9" + draw(_PADDING),
        header=JpegHeader(
            rows=rows,
            columns=columns,
            components=components,
            precision=precision,
            lossless=start_of_frame in _PREDICTED,
            jpeg_ls=start_of_frame == 0xF7,
            names_colours=whole <= length < 99 or names == b"RGB",
            scan=scan,
        ),
        coded=len(head),
        end=len(head) + len(coded),
    )


@st.composite
def j2ks(draw: st.DrawFn) -> Stream:
    """JPEG 2000 streams, some off their grid's corner, some inside a JP2 file."""
    rows, columns = draw(st.integers(1, 60000)), draw(st.integers(1, 60000))
    # A corner may lie anywhere in 32 bits, its opposite beyond what a signed number holds.
    corners = st.one_of(st.integers(0, 9), st.integers(2**31 - 60000, 2**31))
    left, top = draw(corners), draw(corners)
    components = draw(st.sampled_from([1, 3]))
    precision, signed = draw(st.one_of(st.just(1), st.integers(1, 38))), draw(st.booleans())
    levels, transform = draw(st.one_of(st.just(0), st.integers(0, 32))), draw(st.booleans())
    depth = bytes([precision - 1 | signed << 7, 1, 1])
    size = pack(">HIIIIIIIIH", 0, columns + left, rows + top, left, top, 64, 64, 0, 0, components)
    jp2 = draw(st.sampled_from([b"", b"\0\0\0\x0cjP  \r\n\x87\n"]))
    head = jp2 + b"\xff\x4f" + _segment(0x51, size + depth * components) + _segment(0x50, b"\0" * 6)
    head += draw(st.sampled_from([b"", _segment(0x01, b"unknown")]))
    if levels:  # a header that says nothing of halvings allows none
        head += _segment(0x52, b"\0\0\0\1" + bytes([transform, levels]) + b"\4\4\0\1") + _segment(
            0x5C, b"\0\0\0"
        )
    scan = len(head)
    head += _segment(0x90, b"\0" * 8) + b"\xff\x93"
    # Among coded bytes only what is above FF8F is a marker (T.800 A.1.1): these say nothing.
    coded = draw(_CODED) + draw(st.sampled_from([b"", b"\xff\x4f\xff\x51"]))
    return Stream(
        frame=head + coded + b"\xff\xd9" + draw(_PADDING),
        header=J2kHeader(
            rows=rows,
            columns=columns,
            components=components,
            precision=precision,
            signed=signed,
            transformed=transform and levels > 0,
            levels=levels,
            scan=scan,
        ),
        coded=len(head),
        end=len(head) + len(coded),
    )


def format_of(stream: Stream) -> PixelFormat:
    """A DICOM header that agrees with the stream."""
    return pixel_format(
        transfer_syntax=JPEG_2000 if isinstance(stream.header, J2kHeader) else JPEG_LOSSLESS,
        rows=stream.header.rows,
        columns=stream.header.columns,
        samples_per_pixel=stream.header.components,
        photometric_interpretation="MONOCHROME2" if stream.header.components == 1 else "RGB",
    )


def codec_of(stream: Stream) -> Codec:
    """The codec that made the stream, by its markers."""
    if isinstance(stream.header, J2kHeader):
        return Codec.JPEG_2000
    return (
        Codec.JPEG_LS
        if stream.header.jpeg_ls
        else Codec.JPEG_LOSSLESS
        if stream.header.lossless
        else Codec.JPEG
    )


STREAMS = st.one_of(jpegs(), j2ks())


@given(STREAMS)
def test_a_stream_says_what_it_is(stream: Stream) -> None:
    """Size, components, precision, sign, levels and colours are read from the markers (T.81 B.2, T.800 A.5)."""
    fmt = format_of(stream)
    assert read_header(codec_of(stream), stream.frame) == stream.header
    assert flaw(codec_of(stream), fmt, stream.frame) is None
    assert sniff(fmt, stream.frame) is codec_of(stream)


@given(STREAMS, st.data())
def test_a_stream_cut_anywhere_before_its_end_is_noticed(stream: Stream, data: st.DataObject) -> None:
    """Without its end marker a frame is cut short, though another image's end lies before the coded bytes."""
    cut = data.draw(st.integers(0, stream.end + 1))
    assert flaw(codec_of(stream), format_of(stream), stream.frame[:cut]) is not None


@given(STREAMS, st.sampled_from(["rows", "columns", "samples_per_pixel"]))
def test_a_stream_of_another_size_is_noticed(stream: Stream, attribute: str) -> None:
    """A stream that disagrees with the DICOM header is not decoded into its array."""
    fmt = format_of(stream)
    other = evolve(fmt, **{attribute: getattr(fmt, attribute) + 2})
    problem = flaw(codec_of(stream), other, stream.frame)
    assert problem is not None
    assert problem.startswith(f"the frame is {fmt.rows} x {fmt.columns} with {fmt.samples_per_pixel} samples")


@pytest.mark.parametrize("names", [b"RGB", b"rgb"])
@pytest.mark.parametrize("components", [1, 3])
def test_components_called_red_green_and_blue_name_the_colours(names: bytes, components: int) -> None:
    """Three components may say by their identifiers what the colours are (T.81 B.2.2); one is none of them.

    To libjpeg small letters say nothing: it would take RGB for YCbCr.
    """
    of_each = b"".join(bytes([name, 0x11, 0]) for name in names[:components])
    start = _segment(0xC0, pack(">BHHB", 8, 2, 2, components) + of_each)
    header = read_jpeg_header(b"\xff\xd8" + start + _segment(_SCAN, b""))
    assert header is not None
    assert header.names_colours == (components == 3 and names == b"RGB")


@pytest.mark.parametrize("marker", sorted(_FRAME_HEADERS))
def test_a_frame_s_marker_tells_whether_its_samples_are_predicted(marker: int) -> None:
    """Not transformed are SOF3, 7, 11 and 15 (T.81 table B.1), and JPEG-LS."""
    start = _segment(marker, pack(">BHHB", 8, 5, 7, 1) + b"\1\x11\0")
    header = read_jpeg_header(b"\xff\xd8" + start + _segment(_SCAN, b""))
    assert header is not None
    assert header.lossless == (marker in _PREDICTED)


@pytest.mark.parametrize("marker", [0xBF, 0xC4, 0xC8, 0xCC, 0xD0, 0xDB, 0xF6, 0xF8])
def test_other_segments_do_not_tell_the_size(marker: int) -> None:
    """Tables and what is reserved or unknown are stepped over (T.81 table B.1), whatever they hold."""
    other = _segment(marker, pack(">BHHB", 8, 2, 2, 1) + b"\1\x11\0")
    start = _segment(0xC0, pack(">BHHB", 8, 5, 7, 1) + b"\1\x11\0")
    header = read_jpeg_header(b"\xff\xd8" + start + other + _segment(_SCAN, b""))
    assert header is not None
    assert (header.rows, header.columns) == (5, 7)


@given(st.integers(0, 65533))
@example(65533)
def test_segments_of_any_length_are_stepped_over(size: int) -> None:
    """A segment's length is an unsigned number of 16 bits (T.81 B.1.1.4, T.800 A.1.2)."""
    start = _segment(0xC0, pack(">BHHB", 8, 5, 7, 0))
    header = read_jpeg_header(b"\xff\xd8" + _segment(0xE2, bytes(size)) + start + _segment(_SCAN, b""))
    assert header is not None
    assert (header.rows, header.columns) == (5, 7)


@given(st.integers(0, 5), st.booleans())
def test_a_frame_header_too_short_for_its_fields_is_none(size: int, wide: bool) -> None:
    """Precision, rows, columns and components take six bytes (T.81 B.2.2); what follows is not among them."""
    start = _segment(0xF7 if wide else 0xC0, b"\1" * size)
    assert read_jpeg_header(b"\xff\xd8" + start + _segment(_SCAN, b"")) is None


@pytest.mark.parametrize(
    ("codec", "frame"),
    [
        (Codec.JPEG_LOSSLESS, b"\xff\xd8" + _segment(0xC4, bytes(17)) + _segment(_SCAN, b"") + b"\xff\xd9"),
        (Codec.JPEG_LOSSLESS, b"\xff\xd9"),
        (Codec.JPEG_2000, b"\xff\x4f" + _segment(0x52, bytes(10)) + _segment(0x90, bytes(8)) + b"\xff\xd9"),
        (
            Codec.JPEG_2000,
            b"\xff\x4f" + _segment(0x51, bytes(39)) + _segment(0, b"") + _segment(0x90, bytes(8)),
        ),
    ],
)
def test_a_stream_without_a_frame_header_is_not_decoded(codec: Codec, frame: bytes) -> None:
    """A scan or a tile before the size of the frame, or no marker at all, is nothing to decode."""
    assert read_header(codec, frame) is None
    problem = "the frame does not begin with the headers of its syntax"
    assert flaw(codec, pixel_format(), frame) == problem


@given(st.binary(max_size=80))
def test_any_bytes_are_a_header_or_none(junk: bytes) -> None:
    """Reading never fails otherwise, and junk has no frame header."""
    beginnings = [b"", b"\xff\xd8", b"\xff\x4f\xff\x51", b"\xff\xd8\xff\xc0", b"\xff\x4f\xff\x51\0\x29"]
    found = [read(start + junk[:20]) for start in beginnings for read in (read_jpeg_header, read_j2k_header)]
    assert found == [None] * len(found)


@st.composite
def rle_frames(draw: st.DrawFn) -> tuple[PixelFormat, bytes, tuple[bytes, ...]]:
    """RLE frames of as many segments as the pixels have bytes (PS3.5 G.5)."""
    samples, bits = draw(st.sampled_from([(1, 8), (1, 16), (1, 32), (3, 8), (3, 16), (1, 1)]))
    count = samples * max(1, bits // 8)
    segments = tuple(draw(st.lists(st.binary(min_size=1, max_size=9), min_size=count, max_size=count)))
    offsets = [64 + sum(len(other) for other in segments[:number]) for number in range(count)]
    frame = pack("<16I", count, *offsets, *([0] * (15 - count))) + b"".join(segments)
    photometric = "RGB" if samples == 3 else "MONOCHROME2"
    fmt = pixel_format(
        transfer_syntax=RLE,
        samples_per_pixel=samples,
        bits_allocated=bits,
        photometric_interpretation=photometric,
    )
    return fmt, frame, segments


@given(rle_frames())
def test_rle_segments_come_back(made: tuple[PixelFormat, bytes, tuple[bytes, ...]]) -> None:
    """The header's offsets divide the frame into its segments."""
    fmt, frame, segments = made
    assert rle_segments(frame) == segments
    assert sniff(fmt, frame) is Codec.RLE
    assert flaw(Codec.RLE, fmt, frame) is None


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=15))
@example([b"x"] * 15)
@example([b"x", b"", b"x"])
@example([b""])
def test_up_to_fifteen_segments_come_back_unless_one_is_empty(segments: list[bytes]) -> None:
    """An RLE header has room for 15 offsets (PS3.5 G.5), and a segment holds at least a byte."""
    offsets = [64 + sum(map(len, segments[:number])) for number in range(15)]
    offsets[len(segments) :] = [0] * (15 - len(segments))
    found = rle_segments(pack("<16I", len(segments), *offsets) + b"".join(segments))
    assert found == (tuple(segments) if all(segments) else None)


@pytest.mark.parametrize("count", [0, 16, 2**32 - 1])
def test_an_rle_header_has_1_to_15_segments(count: int) -> None:
    """PS3.5 G.5: its header has no room for more."""
    assert rle_segments(pack("<16I", count, *range(64, 79)) + bytes(99)) is None


@given(rle_frames(), st.data())
def test_an_rle_frame_cut_before_its_last_segment_is_noticed(
    made: tuple[PixelFormat, bytes, tuple[bytes, ...]], data: st.DataObject
) -> None:
    """An offset at or past the end of the frame cannot be right."""
    fmt, frame, segments = made
    cut = data.draw(st.integers(0, len(frame) - len(segments[-1])))
    assert flaw(Codec.RLE, fmt, frame[:cut]) is not None


@given(rle_frames(), st.integers(0, 2**32 - 1))
def test_a_wrong_number_of_rle_segments_is_noticed(
    made: tuple[PixelFormat, bytes, tuple[bytes, ...]], wrong: int
) -> None:
    """There is one segment for each byte of a pixel, and never more than fifteen."""
    fmt, frame, segments = made
    count = wrong if wrong != len(segments) else 16
    assert flaw(Codec.RLE, fmt, pack("<I", count) + frame[4:]) is not None
