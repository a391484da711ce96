"""Tiny DICOM objects made in memory, the same bytes every time.

`make_object` writes one object; `series_objects` and `make_series` write many under the names that a storage
root uses.  Elements are given by keyword; `None` leaves a default out, "" writes an empty element, and a list
of mappings writes a sequence:

>>> one = make_object(position=(0, 0, 12.5), InstanceNumber=3, WindowWidth=None)
>>> one[128:132], one == make_object(position=(0, 0, 12.5), InstanceNumber=3, WindowWidth=None)
(b'DICM', True)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast
from uuid import NAMESPACE_OID, uuid5

import imagecodecs
import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from pydicom import Dataset, dcmwrite
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.pixels.encoders.base import get_encoder
from pydicom.sequence import Sequence as DicomSequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

Pixels: TypeAlias = NDArray[Any]
Value: TypeAlias = "str | int | float | bytes | Sequence[Value] | Mapping[str, Value] | None"
Groups: TypeAlias = Mapping[str, Value]
OffsetTable: TypeAlias = Literal["empty", "basic", "extended"]

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"


def uuid_for(name: str) -> str:
    """A UUID that depends on `name` alone; its text order says nothing about the order of the names."""
    return str(uuid5(NAMESPACE_OID, name))


def uid_for(name: str) -> str:
    """A UID (PS3.5 B.2) that depends on `name` alone."""
    return f"2.25.{uuid5(NAMESPACE_OID, name).int}"


def default_pixels() -> Pixels:
    """A grey ramp, (4 rows, 6 columns) uint16: all values differ, and so do the sides."""
    return (np.arange(24, dtype=np.uint16) * 100).reshape(4, 6)


def _dataset(elements: Mapping[str, Value]) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        if value is not None:
            setattr(made, keyword, _converted(value))
    return made


def _converted(value: Value) -> object:
    if isinstance(value, Mapping):
        raise TypeError("a sequence is a list of mappings")
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        if any(isinstance(item, Mapping) for item in value):
            return DicomSequence([_dataset(cast("Mapping[str, Value]", item)) for item in value])
        return list(value)
    return value


def _rle(frame: Pixels, _: int) -> bytes:
    return get_encoder(RLELossless).encode(
        frame,
        encoding_plugin="pydicom",
        rows=frame.shape[0],
        columns=frame.shape[1],
        samples_per_pixel=1 if frame.ndim == 2 else frame.shape[2],
        bits_allocated=frame.dtype.itemsize * 8,
        bits_stored=frame.dtype.itemsize * 8,
        pixel_representation=int(frame.dtype.kind == "i"),
        photometric_interpretation="MONOCHROME2" if frame.ndim == 2 else "RGB",
        number_of_frames=1,
        planar_configuration=0,
    )


_ENCODERS: dict[str, Callable[[Pixels, int], bytes]] = {
    RLELossless: _rle,
    JPEGBaseline8Bit: lambda frame, _: bytes(imagecodecs.jpeg_encode(frame, level=95)),
    JPEGExtended12Bit: lambda frame, _: bytes(imagecodecs.jpeg_encode(frame, bitspersample=12, level=100)),
    JPEGLosslessSV1: lambda frame, bits: bytes(imagecodecs.ljpeg_encode(frame, bitspersample=bits)),
    JPEGLSLossless: lambda frame, _: bytes(imagecodecs.jpegls_encode(frame)),
    JPEG2000Lossless: lambda frame, bits: bytes(
        imagecodecs.jpeg2k_encode(frame, codecformat="j2k", reversible=True, level=0, bitspersample=bits)
    ),
    HTJ2KLossless: lambda frame, _: bytes(imagecodecs.htj2k_encode(frame, reversible=True)),
}


def encode_frame(frame: Pixels, transfer_syntax: str, bits_stored: int | None = None) -> bytes:
    """One frame, (rows, columns[, samples]), as the code stream of a compressed transfer syntax."""
    return _ENCODERS[transfer_syntax](frame, bits_stored or frame.dtype.itemsize * 8)


def _pixel_module(pixels: Pixels, photometric: str) -> dict[str, Value]:
    """The Image Pixel module (PS3.3 C.7.6.3) of `pixels`, (frames?, rows, columns, samples?)."""
    samples = 1 if photometric.startswith(("MONOCHROME", "PALETTE")) else pixels.shape[-1]
    shape = pixels.shape if samples == 1 else pixels.shape[:-1]
    bits = pixels.dtype.itemsize * 8
    module: dict[str, Value] = {
        "SamplesPerPixel": samples,
        "PhotometricInterpretation": photometric,
        "Rows": shape[-2],
        "Columns": shape[-1],
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
    }
    if samples > 1:
        module["PlanarConfiguration"] = 0
    if len(shape) == 3:
        module["NumberOfFrames"] = shape[0]
    return module


def _encapsulated(made: Dataset, frames: Sequence[bytes], table: OffsetTable, fragments: int) -> None:
    if table == "extended":
        made.PixelData, made.ExtendedOffsetTable, made.ExtendedOffsetTableLengths = encapsulate_extended(
            list(frames)
        )
    else:
        made.PixelData = encapsulate(list(frames), fragments_per_frame=fragments, has_bot=table == "basic")
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True


def _native(made: Dataset, pixels: Pixels, syntax: UID) -> None:
    stored = pixels
    if pixels.dtype.itemsize > 1:
        stored = pixels.astype(pixels.dtype.newbyteorder("<" if syntax.is_little_endian else ">"))
    made.PixelData = stored.tobytes() + b"\0" * (stored.nbytes % 2)
    made["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 or syntax.is_implicit_VR else "OB"


def _defaults(series: str, number: int) -> dict[str, Value]:
    return {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": uid_for(f"{series}/{number}"),
        "StudyInstanceUID": uid_for(f"{series}/study"),
        "SeriesInstanceUID": uid_for(series),
        "FrameOfReferenceUID": uid_for(f"{series}/frame of reference"),
        "Modality": "CT",
        "PatientName": "Test^Tiny",
        "PatientID": "TINY",
        "InstanceNumber": number,
        "PixelSpacing": [1.0, 1.0],
        "RescaleIntercept": -1024,
        "RescaleSlope": 1,
        "WindowCenter": 40,
        "WindowWidth": 400,
    }


def make_object(
    *,
    series: str = "series",
    instance_number: int = 1,
    position: Sequence[float] | None = (0.0, 0.0, 0.0),
    orientation: Sequence[float] | None = AXIAL,
    pixels: Pixels | None = None,
    photometric: str = "MONOCHROME2",
    transfer_syntax: str = ExplicitVRLittleEndian,
    frames: Sequence[bytes] | None = None,
    offset_table: OffsetTable = "basic",
    fragments_per_frame: int = 1,
    has_pixels: bool = True,
    shared: Groups | None = None,
    per_frame: Sequence[Groups] | None = None,
    extra: Mapping[int, tuple[str, object]] | None = None,
    raw: Mapping[str, tuple[str, bytes]] | None = None,
    preamble: bool = True,
    meta: bool = True,
    **elements: Value,
) -> bytes:
    """One DICOM object as bytes: by default a CT slice, Part 10, Explicit VR Little Endian.

    `position` and `orientation` are ImagePositionPatient (mm) and ImageOrientationPatient; None leaves them
    out.  `pixels` is (frames?, rows, columns, samples?); for a compressed `transfer_syntax` they are encoded,
    unless `frames` gives the code streams.  `shared` and `per_frame` are functional groups (PS3.3 C.7.6.16),
    each a mapping of sequence keyword to a list with one item; with them the plane stays out of the root.
    `extra` adds elements by tag: `{0x00091010: ("LO", "private")}`.  `raw` writes a VR and bytes as they are,
    whatever they are worth, by keyword or `(gggg,eeee)`: `{"WindowWidth": ("DS", b"80,5")}`.
    `preamble=False` drops the 128 bytes and the prefix, `meta=False` also the file meta group.  `elements` come
    last and win.
    """
    syntax = UID(transfer_syntax)
    array = default_pixels() if pixels is None else pixels
    root = _defaults(series, instance_number)
    grouped = shared is not None or per_frame is not None
    if position is not None and not grouped:
        root["ImagePositionPatient"] = [float(value) for value in position]
    if orientation is not None and not grouped:
        root["ImageOrientationPatient"] = [float(value) for value in orientation]
    if has_pixels:
        root |= _pixel_module(array, photometric)
    if grouped:
        root |= {"SOPClassUID": ENHANCED_CT, "SharedFunctionalGroupsSequence": [shared or {}]}
        root["PerFrameFunctionalGroupsSequence"] = list(per_frame or [])
    made = _dataset(root | elements)
    for tag, (vr, value) in (extra or {}).items():
        made.add_new(tag, vr, value)
    for name, (vr, written) in (raw or {}).items():
        made[tag_of(name)] = _raw(tag_of(name), vr, written)
    if has_pixels and syntax.is_encapsulated:
        stack = [array] if "NumberOfFrames" not in root else list(array)
        streams = frames or [encode_frame(frame, syntax, made.BitsStored) for frame in stack]
        _encapsulated(made, streams, offset_table, fragments_per_frame)
    elif has_pixels:
        _native(made, array, syntax)
    return _written(made, syntax, preamble, meta)


def tag_of(name: str) -> BaseTag:
    """The tag of a keyword, or of `(gggg,eeee)`."""
    found = tag_for_keyword(name)
    return Tag(int(name[1:5] + name[6:10], 16) if found is None else found)


def _raw(tag: BaseTag, vr: str, value: bytes) -> RawDataElement:
    padded = value + b" " * (len(value) % 2)
    return RawDataElement(tag, vr, len(padded), padded, 0, False, True)


def _written(made: Dataset, syntax: UID, preamble: bool, meta: bool) -> bytes:
    out = BytesIO()
    if not meta:
        dcmwrite(out, made, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
        return out.getvalue()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    dcmwrite(out, made, enforce_file_format=True)
    return out.getvalue() if preamble else out.getvalue()[132:]


def plane(
    position: Sequence[float], orientation: Sequence[float] | None = AXIAL, **groups: Value
) -> dict[str, Value]:
    """The functional groups of one frame: its plane position, its orientation, and more by keyword."""
    made: dict[str, Value] = {
        "PlanePositionSequence": [{"ImagePositionPatient": [float(value) for value in position]}]
    }
    if orientation is not None:
        made["PlaneOrientationSequence"] = [{"ImageOrientationPatient": [float(v) for v in orientation]}]
    return made | groups


@frozen
class MadeSeries:
    """A series as written: `names` are the objects' names below the folder `uuid`, in the order of `i`."""

    uuid: str
    uid: str
    names: tuple[str, ...]


