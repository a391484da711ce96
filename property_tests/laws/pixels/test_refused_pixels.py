"""Laws of pixel data that cannot be found, read or believed: refused in words, never guessed.

PS3.3 C.7.6.3 says what an Image Pixel module holds, PS3.5 8 and A.4 how its pixel data is encoded.
"""

from __future__ import annotations

from struct import pack

import numpy as np
import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.objects import BadPalette, BadPixelData, BadPixelModule
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.image_pixel import PixelSpan, read_pixel_format
from dicom_series_preview.core.odd_pixels import NoDelimiter
from dicom_series_preview.core.pixels.codec import Codec
from dicom_series_preview.core.pixels.fragments import answer, locate_frames
from dicom_series_preview.core.pixels.items import Extracted, FrameRange, extract
from dicom_series_preview.core.pixels.palette import read_palette
from dicom_series_preview.core.pixels.samples import centred
from dicom_series_preview.core.pixels.stream_checks import flaw, read_j2k_header, rle_segments
from property_tests.formats import JPEG_LOSSLESS, encapsulated, item, pixel_format

RLE = "1.2.840.10008.1.2.5"
CHANNELS = ("Red", "Green", "Blue")

counts = st.integers(1, 6)


# --- Finding frames ----------------------------------------------------------------------------------------


@given(reads=st.integers(0, 1), fragments=st.integers(5, 9))
def test_a_store_s_fault_ends_the_search(reads: int, fragments: int) -> None:
    """The first read that fails is the answer, whatever was found before."""
    content = encapsulated([[b"\xff\xd8\xff" + b"L" * 70_000] for _ in range(fragments)], "empty")
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=fragments)
    done = []

    def read(start: int, stop: int) -> Result[bytes, str]:
        done.append(start)
        return Failure("gone") if len(done) > reads else Success(content[start:stop])

    search = locate_frames(fmt, PixelSpan(0, len(content)), len(content), range(fragments))
    assert answer(search, read).failure() == "gone"
    assert len(done) == reads + 1


@given(
    start=st.integers(0, 99), needed=st.integers(1, 99), missing=st.integers(1, 99), frame=st.integers(0, 9)
)
def test_a_native_frame_that_came_short_is_refused(start: int, needed: int, missing: int, frame: int) -> None:
    """Fewer bytes than the frame has are no frame; more are cut to it."""
    where = FrameRange(start, start + needed)
    held = max(0, needed - missing)
    problem = f"it is cut short, {held} of {needed} bytes are there"
    assert extract(pixel_format(), where, bytes(held), frame).failure() == BadPixelData(frame, problem)
    assert extract(pixel_format(), where, bytes(needed + missing), frame).unwrap().data == bytes(needed)


