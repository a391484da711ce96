"""Objects whose bytes and whose names disagree: what can only be read one way is shown, with a word."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from struct import pack
from typing import Any

import imagecodecs
import numpy as np
import pytest
from attrs import evolve
from returns.pipeline import is_successful

from dicom_series_preview import IndexOptions, Options, build_index, preview
from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.shell.dicom.decode import decode
from tests.support.dicom import make_object
from tests.support.raw import LITTLE, RLE, columns, flat, head, item, items, native, rle

BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LS = "1.2.840.10008.1.2.4.80"
J2K = "1.2.840.10008.1.2.4.90"
LEVELS = (0, 32, 64, 96, 128, 160, 192, 255)

Shown = tuple[list[int], list[str]]


def shown(tmp_path: Path, content: bytes, count: int = 8, *, slices: bool = False) -> Shown:
    """The grey in the middle of each column, or of each slice, and the remarks; by way of an index too."""
    folder = tmp_path / "series"
    folder.mkdir()
    (folder / "1.dcm").write_bytes(content)
    options = Options(series=str(folder), position=0.5, image_width=16 * count)
    if slices:
        options = Options(series=str(folder), tile_width=count, tile_height=1, image_width=16)
    build_index(IndexOptions(series=str(folder), output=str(tmp_path / "i.parquet"))).unwrap()
    direct, indexed = (
        preview(one).unwrap() for one in (options, evolve(options, index=str(tmp_path / "i.parquet")))
    )
    assert np.array_equal(direct.pixels, indexed.pixels)
    told = [str(remark) for remark in direct.remarks]
    assert told == [str(remark) for remark in indexed.remarks]
    middle = direct.pixels[direct.pixels.shape[0] // 2]
    return [int(middle[8 + 16 * number]) for number in range(count)], told


def grey(syntax: str, bits: int = 8, **more: int) -> bytes:
    return head(syntax, rows=16, columns=16 * len(LEVELS), bits=bits, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("syntax", [BASELINE, JPEG_LS, J2K, RLE, "1.2.840.10008.1.2.4.110", "1.2.3"])
def test_native_pixels_of_a_compressed_syntax_are_shown(syntax: str, tmp_path: Path) -> None:
    found, told = shown(tmp_path, grey(syntax) + native(columns(*LEVELS).tobytes()))
    assert found == pytest.approx(LEVELS, abs=3)
    assert len(told) == 1
    assert told[0].startswith("1.dcm: the pixels are native, not what the transfer syntax (")
    assert syntax in told[0]


def test_native_pixels_of_another_length_are_refused_with_the_disagreement(tmp_path: Path) -> None:
    (tmp_path / "1.dcm").write_bytes(grey(BASELINE) + native(columns(*LEVELS).tobytes() + bytes(100)))
    found = preview(Options(series=str(tmp_path)))
    assert not is_successful(found)
    words = str(found.failure())
    assert "the transfer syntax says that frames lie in items, but there is no item at byte" in words
    assert BASELINE in words or "JPEG" in words or "1.dcm" in words


ENCODED: dict[str, Callable[[], bytes]] = {
    "JPEG-LS": lambda: bytes(imagecodecs.jpegls_encode(columns(*LEVELS))),
    "lossless JPEG": lambda: bytes(imagecodecs.ljpeg_encode(columns(*LEVELS), bitspersample=8)),
    "JPEG 2000": lambda: bytes(
        imagecodecs.jpeg2k_encode(columns(*LEVELS), codecformat="j2k", reversible=True, level=0)
    ),
    "JPEG": lambda: bytes(imagecodecs.jpeg_encode(columns(*LEVELS), level=98)),
    "JPEG XL": lambda: bytes(imagecodecs.jpegxl_encode(columns(*LEVELS), lossless=True)),
    "RLE": lambda: rle(columns(*LEVELS)),
}
OWN = {
    "JPEG-LS": JPEG_LS,
    "lossless JPEG": "1.2.840.10008.1.2.4.70",
    "JPEG 2000": J2K,
    "JPEG": BASELINE,
    "JPEG XL": "1.2.840.10008.1.2.4.110",
    "RLE": RLE,
}


@pytest.mark.parametrize("name", sorted(OWN))
@pytest.mark.parametrize("codec", sorted(ENCODED))
def test_a_frame_under_another_codec_s_name_is_shown(codec: str, name: str, tmp_path: Path) -> None:
    found, told = shown(tmp_path, grey(OWN[name]) + items(b"", ENCODED[codec]()))
    assert found == pytest.approx(LEVELS, abs=3)
    assert len(told) == (codec != name)
    assert all(f"the frames are {codec}, not what the transfer syntax" in words for words in told)


@pytest.mark.parametrize("transform", [False, True])
@pytest.mark.parametrize("colours", ["RGB", "YBR_RCT", "YBR_FULL"])
def test_a_colour_transform_of_what_is_no_rgb_is_told(colours: str, transform: bool, tmp_path: Path) -> None:
    """The picture is that of the header; nobody knows whether whoever wrote it had turned it into RGB."""
    stored = np.full((16, 16, 3), (76, 85, 255), np.uint8)
    stream = imagecodecs.jpeg2k_encode(stored, codecformat="j2k", reversible=True, level=0, mct=transform)
    content = make_object(pixels=stored, photometric=colours, transfer_syntax=J2K, frames=[bytes(stream)])
    (tmp_path / "1.dcm").write_bytes(content)
    picture = preview(Options(series=str(tmp_path), position=0.5, image_width=16)).unwrap()
    expected = (254, 0, 0) if colours == "YBR_FULL" else (76, 85, 255)
    assert np.abs(picture.pixels.astype(int) - expected).max() <= 1
    told = [f"PhotometricInterpretation is {colours}" in str(remark) for remark in picture.remarks]
    assert told == [True] * (transform and colours == "YBR_FULL")


@pytest.mark.parametrize("codec", sorted(ENCODED))
def test_frames_in_items_of_a_native_syntax_are_shown(codec: str, tmp_path: Path) -> None:
    found, told = shown(tmp_path, grey(LITTLE) + items(b"", ENCODED[codec]()))
    assert found == pytest.approx(LEVELS, abs=3)
    assert len(told) == 2
    assert "the pixels lie in items as compressed ones do" in told[0]
    assert f"the frames are {codec}" in told[1]


def test_native_frames_in_items_of_a_native_syntax_are_shown(tmp_path: Path) -> None:
    frames = [flat(level).tobytes() for level in (40, 120, 200)]
    content = head(LITTLE, rows=16, columns=16, frames=3) + items(b"", *frames)
    found, told = shown(tmp_path, content, 3, slices=True)
    assert found == pytest.approx([40, 120, 200], abs=3)
    assert [words.startswith("1.dcm: the pixels lie in items") for words in told] == [True]


@pytest.mark.parametrize("end", [bytes(8), b"junk that is none", b""])
def test_one_frame_without_its_delimiter_is_shown(end: bytes, tmp_path: Path) -> None:
    found, told = shown(tmp_path, grey(RLE) + items(b"", rle(columns(*LEVELS)), end=end))
    assert found == pytest.approx(LEVELS, abs=3)
    assert [words.startswith("1.dcm: the fragments do not end with") for words in told] == [True] * bool(end)


@pytest.mark.parametrize("table", [(0, 99999, 999999), (0, 4, 8), (7, 8, 9), (0, 1, 2**32 - 2)], ids=str)
def test_where_the_table_is_nonsense_each_fragment_is_a_frame(table: tuple[int, ...], tmp_path: Path) -> None:
    frames = [rle(flat(level)) for level in (40, 120, 200)]
    content = head(RLE, rows=16, columns=16, frames=3) + items(pack("<3I", *table), *frames)
    found, told = shown(tmp_path, content, 3, slices=True)
    assert found == pytest.approx([40, 120, 200], abs=3)
    assert [words.startswith("1.dcm: the offset table is wrong") for words in told] == [True]


@pytest.mark.parametrize("said", [None, 1, 2])
@pytest.mark.parametrize("table", [False, True])
def test_more_frames_than_are_spoken_of_are_told(said: int | None, table: bool, tmp_path: Path) -> None:
    frames = [rle(flat(level)) for level in (40, 120, 200)]
    offsets = pack("<3I", *(len(item(frames[0])) * number for number in range(3))) if table else b""
    content = head(RLE, rows=16, columns=16, frames=said) + items(offsets, *frames)
    count = said or 1
    found, told = shown(tmp_path, content, count, slices=True)
    assert found == pytest.approx([40, 120][:count], abs=3)
    assert told == [
        f"1.dcm: there are more frames than NumberOfFrames says ({count}): the others are not shown."
    ]


@pytest.mark.parametrize(("spare", "odd"), [(0, False), (1, False), (254, False), (256, True), (700, True)])
def test_more_native_frames_than_are_spoken_of_are_told(spare: int, odd: bool, tmp_path: Path) -> None:
    content = head(LITTLE, rows=16, columns=16, frames=2)
    value = flat(40).tobytes() + flat(120).tobytes() + bytes(spare)
    found, told = shown(tmp_path, content + native(value), 2, slices=True)
    assert found == pytest.approx([40, 120], abs=3)
    assert bool(told) == odd


@pytest.mark.parametrize("bits", [8, 16])
def test_ge_s_private_syntax_has_its_words_in_big_endian(bits: int, tmp_path: Path) -> None:
    values = columns(*LEVELS) if bits == 8 else columns(*LEVELS, dtype=">u2") * 257
    stored = values.astype(f">u{bits // 8}").tobytes()
    if bits == 8:
        stored = np.frombuffer(stored, "<u2").byteswap().tobytes()
    content = head("1.2.840.113619.5.2", rows=16, columns=128, bits=bits, implicit=True)
    found, told = shown(tmp_path, content + native(stored, implicit=True))
    assert found == pytest.approx(LEVELS, abs=3)
    assert told == []


@pytest.mark.parametrize("syntax", [f"1.2.840.10008.1.2.4.{number}" for number in (110, 111, 112)])
def test_jpeg_xl_is_decoded(syntax: str, tmp_path: Path) -> None:
    found, told = shown(tmp_path, grey(syntax) + items(b"", ENCODED["JPEG XL"]()))
    assert found == pytest.approx(LEVELS, abs=3)
    assert told == []


def test_twelve_bits_of_jpeg_xl_keep_their_scale(tmp_path: Path) -> None:
    values = columns(*LEVELS, dtype="u2") * 16
    frame = bytes(imagecodecs.jpegxl_encode(values, lossless=True, bitspersample=12))
    found, _ = shown(tmp_path, grey("1.2.840.10008.1.2.4.110", bits=12) + items(b"", frame))
    assert found == pytest.approx(LEVELS, abs=3)


@pytest.mark.parametrize(("level", "words"), [(0, "black"), (255, "white")])
def test_a_picture_of_one_grey_through_its_own_window_is_told(level: int, words: str, tmp_path: Path) -> None:
    content = head(LITTLE, rows=16, columns=16) + native(flat(level).tobytes())
    found, told = shown(tmp_path, content, 1)
    assert found == [level]
    assert told == [
        f"All that is shown is {words} through the window of the file (width 256, center 128): "
        "try --contrast-preset auto."
    ]
    other = preview(Options(series=str(tmp_path / "series"), window_width=600, window_center=900)).unwrap()
    assert other.remarks == ()


def test_decoding_needs_no_pydicom_and_changes_nothing(tmp_path: Path) -> None:
    for number, (codec, make) in enumerate(ENCODED.items(), start=1):
        content = head(OWN[codec], rows=16, columns=128, number=number) + items(b"", make())
        (tmp_path / f"{number}.dcm").write_bytes(content)
    (tmp_path / "native.dcm").write_bytes(
        head(LITTLE, rows=16, columns=128, number=9) + native(columns(*LEVELS).tobytes())
    )
    program = f"""
