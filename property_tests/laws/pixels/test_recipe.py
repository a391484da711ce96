"""Laws of recipes: the bytes decide, the name of the syntax only where they are silent (PS3.5 A.4)."""

from __future__ import annotations

from struct import pack

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.header.transfer_syntax import describe_syntax, syntax_name
from dicom_series_preview.core.odd_pixels import OtherCodec, OtherColours, OtherPrecision, OtherSign
from dicom_series_preview.core.pixels.codec import CODECS, Codec
from dicom_series_preview.core.pixels.jpeg_xl import JxlHeader, read_jxl_header
from dicom_series_preview.core.pixels.recipe import HINTS, Coded, Library, Native, recipe
from property_tests.formats import pixel_format

LITTLE = "1.2.840.10008.1.2.1"
BASELINE = "1.2.840.10008.1.2.4.50"
DEFLATED = "1.2.840.10008.1.2.8.1"
UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
_END = b"\xff\xd9"

sizes = st.integers(1, 3000)


def _segment(marker: int, body: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(rows: int, columns: int, components: int = 1, precision: int = 8, marker: int = 0xC0) -> bytes:
    """The markers of a JPEG frame around nothing (ITU-T T.81 B.2)."""
    body = pack(">BHHB", precision, rows, columns, components) + b"\1\x11\0" * components
    return b"\xff\xd8" + _segment(marker, body) + _segment(0xDA, b"\1\1\0\0\0\0") + b"\0" + _END


def j2k(
    rows: int,
    columns: int,
    components: int = 1,
    precision: int = 8,
    signed: bool = False,
    levels: int = 5,
    transform: bool = False,
) -> bytes:
    """The main header of a JPEG 2000 frame, and its end (ITU-T T.800 A.5, A.6)."""
    depth = bytes([precision - 1 | signed << 7, 1, 1]) * components
    size = pack(">HIIIIIIIIH", 0, columns, rows, 0, 0, columns, rows, 0, 0, components)
    style = b"\0\0\0\1" + bytes([transform, levels]) + b"\4\4\0\1"
    return (
        b"\xff\x4f" + _segment(0x51, size + depth) + _segment(0x52, style) + _segment(0x90, bytes(8)) + _END
    )


def jxl(rows: int, columns: int) -> bytes:
    """The beginning of a bare JPEG XL stream: no short form, no ratio (ISO/IEC 18181-1 D.3)."""
    bits = "0"
    for side, ratio in ((rows, "000"), (columns, "")):
        bits += "11"[::-1] + format(side - 1, "030b")[::-1] + ratio
    return b"\xff\x0a" + int(bits[::-1], 2).to_bytes(12, "little")


def rle(segments: int) -> bytes:
    """An RLE frame of one byte in each segment (PS3.5 G.5)."""
    offsets = [64 + 2 * number for number in range(segments)]
    return pack("<16I", segments, *offsets, *[0] * (15 - segments)) + b"\0\7" * segments


FRAMES = {
    Codec.JPEG: jpeg(16, 24),
    Codec.JPEG_LOSSLESS: jpeg(16, 24, marker=0xC3),
    Codec.JPEG_LS: jpeg(16, 24, marker=0xF7),
    Codec.JPEG_2000: j2k(16, 24),
    Codec.JPEG_XL: jxl(16, 24),
    Codec.RLE: rle(1),
}
LIBRARIES = {
    Codec.JPEG: Library.PILLOW,
    Codec.JPEG_LOSSLESS: Library.IMAGECODECS,
    Codec.JPEG_LS: Library.IMAGECODECS,
    Codec.JPEG_2000: Library.OPENJPEG,
    Codec.JPEG_XL: Library.IMAGECODECS,
    Codec.RLE: Library.IMAGECODECS,
}
NAMES = [
    *sorted(CODECS),
    LITTLE,
    "1.2.840.10008.1.2.2",
    "1.2.840.113619.5.2",
    "1.2.840.10008.1.2.4.100",
    "1.2.3",
]


def grey(syntax: str, rows: int = 16, columns: int = 24, bits: int = 8) -> PixelFormat:
    """Encapsulated grey."""
    return pixel_format(
        transfer_syntax=syntax, encapsulated=True, rows=rows, columns=columns, bits_allocated=bits
    )


@pytest.mark.parametrize("codec", list(FRAMES), ids=lambda codec: codec.name)
@pytest.mark.parametrize("syntax", NAMES)
def test_a_frame_is_decoded_as_what_it_is_under_every_name(codec: Codec, syntax: str) -> None:
    """Its mark wins; where the syntax names another codec, or none, that is told with both."""
    made = recipe(grey(syntax), FRAMES[codec]).unwrap()
    assert isinstance(made, Coded)
    assert (made.steps[0].codec, made.steps[0].library) == (codec, LIBRARIES[codec])
    other = [] if CODECS.get(syntax) is codec else [OtherCodec(codec.value, describe_syntax(syntax))]
    assert list(made.odd) == other
    assert [str(odd) for odd in made.odd] == [
        f"the frames are {codec.value}, not what the transfer syntax ({describe_syntax(syntax)}) says: "
        "read as they are"
        for _ in other
    ]


@given(st.booleans(), st.sampled_from([0, 1]), st.sampled_from([8, 12, 16]), st.booleans())
def test_that_a_stream_is_signed_and_its_pixels_are_not_is_told(
    signed: bool, representation: int, precision: int, renamed: bool
) -> None:
    """Who is right is not known; samples without a sign are right under both (PS3.5 8.2.4)."""
    fmt = grey(BASELINE if renamed else "1.2.840.10008.1.2.4.90", bits=16)
    frame = j2k(16, 24, precision=precision, signed=signed)
    made = recipe(evolve(fmt, pixel_representation=representation), frame).unwrap()
    assert isinstance(made, Coded)
    assert made.odd.count(OtherSign()) == (signed and representation == 0)
    assert len(made.odd) == renamed + made.odd.count(OtherSign())


@given(st.sampled_from([8, 12]), st.integers(1, 16), st.sampled_from([0xC0, 0xC1, 0xC2, 0xC3, 0xF7]))
def test_that_a_lossy_jpeg_has_fewer_bits_than_its_pixels_is_told(
    precision: int, stored: int, marker: int
) -> None:
    """Samples of 8 bits say nothing of how 12 are to be made of them; without loss they may be all there are."""
    fmt = evolve(grey("1.2.840.10008.1.2.4.51", bits=16), bits_stored=stored)
    made = recipe(fmt, jpeg(16, 24, precision=precision, marker=marker)).unwrap()
    assert isinstance(made, Coded)
    told = [odd for odd in made.odd if not isinstance(odd, OtherCodec)]
    lossy = marker in (0xC0, 0xC1, 0xC2)
    assert told == ([OtherPrecision(precision, stored)] if lossy and precision < stored else [])


@pytest.mark.parametrize("transform", [False, True])
@pytest.mark.parametrize(
    ("colours", "contradicts"),
    [
        *((name, False) for name in ("RGB", "YBR_ICT", "YBR_RCT")),
        *((name, True) for name in ("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420")),
    ],
)
def test_that_a_stream_transforms_what_is_no_rgb_is_told(
    colours: str, contradicts: bool, transform: bool
) -> None:
    """A stream with a transform holds YBR_ICT or YBR_RCT, one of chrominances has none (PS3.5 8.2.4)."""
    fmt = evolve(grey("1.2.840.10008.1.2.4.90"), samples_per_pixel=3, photometric_interpretation=colours)
    made = recipe(fmt, j2k(16, 24, components=3, transform=transform)).unwrap()
    assert isinstance(made, Coded)
    assert made.odd == ((OtherColours(colours),) if transform and contradicts else ())
    assert all(one.fmt.photometric_interpretation == colours for one in made.steps)


@given(st.binary(max_size=400), st.sampled_from(NAMES))
def test_native_frames_are_never_decoded(frame: bytes, syntax: str) -> None:
    """Pixel data that is not encapsulated has no codec, whatever its bytes and its name."""
    fmt = pixel_format(transfer_syntax=syntax, encapsulated=False)
    assert recipe(fmt, frame).unwrap() == Native()


@given(st.sampled_from([UNCOMPRESSED, LITTLE, "1.2.840.10008.1.2.2"]), st.data())
def test_native_frames_in_items_are_known_by_their_length(syntax: str, data: st.DataObject) -> None:
    """PS3.5 A.4.11: as long as the frame is, or a byte longer where that is odd; anything else is refused."""
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    fmt = grey(syntax, rows, columns)
    length = rows * columns
    right = [bytes(length)] + [bytes(length + 1)] * (length % 2)
    assert [recipe(fmt, frame).unwrap() for frame in right] == [Native()] * len(right)
    wrong = data.draw(st.integers(0, 200).filter(lambda size: size not in (length, length + 1)))
    words = f"the frame is neither compressed nor native: it has {wrong} bytes, not {length}"
    assert recipe(fmt, bytes(wrong)).failure() == words


def test_a_native_frame_that_begins_like_a_jpeg_is_native() -> None:
    """Its length says so; a stream just as long would be chance."""
    frame = FRAMES[Codec.JPEG]
    assert recipe(grey(UNCOMPRESSED, 1, len(frame)), frame).unwrap() == Native()
    assert recipe(grey(LITTLE, 1, len(frame)), frame).unwrap() == Native()


MARKS = (b"\xff\x0a", b"\xff\xd8", b"\xff\x4f", b"\0\0\0\x0cjP  ", b"\0\0\0\x0cJXL ")
"""How streams of other codecs begin."""


@given(st.binary(max_size=40).filter(lambda frame: not frame.startswith(MARKS)))
def test_deflated_frames_are_inflated(frame: bytes) -> None:
    """PS3.5 A.4.12: there is no mark; the name alone tells."""
    assert recipe(grey(DEFLATED), frame).unwrap() == Native(deflated=True)


@given(
    st.binary(max_size=60).filter(lambda frame: not frame.startswith((b"\xff", *MARKS))),
    st.sampled_from(sorted(CODECS)),
)
def test_junk_under_a_codec_s_name_is_refused(frame: bytes, syntax: str) -> None:
    """Each codec looks for its own beginning."""
    coded = CODECS[syntax] not in (Codec.NONE, Codec.DEFLATE)
    assert is_successful(recipe(grey(syntax, 100, 100), frame)) == (syntax == DEFLATED)
    words = "RLE header is wrong" if CODECS[syntax] is Codec.RLE else "does not begin with the headers"
    assert not coded or words in recipe(grey(syntax, 100, 100), frame).failure()


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.100", "1.2.3"])
def test_without_a_mark_an_unknown_syntax_has_no_decoder(syntax: str) -> None:
    """MPEG and private syntaxes."""
    assert recipe(grey(syntax), b"\0\0\1\xb3").failure() == "no decoder for this transfer syntax"


# --- Options -------------------------------------------------------------------------------------------------


@given(precision=st.integers(2, 16))
def test_pillow_decodes_jpeg_of_eight_bits_alone(precision: int) -> None:
    """12-bit and lossless JPEG go to imagecodecs."""
    fmt = grey("1.2.840.10008.1.2.4.51", bits=16)
    made = recipe(fmt, jpeg(16, 24, precision=precision)).unwrap()
    assert isinstance(made, Coded)
    assert made.steps[0].library is (Library.PILLOW if precision == 8 else Library.IMAGECODECS)


@pytest.mark.parametrize(("syntax", "codec"), [(syntax, CODECS[syntax]) for syntax in sorted(CODECS)])
@pytest.mark.parametrize("precision", [7, 8, 12])
def test_gdcm_is_asked_last_about_what_it_decodes(syntax: str, codec: Codec, precision: int) -> None:
    """Not about HTJ2K, JPEG XL, RLE; not JPEG of 12 bits, nor JPEG-LS of fewer than 8; nor other names."""
    known = syntax.rsplit(".", 1)[1] in ("50", "51", "57", "70", "80", "81", "90", "91")
    markers = {Codec.JPEG: 0xC0, Codec.JPEG_LOSSLESS: 0xC3, Codec.JPEG_LS: 0xF7}
    frame = j2k(16, 24, precision=precision)
    if codec in markers:
        frame = jpeg(16, 24, precision=precision, marker=markers[codec])
    made = recipe(grey(syntax, bits=16), frame).unwrap()
    assert isinstance(made, Coded)
    wrong = {Codec.JPEG: precision > 8, Codec.JPEG_LS: precision < 8}
    asked = known and not wrong.get(codec, False)
    assert [step.library for step in made.steps[1:]] == ([Library.GDCM] if asked else [])
    assert set(HINTS) == set(Library)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_colours_without_a_word_are_the_header_s(named: bool, photometric: str) -> None:
    """PS3.5 8.2.1: three components stay as they are where only the header says RGB."""
    frame = jpeg(16, 24, components=3)
    if named:
        frame = frame[:2] + _segment(0xE0, b"JFIF\0".ljust(14)) + frame[2:]
    fmt = evolve(grey(BASELINE), samples_per_pixel=3, photometric_interpretation=photometric)
    made = recipe(fmt, frame).unwrap()
    assert isinstance(made, Coded)
    assert made.steps[0].keep_colours == (photometric == "RGB" and not named)


# --- Smaller -------------------------------------------------------------------------------------------------


def halvings(fmt: PixelFormat, frame: bytes, at_least: tuple[int, int] | None) -> int:
    """How often the first step halves the picture; the whole one comes second then."""
    made = recipe(fmt, frame, at_least).unwrap()
    assert isinstance(made, Coded)
    first = made.steps[0].halvings
    assert made.steps[1 if first else 0].halvings == 0
    assert not first or made.steps[0].library is Library.PILLOW
    return first


@given(rows=sizes, columns=sizes, least=st.tuples(sizes, sizes), levels=st.integers(0, 6))
def test_jpeg_2000_is_halved_as_often_as_it_stays_large_enough(
    rows: int, columns: int, least: tuple[int, int], levels: int
) -> None:
    """Each halving rounds up (T.800 B.5); there are no more than the stream has levels."""
    found = halvings(grey("1.2.840.10008.1.2.4.90", rows, columns), j2k(rows, columns, levels=levels), least)
    large_enough = []
    size = (rows, columns)
    for _ in range(levels):
        size = (size[0] - size[0] // 2, size[1] - size[1] // 2)
        large_enough.append(size[0] >= least[0] and size[1] >= least[1])
    assert found == sum(large_enough)


def _halved(side: int, times: int) -> int:
    return side if times == 0 else _halved(side - side // 2, times - 1)


@given(rows=st.integers(64, 3000), columns=st.integers(64, 3000), times=st.integers(1, 5))
def test_jpeg_2000_is_halved_down_to_the_very_size_that_is_asked_for(
    rows: int, columns: int, times: int
) -> None:
    """And not once more where a side would lack one pixel."""
    fmt, frame = grey("1.2.840.10008.1.2.4.90", rows, columns), j2k(rows, columns, levels=5)
    small = (_halved(rows, times), _halved(columns, times))
    assert halvings(fmt, frame, small) == times
    assert halvings(fmt, frame, (small[0] + 1, small[1])) == times - 1
    assert halvings(fmt, frame, (small[0], small[1] + 1)) == times - 1


@given(rows=sizes, columns=sizes, least=st.tuples(sizes, sizes))
def test_baseline_jpeg_is_halved_three_times_at_most(rows: int, columns: int, least: tuple[int, int]) -> None:
    """The transform of an 8 x 8 block gives 4 x 4, 2 x 2 or one sample."""
    found = halvings(grey(BASELINE, rows, columns), jpeg(rows, columns), least)
    assert found == max(n for n in range(4) if n == 0 or (rows >= least[0] << n and columns >= least[1] << n))


_SMALL = (2, 2)


@pytest.mark.parametrize(
    ("fmt", "frame"),
    [
        (grey("1.2.840.10008.1.2.4.51"), jpeg(16, 24)),
        (grey("1.2.840.10008.1.2.4.57"), jpeg(16, 24, marker=0xC3)),
        (grey(BASELINE, bits=16), jpeg(16, 24, precision=12)),
        (evolve(grey(BASELINE), photometric_interpretation="PALETTE COLOR"), jpeg(16, 24)),
        (evolve(grey("1.2.840.10008.1.2.4.90"), photometric_interpretation="PALETTE COLOR"), j2k(16, 24)),
        (grey("1.2.840.10008.1.2.4.90"), j2k(16, 24, signed=True)),
        (evolve(grey("1.2.840.10008.1.2.4.90"), pixel_representation=1), j2k(16, 24)),
        (grey("1.2.840.10008.1.2.4.90", bits=32), j2k(16, 24, precision=17)),
        (grey("1.2.840.10008.1.2.4.90"), b"\0\0\0\x0cjP  \r\n\x87\n" + j2k(16, 24)),
        (grey("1.2.840.10008.1.2.4.110"), jxl(16, 24)),
        (grey("1.2.840.10008.1.2.5"), rle(1)),
        *(
            (
                evolve(
                    grey("1.2.840.10008.1.2.4.90", bits=16),
                    samples_per_pixel=3,
                    photometric_interpretation=colours,
                    pixel_representation=int(signed),
                ),
                j2k(16, 24, 3, precision, signed),
            )
            for colours, precision, signed in (("RGB", 12, False), ("RGB", 8, True), ("YBR_FULL", 8, False))
        ),
    ],
)
def test_where_it_is_not_known_to_be_right_the_whole_frame_is_decoded(fmt: PixelFormat, frame: bytes) -> None:
    """Indices, foreign signs, samples Pillow cannot hold, files around streams: nothing is halved."""
    assert halvings(fmt, frame, _SMALL) == 0


@pytest.mark.parametrize("colours", ["RGB", "YBR_ICT", "YBR_RCT"])
def test_colours_of_eight_bits_are_halved(colours: str) -> None:
    """They are RGB once they are decoded."""
    fmt = evolve(grey("1.2.840.10008.1.2.4.90"), samples_per_pixel=3, photometric_interpretation=colours)
    assert halvings(fmt, j2k(16, 24, 3), (8, 8)) == 1
    assert halvings(fmt, j2k(16, 24, 3), None) == 0
    signed = evolve(grey("1.2.840.10008.1.2.4.90", bits=16), pixel_representation=1)
    assert halvings(signed, j2k(16, 24, precision=16, signed=True), (8, 8)) == 1


# --- JPEG XL -------------------------------------------------------------------------------------------------


@given(
    rows=st.integers(1, 2**30),
    columns=st.integers(1, 2**30),
    boxed=st.integers(0, 6),
    free=st.binary(max_size=300),
)
def test_a_jpeg_xl_stream_tells_its_size(rows: int, columns: int, boxed: int, free: bytes) -> None:
    """Bare, or in the box of a file, behind others, whole or in parts, with long or short lengths.

    ISO/IEC 18181-2.
    """
    stream = jxl(rows, columns)
    file = b"\0\0\0\x0cJXL \r\n\x87\n" + pack(">I", 20) + b"ftypjxl \0\0\0\0jxl "
    forms = (
        stream,
        file + pack(">I", len(stream) + 8) + b"jxlc" + stream,
        file + pack(">I", len(stream) + 12) + b"jxlp\0\0\0\0" + stream,
        file + pack(">I4sQ", 1, b"jxlc", len(stream) + 16) + stream,
        file + pack(">I", 0) + b"jxlc" + stream,
        file + pack(">I4s", len(free) + 8, b"free") + free + pack(">I", 0) + b"jxlc" + stream,
        file + pack(">I4sQ", 1, b"free", len(free) + 16) + free + pack(">I", 0) + b"jxlc" + stream,
    )
    assert read_jxl_header(forms[boxed]) == JxlHeader(rows, columns)


@given(eighth=st.integers(1, 32), ratio=st.integers(1, 7))
def test_a_small_jpeg_xl_picture_tells_its_height_and_shape(eighth: int, ratio: int) -> None:
    """Sides of up to 256 px that 8 divides take five bits; usual shapes three."""
    bits = "1" + format(eighth - 1, "05b")[::-1] + format(ratio, "03b")[::-1]
    shapes = {1: 1.0, 2: 1.2, 3: 4 / 3, 4: 1.5, 5: 16 / 9, 6: 1.25, 7: 2.0}
    found = read_jxl_header(b"\xff\x0a" + int(bits[::-1], 2).to_bytes(10, "little"))
    assert found == JxlHeader(8 * eighth, int(8 * eighth * shapes[ratio] + 1e-9))


@given(st.sampled_from([9, 13, 18]), st.data())
def test_jpeg_xl_sides_of_each_length(width: int, data: st.DataObject) -> None:
    """A side takes 9, 13, 18 or 30 bits, which two others tell."""
    side = data.draw(st.integers(1, 2**width))
    choice = {9: "00", 13: "10", 18: "01"}[width]  # from the lowest bit on
    one = choice + format(side - 1, f"0{width}b")[::-1]
    bits = "0" + one + "000" + one
    assert read_jxl_header(b"\xff\x0a" + int(bits[::-1], 2).to_bytes(10, "little")) == JxlHeader(side, side)


@given(st.integers(0, 11), st.binary(max_size=30))
def test_a_jpeg_xl_stream_cut_in_its_size_has_none(cut: int, junk: bytes) -> None:
    """So has a file without the box of the stream, or with one that has no length."""
    assert read_jxl_header(jxl(9, 9)[:cut]) is None
    file = b"\0\0\0\x0cJXL \r\n\x87\n"
    assert read_jxl_header(file) is None
    assert read_jxl_header(file + pack(">I", 4) + b"junk" + junk) is None
    assert read_jxl_header(file + pack(">I", 8 + len(junk)) + b"free" + junk) is None
    assert read_jxl_header(file + pack(">I", 40) + b"jxlc" + b"\0" * 32) is None


@given(rows=sizes, columns=sizes, other=sizes)
def test_a_jpeg_xl_frame_of_another_size_is_refused(rows: int, columns: int, other: int) -> None:
    """Before a decoder makes room for it."""
    fmt = grey("1.2.840.10008.1.2.4.112", rows, other)
    found = recipe(fmt, jxl(rows, columns))
    assert is_successful(found) == (columns == other)
    words = f"the frame is {rows} x {columns}, the header says {rows} x {other}"
    assert is_successful(found) or found.failure() == words


def test_syntaxes_are_described_by_name_and_uid() -> None:
    """PS3.6 table A-1."""
    assert syntax_name("1.2.840.10008.1.2") == "Implicit VR Little Endian"
    assert describe_syntax("1.2.840.10008.1.2.4.110") == "JPEG XL Lossless, 1.2.840.10008.1.2.4.110"
    assert describe_syntax("1.2.840.10008.1.2.4.90") == (
        "JPEG 2000 Image Compression (Lossless Only), 1.2.840.10008.1.2.4.90"
    )
    assert describe_syntax("1.2.3") == "transfer syntax 1.2.3"
    assert syntax_name(".4.50") == ""
    assert [syntax_name(syntax) != "" for syntax in CODECS] == [True] * len(CODECS)