@given(
    parts=st.lists(
        st.binary(min_size=2, max_size=6).filter(lambda part: len(part) % 2 == 0), min_size=1, max_size=4
    ),
    junk=st.binary(min_size=8, max_size=12),
    start=st.integers(0, 99),
)
def test_what_is_no_item_ends_a_frame_or_refuses_it(parts: list[bytes], junk: bytes, start: int) -> None:
    """Behind the last fragment it only stands for the delimiter; where a table told more, that was wrong."""
    assume(junk[:4] not in (b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"))
    held = b"".join(item(part) for part in parts)
    assume(not any(part.startswith(b"\xff\xd8") for part in parts))
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS)
    open_end = FrameRange(start, 2**40, items=True)
    assert extract(fmt, open_end, held).unwrap() == Extracted(b"".join(parts))
    assert extract(fmt, open_end, held + junk).unwrap() == Extracted(b"".join(parts), odd=(NoDelimiter(),))
    found = extract(fmt, evolve(open_end, exact=True), held + junk, 2)
    assert found.failure() == BadPixelData(2, f"there is no item at byte {start + len(held)}")
    words = f"the transfer syntax says that frames lie in items, but there is no item at byte {start}"
    assert extract(fmt, open_end, junk, 2).failure() == BadPixelData(2, words)


@given(
    frames=counts,
    beyond=st.integers(0, 5),
    before=st.integers(1, 5),
    syntax=st.sampled_from((JPEG_LOSSLESS, RLE, "1.2.840.10008.1.2.1")),
)
def test_a_frame_that_the_object_does_not_have_is_refused(
    frames: int, beyond: int, before: int, syntax: str
) -> None:
    """A number before the first or after the last frame is no frame; the others are found all the same."""
    fmt = pixel_format(transfer_syntax=syntax, number_of_frames=frames, rows=1, columns=2)
    content = (
        bytes(4 * frames)
        if syntax.endswith(".1")
        else encapsulated([[b"\xff\xd8\xff\xe0"]] * frames, "basic")
    )
    search = locate_frames(fmt, PixelSpan(0, len(content)), len(content), [frames + beyond, 0, -before])
    after, first, early = answer(search, lambda start, stop: Success(content[start:stop])).unwrap()
    assert isinstance(first, Success)
    problem = f"not all of the {frames} frames are there"
    assert after.failure() == BadPixelData(frames + beyond, problem)
    assert early.failure() == BadPixelData(-before, problem)


@given(frames=st.integers(2, 5), fragments=st.integers(2, 9))
def test_fragments_that_show_no_frames_are_refused(frames: int, fragments: int) -> None:
    """Without an offset table, and with fragments that do not begin like frames, there is no telling."""
    assume(fragments != frames)
    content = encapsulated([[b"junk"]] * fragments, "empty")
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    search = locate_frames(fmt, PixelSpan(0, None), len(content), [0])
    (found,) = answer(search, lambda start, stop: Success(content[start:stop])).unwrap()
    problem = f"there is no offset table, and {fragments} fragments do not show where {frames} frames begin"
    assert found.failure() == BadPixelData(0, problem)


@given(frames=st.integers(2, 6), known=st.booleans(), junk=st.binary(max_size=12))
@example(frames=2, known=True, junk=b"")
def test_encapsulated_frames_begin_with_an_item(frames: int, known: bool, junk: bytes) -> None:
    """Without the item of the Basic Offset Table (PS3.5 A.4), which may be empty, there is no telling them."""
    assume(junk[:4] != b"\xfe\xff\x00\xe0")
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    search = locate_frames(fmt, PixelSpan(0, None), len(junk) if known else None, [0])
    (found,) = answer(search, lambda start, stop: Success(junk[start:stop])).unwrap()
    assert found.failure() == BadPixelData(
        0, "the transfer syntax says that frames lie in items, but the pixel data does not begin with one"
    )


@given(sizes=st.lists(st.integers(1, 3), min_size=2, max_size=4), count=st.integers(1, 15))
def test_rle_frames_are_known_by_their_headers(sizes: list[int], count: int) -> None:
    """Without an offset table an RLE frame begins where a fragment has an RLE header (PS3.5 G.5)."""
    head = pack("<16I", count, 64, *[0] * 14)
    frames = [[head, *[b"more"] * (size - 1)] for size in sizes]
    content = encapsulated(frames, "empty")
    fmt = pixel_format(transfer_syntax=RLE, number_of_frames=len(frames))
    search = locate_frames(fmt, PixelSpan(0, None), len(content), range(len(frames)))
    found = answer(search, lambda start, stop: Success(content[start:stop])).unwrap()
    for where, frame in zip(found, frames, strict=True):
        at = where.unwrap()
        assert extract(fmt, at, content[at.start : at.stop]).unwrap().data == b"".join(frame)


@given(frames=counts, first=st.integers(1, 40))
def test_an_extended_table_begins_at_the_first_frame(frames: int, first: int) -> None:
    """Offsets that do not begin with 0 are no table: the fragments tell where the frames are."""
    made = [[b"\xff\xd8\xff" + bytes([number])] for number in range(frames)]
    content = encapsulated(made, "empty")
    wrong = (
        pack(f"<{frames}Q", *(first + 12 * i for i in range(frames))),
        pack(f"<{frames}Q", *[4] * frames),
    )
    fmt = pixel_format(transfer_syntax=JPEG_LOSSLESS, number_of_frames=frames)
    search = locate_frames(fmt, PixelSpan(0, None), len(content), range(frames), wrong)
    found = answer(search, lambda start, stop: Success(content[start:stop])).unwrap()
    for where, frame in zip(found, made, strict=True):
        at = where.unwrap()
        assert extract(fmt, at, content[at.start : at.stop]).unwrap().data == frame[0]


# --- Believing headers -------------------------------------------------------------------------------------


@given(rows=st.integers(1, 9), columns=st.integers(1, 9))
@pytest.mark.parametrize("photometric", ["YBR_FULL_422", "YBR_PARTIAL_422"])
def test_subsampled_pixels_come_in_pairs(photometric: str, rows: int, columns: int) -> None:
    """Two pixels share their chrominance (PS3.3 C.7.6.3.1.2): an odd number of them is refused."""
    source = {
        "Rows": Element("US", (rows,)),
        "Columns": Element("US", (columns,)),
        "BitsAllocated": Element("US", (8,)),
        "SamplesPerPixel": Element("US", (3,)),
        "PhotometricInterpretation": Element("CS", (photometric,)),
    }
    found = read_pixel_format(source, "1.2.840.10008.1.2.1", "PixelData", "OW", 0)
    odd = BadPixelModule("Columns", str(columns), f"{photometric} needs an even number of pixels")
    assert is_successful(found) == (rows % 2 == 0 or columns % 2 == 0)
    assert is_successful(found) or found.failure() == odd


def test_a_jpeg_2000_stream_without_markers_has_no_header() -> None:
    """Where a marker should stand and none does, there is no header to go by."""
    assert read_j2k_header(b"\xff\x4f\x12\x34" + bytes(60)) is None
    assert read_j2k_header(b"\xff\x4f\xff\x51" + bytes(5)) is None
    assert read_j2k_header(b"nothing of the kind") is None


@given(count=st.one_of(st.just(0), st.integers(16, 2**32 - 1)), size=st.integers(64, 80))
def test_an_rle_header_has_one_to_fifteen_segments(count: int, size: int) -> None:
    """Any other number of segments is no RLE header (PS3.5 G.5)."""
    assert rle_segments(pack("<16I", count, 64, *[0] * 14) + bytes(size - 64)) is None


@given(segments=st.integers(1, 6), samples=st.sampled_from((1, 3)), bits=st.sampled_from((8, 16)))
def test_an_rle_frame_has_a_segment_for_each_byte_of_a_pixel(segments: int, samples: int, bits: int) -> None:
    """More or fewer segments than samples times bytes make no frame of these pixels (PS3.5 G.2)."""
    head = pack("<16I", segments, *[64 + 2 * i for i in range(segments)], *[0] * (15 - segments))
    fmt = pixel_format(transfer_syntax=RLE, samples_per_pixel=samples, bits_allocated=bits)
    expected = samples * bits // 8
    words = None if segments == expected else f"the frame has {segments} RLE segments, not {expected}"
    assert flaw(Codec.RLE, fmt, head + bytes(2 * segments)) == words


# --- Palettes ----------------------------------------------------------------------------------------------


def _palette(**changes: Element | None) -> dict[str, Element]:
    made: dict[str, Element | None] = {}
    for channel in CHANNELS:
        made[f"{channel}PaletteColorLookupTableDescriptor"] = Element("US", (2, 0, 16))
        made[f"{channel}PaletteColorLookupTableData"] = Element("OW", (b"\1\0\2\0",))
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "descriptor", [None, Element("US", (2, 0)), Element("US", ()), Element("LO", ("a", "b", "c"))]
)
def test_a_palette_has_a_descriptor_for_each_colour(channel: str, descriptor: Element | None) -> None:
    """Without three numbers that describe it, a table is unusable, and its colour is named."""
    found = read_palette(_palette(**{f"{channel}PaletteColorLookupTableDescriptor": descriptor}))
    assert found.failure() == BadPalette(channel, "its descriptor is missing or has not three values")