ObjectAt: TypeAlias = Callable[[int], bytes]


def axial_slice(series: str = "series", spacing: float = 4.0, top: float = 100.0) -> ObjectAt:
    """Slice `i` of an axial stack, head first, `spacing` mm apart; its pixels hold `100·i` and more."""

    def at(i: int) -> bytes:
        pixels = default_pixels() // 100 + np.uint16(100 * i % 60_000)
        position = (-3.0, -2.0, top - spacing * i)
        return make_object(series=series, instance_number=i + 1, position=position, pixels=pixels)

    return at


def series_objects(n: int, make: ObjectAt | None = None, series: str = "series") -> dict[str, bytes]:
    """A series of `n` objects, `make(i)` each, keyed `<uuid>/<uuid>.dcm` in the order of `i`."""
    at = make or axial_slice(series)
    folder = uuid_for(series)
    return {f"{folder}/{uuid_for(f'{series}/{i}')}.dcm": at(i) for i in range(n)}


def make_series(folder: Path, n: int, make: ObjectAt | None = None, series: str = "series") -> MadeSeries:
    """Write a series of `n` objects into the storage root `folder`."""
    objects = series_objects(n, make, series)
    for name, content in objects.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return MadeSeries(uuid_for(series), uid_for(series), tuple(name.split("/", 1)[1] for name in objects))