import sys, warnings, numpy
from PIL import Image
before = (Image.MAX_IMAGE_PIXELS, list(warnings.filters))
from dicom_series_preview.core.ask.preview import (check_preview)
from dicom_series_preview.core.ask.options import (Options)
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.preview import make_picture
made = check_preview(Options(series={str(tmp_path)!r})).bind(lambda asked: make_picture(asked, Counter())).unwrap()
assert len(made.tiles) == 7 and not made.remarks, made.remarks
assert before == (Image.MAX_IMAGE_PIXELS, list(warnings.filters))
assert not [name for name in sys.modules if name.startswith(("pydicom", "gdcm", "numpy.typing"))]
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_supplemental_palette_colours_the_values_it_maps(tmp_path: Path) -> None:
    ramp = [value << 8 for value in range(256)]
    pixels = np.repeat(np.repeat(np.array([[0, 100, 255, 256, 300, 511]], np.uint16), 16, 0), 16, 1)
    content = make_object(
        pixels=pixels,
        raw={
            f"{channel}PaletteColorLookupTableData": ("OW", np.array(table, "<u2").tobytes())
            for channel, table in (("Red", ramp), ("Green", ramp[::-1]), ("Blue", [0] * 256))
        },
        PixelPresentation="COLOR",
        WindowCenter=128,
        WindowWidth=256,
        RescaleSlope=None,
        RescaleIntercept=None,
        RedPaletteColorLookupTableDescriptor=[256, 256, 16],
        GreenPaletteColorLookupTableDescriptor=[256, 256, 16],
        BluePaletteColorLookupTableDescriptor=[256, 256, 16],
    )
    (tmp_path / "1.dcm").write_bytes(content)
    made = preview(Options(series=str(tmp_path), position=0.5, image_width=96)).unwrap()
    found = made.pixels[8, 8::16].astype(int)
    expected = [[0] * 3, [100] * 3, [255] * 3, [0, 255, 0], [44, 211, 0], [255, 0, 0]]
    assert np.abs(found - expected).max() <= 3
    assert made.remarks == ()


def test_too_little_memory_for_one_object_costs_its_tile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        content = head(LITTLE, rows=16, columns=16, number=number) + native(flat(40 * number).tobytes())
        (tmp_path / f"{number}.dcm").write_bytes(content)

    def scarce(fmt: PixelFormat, frame: bytes, *, place: str, **more: Any) -> Any:
        if place.endswith("2.dcm"):
            raise MemoryError
        return decode(fmt, frame, place=place, **more)

    monkeypatch.setattr("dicom_series_preview.shell.sources.frames.decode", scarce)
    made = preview(Options(series=str(tmp_path), tile_width=2, tile_height=1, image_width=16)).unwrap()
    assert [int(made.pixels[8, column]) for column in (8, 24)] == pytest.approx([40, 0], abs=3)
    assert ["2.dcm" in str(one) and "not enough memory" in str(one) for one in made.remarks] == [True]