@pytest.mark.parametrize("channel", CHANNELS)
@given(bits=st.integers(0, 40).filter(lambda bits: bits not in (8, 16)))
def test_a_palette_s_entries_have_8_or_16_bits(channel: str, bits: int) -> None:
    """The third value of a descriptor is 8 or 16 (PS3.3 C.7.6.3.1.5)."""
    found = read_palette(
        _palette(**{f"{channel}PaletteColorLookupTableDescriptor": Element("US", (2, 0, bits))})
    )
    assert found.failure() == BadPalette(channel, f"its entries have {bits} bits, not 8 or 16")


@pytest.mark.parametrize("channel", CHANNELS)
@given(entries=st.integers(0, 65535), held=st.integers(0, 9), spare=st.integers(0, 1))
@example(entries=9, held=6, spare=0)
def test_a_palette_has_all_the_entries_it_speaks_of(
    channel: str, entries: int, held: int, spare: int
) -> None:
    """A table of 16 bits takes a word for each entry, and 0 entries are 65536 (PS3.3 C.7.6.3.1.5).

    Just a byte for each is a table of 8 bits.
    """
    promised = entries or 65536
    assume(held < promised and 2 * held + spare not in (promised, promised + 1))
    found = read_palette(
        _palette(
            **{
                f"{channel}PaletteColorLookupTableDescriptor": Element("US", (entries, 0, 16)),
                f"{channel}PaletteColorLookupTableData": Element("OW", (bytes(2 * held + spare),)),
            }
        )
    )
    assert found.failure() == BadPalette(channel, f"it has {held} of {promised} entries")


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_palette_has_data_for_each_colour(channel: str) -> None:
    """A described table without data, plain or segmented, is unusable."""
    found = read_palette(_palette(**{f"{channel}PaletteColorLookupTableData": None}))
    assert found.failure() == BadPalette(channel, "it has no data")


def _segmented(entries: int, codes: list[int]) -> Result[list[list[int]], BadPalette]:
    made: dict[str, Element] = {}
    for channel in CHANNELS:
        made[f"{channel}PaletteColorLookupTableDescriptor"] = Element("US", (entries, 0, 16))
        made[f"Segmented{channel}PaletteColorLookupTableData"] = Element(
            "OW", (pack(f"<{len(codes)}H", *codes),)
        )
    return read_palette(made).map(lambda palette: palette.colours.tolist())


