"""Laws of compressed frames' own headers: made marker by marker, read back, and missed when they are cut."""

from __future__ import annotations

from struct import pack

from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.codestream import (
    J2kHeader,
    JpegHeader,
    flaw,
    read_header,
    read_j2k_header,
    read_jpeg_header,
    rle_segments,
)
from dicom_series_preview.core.pixelformat import PixelFormat
from tests.support.formats import pixel_format

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_2000 = "1.2.840.10008.1.2.4.91"
RLE = "1.2.840.10008.1.2.5"

# Entropy-coded bytes: no marker can be among them (T.81 B.1.1.5), and so no end marker.
_CODED = st.binary(min_size=1, max_size=30).map(lambda coded: coded.replace(b"\xff", b"\xff\0"))
_PADDING = st.sampled_from([b"", b"\0", b"\xff", b"\0\0", b"junk"])


@frozen
class Stream:
    """A frame, what its header says, where its coded bytes begin and where its end marker does."""

    frame: bytes
    header: JpegHeader | J2kHeader
    coded: int
    end: int


def _segment(marker: int, body: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(body) + 2) + body


@st.composite
def jpegs(draw: st.DrawFn) -> Stream:
    """JPEG and JPEG-LS streams with marker segments before the frame header, some with a thumbnail's end."""
    rows, columns = draw(st.integers(1, 65535)), draw(st.integers(1, 65535))
    components = draw(st.sampled_from([1, 3]))
    precision = draw(st.integers(2, 16))
    start_of_frame = draw(st.sampled_from([0xC0, 0xC1, 0xC2, 0xC3, 0xF7]))
    names = draw(st.sampled_from([b"\1\2\3", b"RGB", b"rgb"]))[:components]
    says = draw(st.sampled_from([b"", _segment(0xE0, b"JFIF\0rest"), _segment(0xEE, b"Adobe\0rest")]))
    thumbnail = draw(st.sampled_from([b"", _segment(0xE1, b"Exif\xff\xd8thumb\xff\xd9")]))
    fill = draw(st.sampled_from([b"", b"\xff"]))
    body = pack(">BHHB", precision, rows, columns, components) + b"".join(
        bytes([name, 0x11, 0]) for name in names
    )
    head = b"\xff\xd8" + says + thumbnail + _segment(0xC4, b"\0" * 17) + fill + _segment(start_of_frame, body)
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
            lossless=start_of_frame in (0xC3, 0xF7),
            names_colours=bool(says) or names in (b"RGB", b"rgb"),
            scan=scan,
        ),
        coded=len(head),
        end=len(head) + len(coded),
    )


@st.composite
def j2ks(draw: st.DrawFn) -> Stream:
    """JPEG 2000 streams, some off their grid's corner, some inside a JP2 file."""
    rows, columns = draw(st.integers(1, 60000)), draw(st.integers(1, 60000))
    left, top = draw(st.integers(0, 9)), draw(st.integers(0, 9))
    components = draw(st.sampled_from([1, 3]))
    precision, signed = draw(st.integers(1, 38)), draw(st.booleans())
    levels = draw(st.integers(0, 32))
    depth = bytes([precision - 1 | signed << 7, 1, 1])
    size = pack(">HIIIIIIIIH", 0, columns + left, rows + top, left, top, 64, 64, 0, 0, components)
    jp2 = draw(st.sampled_from([b"", b"\0\0\0\x0cjP  \r\n\x87\n"]))
    head = jp2 + b"\xff\x4f" + _segment(0x51, size + depth * components) + _segment(0x50, b"\0" * 6)
    head += _segment(0x52, b"\0\0\0\1\0" + bytes([levels]) + b"\4\4\0\1") + _segment(0x5C, b"\0\0\0")
    scan = len(head)
    head += _segment(0x90, b"\0" * 8) + b"\xff\x93"
    coded = draw(_CODED)
    return Stream(
        frame=head + coded + b"\xff\xd9" + draw(_PADDING),
        header=J2kHeader(
            rows=rows,
            columns=columns,
            components=components,
            precision=precision,
            signed=signed,
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


STREAMS = st.one_of(jpegs(), j2ks())


@given(STREAMS)
def test_a_stream_says_what_it_is(stream: Stream) -> None:
    """Size, components, precision, sign, levels and colours are read from the markers (T.81 B.2, T.800 A.5)."""
    fmt = format_of(stream)
    assert read_header(fmt.transfer_syntax, stream.frame) == stream.header
    assert flaw(fmt, stream.frame) is None


@given(STREAMS, st.data())
def test_a_stream_cut_anywhere_before_its_end_is_noticed(stream: Stream, data: st.DataObject) -> None:
    """Without its end marker a frame is cut short, though another image's end lies before the coded bytes."""
    cut = data.draw(st.integers(0, stream.end + 1))
    assert flaw(format_of(stream), stream.frame[:cut]) is not None


@given(STREAMS, st.sampled_from(["rows", "columns", "samples_per_pixel"]))
def test_a_stream_of_another_size_is_noticed(stream: Stream, attribute: str) -> None:
    """A stream that disagrees with the DICOM header is not decoded into its array."""
    fmt = format_of(stream)
    other = evolve(fmt, **{attribute: getattr(fmt, attribute) + 2})
    problem = flaw(other, stream.frame)
    assert problem is not None
    assert problem.startswith(f"the frame is {fmt.rows} x {fmt.columns} with {fmt.samples_per_pixel} samples")


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
    assert flaw(fmt, frame) is None


@given(rle_frames(), st.data())
def test_an_rle_frame_cut_before_its_last_segment_is_noticed(
    made: tuple[PixelFormat, bytes, tuple[bytes, ...]], data: st.DataObject
) -> None:
    """An offset at or past the end of the frame cannot be right."""
    fmt, frame, segments = made
    cut = data.draw(st.integers(0, len(frame) - len(segments[-1])))
    assert flaw(fmt, frame[:cut]) is not None


@given(rle_frames(), st.integers(0, 2**32 - 1))
def test_a_wrong_number_of_rle_segments_is_noticed(
    made: tuple[PixelFormat, bytes, tuple[bytes, ...]], wrong: int
) -> None:
    """There is one segment for each byte of a pixel, and never more than fifteen."""
    fmt, frame, segments = made
    count = wrong if wrong != len(segments) else 16
    assert flaw(fmt, pack("<I", count) + frame[4:]) is not None
