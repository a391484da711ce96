"""Real frames of every transfer syntax against decoders that the program does not use for them.

Each compressed frame is decoded twice: by the program, from the byte range it finds itself, and by other
libraries, from the fragments that pydicom finds.  Lossless frames have to be equal, lossy ones within the
rounding of the inverse transform.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import imagecodecs
import numpy as np
import pydicom
import pytest
from attrs import frozen
from numpy.typing import NDArray
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.uid import ImplicitVRLittleEndian
from returns.pipeline import is_successful
from returns.result import Result, Success

from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.header.scan import inflate
from dicom_series_preview.core.pixels.fragments import answer, locate_frames
from dicom_series_preview.core.pixels.items import extract
from dicom_series_preview.shell.dicom.decode import decode
from tests.support.headers import instance_of

DATA = os.environ.get("DSP_TEST_DATA")
needs_data = pytest.mark.skipif(DATA is None, reason="DSP_TEST_DATA names no folder of real series")

Array: TypeAlias = NDArray[Any]
Oracle: TypeAlias = Callable[[bytes, pydicom.Dataset], Array]

RLE = "1.2.840.10008.1.2.5"


@frozen(eq=False)
class Decoded:
    """All frames of one object as the program decodes them, and the reads it took to find them."""

    frames: list[Array]
    reads: int


def program(content: bytes) -> Decoded:
    instance = instance_of("a", content)
    body = inflate(content, 1 << 30) or content
    assert isinstance(instance.pixels, Pixels)
    fmt, span = instance.pixels.format, instance.pixels.span
    reads: list[tuple[int, int]] = []

    def read(start: int, stop: int) -> Result[bytes, str]:
        reads.append((start, stop))
        return Success(body[start:stop])

    search = locate_frames(fmt, span, len(body), range(fmt.number_of_frames), instance.pixels.offset_table)
    frames: list[Array] = []
    for number, where in enumerate(answer(search, read).unwrap()):
        at = where.unwrap()
        frame = extract(fmt, at, body[at.start : at.stop], number).unwrap().data
        result = decode(fmt, frame, place="a", bit_offset=at.bit_offset)
        assert is_successful(result), str(result.failure())
        frames.append(result.unwrap().values)
    return Decoded(frames, len(reads))


def series(name: str) -> list[Path]:
    """The objects of the series that `series.tsv` calls `name`."""
    assert DATA is not None
    with (Path(DATA) / "series.tsv").open(newline="") as table:
        uuids = {row["name"]: row["series"] for row in csv.DictReader(table, delimiter="\t")}
    return sorted(path for path in (Path(DATA) / "idc" / uuids[name]).rglob("*") if path.is_file())


def _rle(frame: bytes, header: pydicom.Dataset) -> Array:
    """pydicom's own decoder in Python; the program uses imagecodecs."""
    from pydicom.pixels.decoders.rle import _rle_decode_frame

    planes = _rle_decode_frame(
        frame, header.Rows, header.Columns, header.SamplesPerPixel, header.BitsAllocated
    )
    kind = ("i" if header.PixelRepresentation else "u") + str(header.BitsAllocated // 8)
    return np.frombuffer(planes, kind).reshape(header.Rows, header.Columns)


def _pillow_raw(frame: bytes, _: pydicom.Dataset) -> Array:
    return np.asarray(Image.open(BytesIO(frame)))


ORACLES: dict[str, Oracle] = {
    RLE: _rle,
    "1.2.840.10008.1.2.4.50": lambda frame, _: imagecodecs.jpeg8_decode(frame),
    "1.2.840.10008.1.2.4.57": lambda frame, _: imagecodecs.ljpeg_decode(frame),
    "1.2.840.10008.1.2.4.70": lambda frame, _: imagecodecs.jpegsof3_decode(frame),
    "1.2.840.10008.1.2.4.90": lambda frame, _: imagecodecs.jpeg2k_decode(frame),
    "1.2.840.10008.1.2.4.91": lambda frame, _: imagecodecs.jpeg2k_decode(frame),
    "1.2.840.10008.1.2.4.201": _pillow_raw,
    "1.2.840.10008.1.2.4.203": _pillow_raw,
}

COMPRESSED = [
    *("cr-teeth-modlut-mono1", "ct-osirix-j2k", "ct-rle-frags", "enh-ct-zoo", "htj2k-pydicom", "jpegll57-mr"),
    *("jpegext12-cr", "mg-ge-sigmoid-voilut", "mr-ts-zoo", "us-palette-rle-10f", "us-sonosite-jpeg-30f"),
    *("xa-cine-96f",),
]

NATIVE = [
    *(
        "cr-mono1-nopreamble",
        "ct-ibsi-orientation",
        "ct-qiicr-3slice",
        "ct-radiomics-60",
        "ct-scouts-summary-mixed",
    ),
    *("ct-small-padded", "dti-ge-coronal", "dx-mono1-chest", "enh-hyperfine", "enh-mr-knee-19f"),
    *("enh-philips-fmri", "enh-siemens-xa10", "mr-cine-sax", "mr-cor-genesis", "mr-localizer-3plane"),
    *(
        "mr-nonsquare-pmod",
        "mr-sag-dwv-memprage",
        "ot-deflated",
        "ot-six-overlays",
        "pet-suyash-1",
        "pmap-float",
    ),
    *("rtdose-15f", "seg-ct-binary-ovl", "sm-tiled-rgb", "us-be-rgb", "us-rgb-esopecho", "us-ybr422-native"),
]


@needs_data
@pytest.mark.parametrize("name", COMPRESSED)
def test_real_compressed_frames_are_what_another_library_decodes(name: str) -> None:
    compared = 0
    for path in series(name):
        header = pydicom.dcmread(path)
        oracle = ORACLES.get(header.file_meta.TransferSyntaxUID)
        if oracle is None:
            continue
        count = int(header.get("NumberOfFrames", 1))
        found = program(path.read_bytes()).frames
        for frame, values in zip(
            generate_frames(header.PixelData, number_of_frames=count), found, strict=True
        ):
            assert np.array_equal(values, oracle(frame, header))
            compared += 1
    # JPEG Extended and JPEG-LS have no second library that is always there: see the next test.
    assert compared > 0 or name == "jpegext12-cr"


TOOLS = {
    "1.2.840.10008.1.2.4.50": ("dcmdjpeg", "+cn"),
    "1.2.840.10008.1.2.4.51": ("dcmdjpeg", "+cn"),
    "1.2.840.10008.1.2.4.57": ("dcmdjpeg",),
    "1.2.840.10008.1.2.4.70": ("dcmdjpeg",),
    "1.2.840.10008.1.2.4.80": ("dcmdjpls",),
    "1.2.840.10008.1.2.4.81": ("dcmdjpls",),
    RLE: ("dcmdrle",),
}


def _dcmtk(path: Path, syntax: str, out: Path) -> list[Array]:
    subprocess.run([*TOOLS[syntax], str(path), str(out)], check=True, capture_output=True)
    plain = pydicom.dcmread(out)
    pixels = plain.pixel_array
    return list(pixels) if "NumberOfFrames" in plain and plain.NumberOfFrames > 1 else [pixels]


@needs_data
@pytest.mark.skipif(shutil.which("dcmdjpeg") is None, reason="dcmtk is not installed")
@pytest.mark.parametrize(
    "name", [name for name in COMPRESSED if name not in ("ct-osirix-j2k", "htj2k-pydicom")]
)
def test_real_compressed_frames_are_what_dcmtk_decodes(name: str, tmp_path: Path) -> None:
    compared = 0
    for path in series(name):
        syntax = pydicom.dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID
        if syntax not in TOOLS:
            continue
        expected = _dcmtk(path, syntax, tmp_path / "plain.dcm")
        # Colours go through YBR once more here: two roundings of 8 bits.
        tolerance = 2 if expected[0].ndim == 3 else 0
        for values, truth in zip(program(path.read_bytes()).frames, expected, strict=True):
            assert np.abs(values.astype(int) - truth.astype(int)).max() <= tolerance
            compared += 1
    assert compared > 0


@needs_data
def test_one_image_is_the_same_in_nine_syntaxes() -> None:
    found = [program(path.read_bytes()).frames[0] for path in series("mr-ts-zoo")]
    assert len(found) == 9
    assert [np.array_equal(values, found[0]) for values in found] == [True] * 9


@needs_data
def test_one_enhanced_ct_is_the_same_in_its_lossless_syntaxes() -> None:
    lossless: list[list[Array]] = []
    lossy: list[list[Array]] = []
    for path in series("enh-ct-zoo"):
        syntax = pydicom.dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID
        kind = lossy if syntax in ("1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81") else lossless
        kind.append(program(path.read_bytes()).frames)
    assert (len(lossless), len(lossy)) == (8, 2)
    assert [np.array_equal(frames, lossless[0]) for frames in lossless] == [True] * 8
    # The near-lossless one keeps the scale; the 12-bit one was shifted by its encoder.
    nearest = min(float(np.abs(np.subtract(frames, lossless[0], dtype=float)).max()) for frames in lossy)
    assert 0 < nearest <= 10


@needs_data
@pytest.mark.parametrize("name", NATIVE)
def test_real_native_frames_are_what_pydicom_reads(name: str) -> None:
    for path in series(name)[:8]:
        header = pydicom.dcmread(path, force=True)
        if "TransferSyntaxUID" not in header.file_meta:
            header.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        expected = header.pixel_array
        found = program(path.read_bytes())
        assert found.reads == 0
        assert np.array_equal(np.squeeze(found.frames), np.squeeze(expected))


@needs_data
def test_broken_real_frames_are_refused_in_words() -> None:
    for path in series("ct-phantom-j2k-undecodable"):
        with pytest.raises(
            AssertionError, match=r"JPEG 2000 Image Compression, 1\.2\.840\.10008\.1\.2\.4\.91"
        ):
            program(path.read_bytes())


@needs_data
@pytest.mark.parametrize(
    ("name", "most"), [("xa-cine-96f", 1), ("us-sonosite-jpeg-30f", 1), ("enh-ct-zoo", 2)]
)
def test_finding_real_frames_takes_few_reads(name: str, most: int) -> None:
    assert max(program(path.read_bytes()).reads for path in series(name)) <= most