@given(
    st.lists(st.integers(0, 255), min_size=1, max_size=9), st.integers(1, 4), st.integers(0, 65535), st.data()
)
@example([7, 9], 3, 65535, None)
@example([7, 9], 2, 0, None)
def test_copies_beyond_the_table_s_end_are_left_out(
    entries: list[int], segments: int, more: int, data: st.DataObject | None
) -> None:
    """An indirect segment may ask for more segments than the table has room for: it is filled, and no more."""
    told = segments * len(entries)
    room = 1 if data is None else data.draw(st.integers(1, told))
    copied = min(65535, -(-room // len(entries)) + more)
    found = _segmented(told + room, [0, len(entries), *entries] * segments + [2, copied, 0, 0])
    assert found.unwrap() == [[entry] * 3 for entry in (entries * segments * 2)[: told + room]]


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        (9, [0, 1, 7, 2, 2, 0, 0]),  # the second copy is of the indirect segment itself
        (9, [0, 1, 7, 2, 1, 100, 0]),  # copies of what is not there
        (2, [0, 1, 7, 2, 0, 0, 0, 0, 1, 9]),  # no copies
        (2, [0, 1, 7, 3, 1, 0, 0]),  # an unknown segment
        (9, [3, 1, 7]),
        (2, [0, 0, 0, 2, 7, 9]),  # no values
        (3, [0, 9, 1, 2, 3]),  # fewer values than are said
        (3, [0, 4, 1, 2, 3]),
        (2, [0, 1, 7, 1, 1]),  # a line without its end
        (2, [1, 2, 7]),  # a line without its beginning
        (9, [0, 1, 7]),
        (1, []),
    ],
)
def test_segments_that_lead_nowhere_are_refused(entries: int, codes: list[int]) -> None:
    """What is no segment of PS3.3 C.7.9.2, or copies none, makes no table."""
    assert _segmented(entries, codes).failure() == BadPalette(
        "Red", f"its segments do not make {entries} entries"
    )


# --- Reduced pictures --------------------------------------------------------------------------------------


def _ramp(rows: int, columns: int, down: float, across: float) -> NDArray[np.int32]:
    grid = 1000 + down * np.arange(rows)[:, np.newaxis] + across * np.arange(columns)
    return np.rint(grid).astype(np.int32)


@given(
    value=st.integers(-2000, 2000),
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    halvings=st.integers(1, 5),
)
def test_centring_keeps_what_is_even(value: int, shape: tuple[int, int], halvings: int) -> None:
    """A picture of one value is that picture, in its own shape and type."""
    flat = np.full(shape, value, dtype=np.int16)
    found = centred(flat, halvings)
    assert found.dtype == flat.dtype
    assert found.tolist() == flat.tolist()


@given(down=st.integers(-3, 3), across=st.integers(-3, 3), halvings=st.integers(1, 5))
def test_centring_moves_a_ramp_by_half_a_sample_at_most(down: int, across: int, halvings: int) -> None:
    """After n halvings each sample is moved by (1 - 2^-n)/2 towards the corner: a ramp shows by how much."""
    ramp = _ramp(12, 12, 32 * down, 32 * across)
    moved = (1 - 2.0**-halvings) / 2 * 32 * (down + across)
    found = centred(ramp, halvings)
    inside = (found - ramp)[3:-3, 3:-3]
    assert np.abs(inside - moved).max() <= 0.5 + 1e-3


@given(low=st.integers(0, 500), high=st.integers(600, 4000), halvings=st.integers(1, 5), across=st.booleans())
def test_centring_is_local(low: int, high: int, halvings: int, across: bool) -> None:
    """A cubic sees two samples to either side: further away from a change, up to the edges, nothing changes."""
    step = np.array([[low] * 5 + [high] * 5] * 3, dtype=np.uint16)
    for picture in (step, step[:, ::-1]):
        found = centred(picture.T, halvings).T if across else centred(picture, halvings)
        assert found[:, :3].tolist() == picture[:, :3].tolist()
        assert found[:, -3:].tolist() == picture[:, -3:].tolist()


@given(
    values=st.lists(st.integers(0, 4095), min_size=12, max_size=12),
    halvings=st.integers(1, 5),
)
def test_centring_invents_no_extremes(values: list[int], halvings: int) -> None:
    """Interpolation overshoots at edges; what is shown stays within what was there, in every colour alike."""
    grey = np.array(values, dtype=np.uint16).reshape(3, 4)
    found = centred(grey, halvings)
    assert int(found.min()) >= min(values)
    assert int(found.max()) <= max(values)
    rgb = np.stack([grey] * 3, axis=-1)
    assert all(np.array_equal(centred(rgb, halvings)[..., i], found) for i in range(3))
