"""Whole files to stored pixel values, by other decoders than the package's own.

JPEG and JPEG-LS files are turned into native ones by DCMTK, RLE is left to pydicom's own decoder, JPEG 2000 to
imagecodecs (another build of openjpeg) and HTJ2K to OpenJPH and Pillow.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels.utils import pixel_array

Stored: TypeAlias = NDArray[Any]
"""(rows, columns) integers or floats, or (rows, columns, 3) uint8 RGB."""

_DCMTK = {
    "1.2.840.10008.1.2.4.50": "dcmdjpeg",
    "1.2.840.10008.1.2.4.51": "dcmdjpeg",
    "1.2.840.10008.1.2.4.57": "dcmdjpeg",
    "1.2.840.10008.1.2.4.70": "dcmdjpeg",
    "1.2.840.10008.1.2.4.80": "dcmdjpls",
    "1.2.840.10008.1.2.4.81": "dcmdjpls",
}
_RLE = "1.2.840.10008.1.2.5"
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_J2K = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
_HTJ2K_LOSSLESS = ("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202")


@cache
def read(path: Path) -> Dataset:
    """A whole file, whatever it lacks at its front."""
    return pydicom.dcmread(path, force=True)


def syntax(dataset: Dataset) -> str:
    """The transfer syntax, or what the dataset was found to be written in."""
    meta = getattr(dataset, "file_meta", None) or {}
    named = str(meta.get("TransferSyntaxUID", ""))
    implicit, little = dataset.original_encoding
    return named or ("1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1" if little else _BIG_ENDIAN)


def needs_dcmtk(path: Path) -> bool:
    """Whether only DCMTK decodes this file here, and it is not installed."""
    return shutil.which(_DCMTK.get(syntax(read(path)), "true")) is None


@cache
def _native(path: Path) -> Dataset:
    """The file with its pixels uncompressed by DCMTK."""
    tool = _DCMTK[syntax(read(path))]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "native.dcm"
        subprocess.run([tool, str(path), str(out)], check=True, capture_output=True, timeout=120)
        return pydicom.dcmread(BytesIO(out.read_bytes()))


def stored(path: Path, frame: int) -> Stored:
    """The stored values of one frame (0-based) of a file; colour as RGB, palettes as indices."""
    dataset = read(path)
    uid = syntax(dataset)
    if uid in _DCMTK:
        return native_frame(_native(path), frame)
    if uid == _RLE:
        samples = pixel_array(dataset, index=frame, raw=True, decoding_plugin="pydicom")
        return _shifted(dataset, samples) if samples.ndim == 2 else _rgb(dataset, samples)
    if uid.startswith("1.2.840.10008.1.2.4."):
        frames = generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1))
        return _shifted(dataset, _wavelets(uid, list(frames)[frame]))
    return native_frame(dataset, frame)


def _wavelets(uid: str, stream: bytes) -> Stored:
    """RCT and ICT are undone by the decoder: they are part of the code stream (PS3.5 A.4.4)."""
    if uid in _J2K:
        return np.asarray(imagecodecs.jpeg2k_decode(stream))
    if uid in _HTJ2K_LOSSLESS:
        return np.asarray(imagecodecs.htj2k_decode(stream))
    return np.asarray(Image.open(BytesIO(stream)))  # OpenJPH's colours are wrong where ICT was used


def native_frame(dataset: Dataset, frame: int) -> Stored:
    """One frame of native pixel data (PS3.5 8.1, 8.2)."""
    rows, columns, samples = dataset.Rows, dataset.Columns, int(dataset.get("SamplesPerPixel", 1))
    order = ">" if syntax(dataset) == _BIG_ENDIAN else "<"
    for keyword, code in (("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")):
        if keyword in dataset:
            values = np.frombuffer(dataset[keyword].value, order + code)
            return np.asarray(values.reshape(-1, rows, columns)[frame])
    raw = dataset.PixelData
    bits = dataset.BitsAllocated
    if bits == 1:
        unpacked = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")
        return unpacked[frame * rows * columns :][: rows * columns].reshape(rows, columns)
    if dataset.PhotometricInterpretation == "YBR_FULL_422":
        return _from_422(raw[frame * rows * columns * 2 :][: rows * columns * 2], rows, columns)
    if bits == 8 and order == ">" and dataset["PixelData"].VR == "OW":
        raw = np.frombuffer(raw, "<u2").byteswap().tobytes()  # two pixels to a word
    values = np.frombuffer(
        raw, f"{order}u{bits // 8}", rows * columns * samples, frame * rows * columns * samples * bits // 8
    )
    if samples == 1:
        return _shifted(dataset, values.reshape(rows, columns))
    if dataset.get("PlanarConfiguration", 0) == 1:
        return _rgb(dataset, values.reshape(samples, rows, columns).transpose(1, 2, 0))
    return _rgb(dataset, values.reshape(rows, columns, samples))


def _shifted(dataset: Dataset, samples: Stored) -> Stored:
    """The bits between HighBit and HighBit - BitsStored + 1, with their sign (PS3.5 8.1.1)."""
    if samples.ndim == 3 or samples.dtype.kind == "f":
        return samples
    stored_bits, high = dataset.BitsStored, dataset.HighBit
    values = samples.astype(np.int64) & ((1 << dataset.BitsAllocated) - 1)
    values = (values >> (high + 1 - stored_bits)) & ((1 << stored_bits) - 1)
    if dataset.PixelRepresentation == 1:
        values = np.where(values >> (stored_bits - 1), values - (1 << stored_bits), values)
    return np.asarray(values)


def _rgb(dataset: Dataset, samples: Stored) -> Stored:
    """C.7.6.3.1.2; samples of more than 8 bits keep their upper ones."""
    if str(dataset.PhotometricInterpretation).startswith("YBR_FULL"):
        return from_ybr(samples.astype(float))
    return samples


def from_ybr(ybr: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """YBR_FULL to RGB: the inverse of the matrix that PS3.3 C.7.6.3.1.2 prints."""
    forward = np.array([[0.2990, 0.5870, 0.1140], [-0.1687, -0.3313, 0.5000], [0.5000, -0.4187, -0.0813]])
    rgb = (ybr - [0.0, 128.0, 128.0]) @ np.linalg.inv(forward).T
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def _from_422(raw: bytes, rows: int, columns: int) -> NDArray[np.uint8]:
    """Y1 Y2 Cb Cr, one colour for two pixels (PS3.3 C.7.6.3.1.2)."""
    four = np.frombuffer(raw, np.uint8).reshape(-1, 4).astype(float)
    luma = four[:, :2].reshape(rows, columns)
    chroma = np.repeat(four[:, 2:], 2, axis=0).reshape(rows, columns, 2)
    return from_ybr(np.dstack([luma, chroma]))
