"""What is damaged: real objects where DSP_TEST_DATA names some, and made ones of many kinds."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import frozen
from pydicom.uid import (
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.header.wanted import PREVIEW
from tests.fuzz.nodes import Encoding, Nodes, parse, parse_meta
from tests.support.dicom import CORONAL, SAGITTAL, make_object, plane

DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_PREAMBLE: Final = 132
_LARGEST: Final = 1 << 20
"""Larger objects are left out: they say nothing that smaller ones do not, and take long."""
_PER_SERIES: Final = 3

_COMPRESSED: Final = (
    RLELossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
    HTJ2KLossless,
)


@frozen
class Seed:
    """An object in parts."""

    name: str
    preamble: bytes
    meta: Nodes
    header: Nodes
    encoding: Encoding
    pixels: bytes
    """The pixel data element with its head, and what follows."""
    deflated: bool

    @property
    def compressed(self) -> bool:
        """Whether the frames are code streams."""
        return self.pixels[8:12] == b"\xff\xff\xff\xff"


def take_apart(name: str, data: bytes) -> Seed:
    """The parts of an object that can be read."""
    parsed = scan_header(data, True, PREVIEW)
    syntax = parsed.transfer_syntax if isinstance(parsed, Header) else ""
    encoding = Encoding(explicit=syntax != "1.2.840.10008.1.2", little=syntax != "1.2.840.10008.1.2.2")
    start = _PREAMBLE if data[128:132] == b"DICM" else 0
    meta, end = parse_meta(data, start)
    body = data[end:]
    deflated = syntax == DEFLATED
    if deflated:
        body = zlib.decompress(body, -zlib.MAX_WBITS)
    header, pixels = parse(body, 0, encoding)
    return Seed(name, data[:start], meta, header, encoding, body[pixels:], deflated)


def real() -> Iterator[Seed]:
    """Objects of each real series: its smallest, largest and middle one."""
    folder = Path(os.environ["DSP_TEST_DATA"]) / "idc"
    for series in sorted(folder.iterdir()):
        files = sorted(series.iterdir(), key=lambda file: (file.stat().st_size, file.name))
        chosen = {files[len(files) * part // _PER_SERIES] for part in range(_PER_SERIES)}
        if files[0].stat().st_size > _LARGEST:
            yield take_apart(f"{series.name}/{files[0].name}", files[0].read_bytes())
        for file in sorted(chosen):
            if file.stat().st_size <= _LARGEST:
                yield take_apart(f"{series.name}/{file.name}", file.read_bytes())


def made() -> Iterator[Seed]:
    """Small objects of every transfer syntax, and of the modules that a preview reads."""
    for name, data in made_objects():
        yield take_apart(name, data)


def made_objects() -> Iterator[tuple[str, bytes]]:
    """The same, with their names, before they are taken apart."""
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 4000, (32, 40)).astype("u2")
    small = rng.integers(0, 255, (32, 40)).astype("u1")
    colour = rng.integers(0, 255, (32, 40, 3)).astype("u1")
    for syntax in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"):
        yield f"native {syntax}", make_object(pixels=grey, transfer_syntax=syntax)
        yield f"colour {syntax}", make_object(pixels=colour, photometric="RGB", transfer_syntax=syntax)
    for syntax in _COMPRESSED:
        pixels = small if syntax.endswith(".50") else grey
        frames: Any = {"transfer_syntax": syntax, "BitsStored": 8 if pixels is small else 12}
        yield f"grey {syntax}", make_object(pixels=pixels, **frames)
        stack = np.stack([pixels] * 3)
        yield f"frames {syntax}", make_object(pixels=stack, **frames, offset_table="empty")
        yield f"extended {syntax}", make_object(pixels=stack, **frames, offset_table="extended")
    yield "YBR", make_object(pixels=colour, photometric="YBR_FULL", transfer_syntax="1.2.840.10008.1.2.4.50")
    yield "sagittal", make_object(pixels=grey, orientation=SAGITTAL, position=(5, 0, 0))
    yield "coronal", make_object(pixels=grey, orientation=CORONAL, position=(0, 5, 0))
    yield "nothing", make_object(has_pixels=False)
    per_frame: Any = [
        plane(
            (0, 0, i),
            PixelMeasuresSequence=[{"PixelSpacing": [1, 2]}],
            FrameVOILUTSequence=[{"WindowCenter": 9, "WindowWidth": 9}],
        )
        for i in range(3)
    ]
    yield "enhanced", make_object(pixels=np.stack([grey] * 3), shared={}, per_frame=per_frame)
    lut: Any = [{"LUTDescriptor": [256, 0, 16], "LUTData": bytes(range(256)) * 2}]
    yield (
        "tables",
        make_object(
            pixels=grey, ModalityLUTSequence=lut, VOILUTSequence=lut, RescaleSlope=None, RescaleIntercept=None
        ),
    )
    table: Any = {
        f"{name}PaletteColorLookupTable{part}": value
        for name in ("Red", "Green", "Blue")
        for part, value in (("Descriptor", [256, 0, 16]), ("Data", bytes(range(256)) * 2))
    }
    yield "palette", make_object(pixels=small, photometric="PALETTE COLOR", **table)
    yield (
        "padded",
        make_object(
            pixels=grey, PixelPaddingValue=0, PixelPaddingRangeLimit=9, WindowWidth=None, WindowCenter=None
        ),
    )
    slide: Any = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.6",
        "TotalPixelMatrixRows": 60,
        "TotalPixelMatrixColumns": 70,
    }
    yield "slide", make_object(pixels=np.stack([colour] * 4), photometric="RGB", **slide)
    dose: Any = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.2",
        "GridFrameOffsetVector": [0, 1, 2],
        "DoseGridScaling": "0.1",
        "Modality": "RTDOSE",
    }
    yield "dose", make_object(pixels=np.stack([grey] * 3), **dose)
