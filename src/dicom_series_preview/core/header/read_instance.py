"""One object's header as typed values, its functional groups flattened (PS3.3 C.7.6.16).

Values that are present but unusable (a position of two numbers, an orientation of zeros) count as absent and
are named in `Instance.unusable`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve
from returns.pipeline import is_successful
from returns.result import Success

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.geometry import Cosines, Vec3, normal_of
from dicom_series_preview.core.header.complex_component import complex_component
from dicom_series_preview.core.header.elements import Elements, data, integer, number, numbers, text, texts
from dicom_series_preview.core.header.functional_groups import frame_lookup
from dicom_series_preview.core.header.greyscale import Lookup, output_is_signed, read_modality_lut, read_voi
from dicom_series_preview.core.header.image_pixel import (
    EXPLICIT_BIG_ENDIAN,
    PixelFormat,
    check_held,
    read_pixel_format,
)
from dicom_series_preview.core.header.instance import (
    RT_DOSE,
    SLIDE_MICROSCOPY,
    Frame,
    Instance,
    PixelElement,
    Pixels,
    Tiling,
)
from dicom_series_preview.core.header.time_keys import time_values

_PALETTE: Final = tuple(
    f"{colour}PaletteColorLookupTable{part}"
    for colour in ("Red", "Green", "Blue")
    for part in ("Descriptor", "Data")
) + tuple(f"Segmented{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue"))

FARTHEST: Final = 1e6
"""A coordinate beyond a kilometre, in mm, is no place in a patient; it would drown all differences."""

STRANGEST_ASPECT: Final = 1000.0
"""Pixels this many times as high as wide, or as wide as high, are a mistake."""


def _vector(source: Elements, keyword: str) -> Vec3 | None:
    found = numbers(source, keyword, 3)
    if found is None or max(abs(value) for value in found) > FARTHEST:
        return None
    return (found[0], found[1], found[2])


def _slice_location(root: Elements) -> float | None:
    found = number(root, "SliceLocation")
    return None if found is None or abs(found) > FARTHEST else found


def _cosines(source: Elements) -> Cosines | None:
    found = numbers(source, "ImageOrientationPatient", 6)
    if found is None:
        return None
    cosines = (found[0], found[1], found[2], found[3], found[4], found[5])
    return cosines if normal_of(cosines) is not None else None


def _present(source: Elements, keyword: str) -> bool:
    element = source.get(keyword)
    return element is not None and bool(element.values)


def _pixel_aspect(lookup: Lookup) -> float:
    """Row spacing over column spacing; both lists begin with the vertical value (PS3.3 10.7, C.7.6.3.1.7)."""
    for keyword, macro in (
        ("PixelSpacing", "PixelMeasuresSequence"),
        ("ImagerPixelSpacing", None),
        ("PixelAspectRatio", None),
    ):
        pair = numbers(lookup(keyword, macro), keyword, 2)
        if pair is not None and min(pair) > 0:
            aspect = pair[0] / pair[1]
            if 1 / STRANGEST_ASPECT <= aspect <= STRANGEST_ASPECT:
                return aspect
    return 1.0


def _spacing(lookup: Lookup) -> tuple[float, float] | None:
    """PixelSpacing (PS3.3 10.7.1.3), where it is one."""
    pair = numbers(lookup("PixelSpacing", "PixelMeasuresSequence"), "PixelSpacing", 2)
    return (pair[0], pair[1]) if pair is not None and min(pair) > 0 and max(pair) <= FARTHEST else None


def _dose_offset(offsets: Sequence[float], frame: int, position: Vec3, cosines: Cosines | None) -> Vec3:
    """The position of one RT Dose frame, by its GridFrameOffsetVector (PS3.3 C.8.8.3.2)."""
    normal = normal_of(cosines) if cosines is not None else None
    if frame >= len(offsets) or normal is None:
        return position
    x, y, z = position
    if offsets[0] != 0:  # the vector holds z coordinates of a transverse grid
        return (x, y, offsets[frame])
    return (x + offsets[frame] * normal[0], y + offsets[frame] * normal[1], z + offsets[frame] * normal[2])


def _padding(root: Elements, keyword: str, signed: bool, bits_allocated: int) -> tuple[float, float] | None:
    """Padding as stored values, read with the sign of the pixels whatever sign the header gives them."""
    prefix = {"PixelData": "", "FloatPixelData": "Float", "DoubleFloatPixelData": "DoubleFloat"}[keyword]
    value = number(root, f"{prefix}PixelPaddingValue")
    if value is None:
        return None
    limit = number(root, f"{prefix}PixelPaddingRangeLimit")
    ends = [value, value if limit is None else limit]
    if not prefix:
        span = 1 << bits_allocated
        lowest = -(span >> 1) if signed else 0
        ends = [(end - lowest) % span + lowest for end in ends]
    return (min(ends), max(ends))


def _tiling(root: Elements, pixel_format: PixelFormat) -> Tiling | None:
    rows, columns = integer(root, "TotalPixelMatrixRows"), integer(root, "TotalPixelMatrixColumns")
    if rows is None or columns is None or rows < 1 or columns < 1:
        return None
    count, height, width = pixel_format.number_of_frames, pixel_format.rows, pixel_format.columns
    across = -(-columns // width)
    corners = []
    for frame in range(count):
        place = frame_lookup(root, frame)("RowPositionInTotalImagePixelMatrix", "PlanePositionSlideSequence")
        row = integer(place, "RowPositionInTotalImagePixelMatrix")
        column = integer(place, "ColumnPositionInTotalImagePixelMatrix")
        # TILED_FULL objects leave the positions out: row by row (PS3.3 C.7.6.17.3).
        corner = (frame // across * height, frame % across * width)
        corners.append(corner if row is None or column is None else (row - 1, column - 1))
    return Tiling(rows, columns, tuple(corners))


def _frame(
    root: Elements, index: int, signed: bool, big_endian: bool, offsets: Sequence[float]
) -> tuple[Frame, set[str]]:
    lookup = frame_lookup(root, index)
    unusable = set()
    plane = lookup("ImagePositionPatient", "PlanePositionSequence")
    position = _vector(plane, "ImagePositionPatient")
    if position is None and _present(plane, "ImagePositionPatient"):
        unusable.add("ImagePositionPatient")
    orientation = lookup("ImageOrientationPatient", "PlaneOrientationSequence")
    cosines = _cosines(orientation)
    if cosines is None and _present(orientation, "ImageOrientationPatient"):
        unusable.add("ImageOrientationPatient")
    if offsets and position is not None:
        position = _dose_offset(offsets, index, position, cosines)
    slice_location = _slice_location(root)
    if position is None and slice_location is None and _present(root, "SliceLocation"):
        unusable.add("SliceLocation")
    modality = read_modality_lut(lookup, signed, big_endian)
    voi, problem = read_voi(lookup, output_is_signed(modality, signed), big_endian)
    if problem is not None:
        unusable.add(problem)
    frame = Frame(
        number=index,
        position=position,
        cosines=cosines,
        slice_location=slice_location,
        times=time_values(lookup),
        modality_lut=modality,
        voi=voi,
        pixel_aspect=_pixel_aspect(lookup),
        spacing=_spacing(lookup),
        component=complex_component(lookup) if text(root, "Modality") == "MR" else None,
    )
    return frame, unusable


def _frames(root: Elements, pixels: Pixels | BadPixelModule) -> Iterator[tuple[Frame, set[str]]]:
    offsets = (numbers(root, "GridFrameOffsetVector") or ()) if text(root, "SOPClassUID") == RT_DOSE else ()
    if isinstance(pixels, BadPixelModule):
        yield _frame(root, 0, signed=False, big_endian=False, offsets=offsets)
        return
    signed = pixels.format.pixel_representation == 1
    big_endian = pixels.format.transfer_syntax == EXPLICIT_BIG_ENDIAN
    count = 1 if pixels.tiling is not None else pixels.format.number_of_frames
    per_frame = root.get("PerFrameFunctionalGroupsSequence")
    described = max(len(offsets), 0 if per_frame is None else len(per_frame.values))
    for index in range(min(count, described)):
        yield _frame(root, index, signed, big_endian, offsets)
    if described < count:  # the others differ in nothing but their number
        frame, unusable = _frame(root, described, signed, big_endian, offsets)
        for index in range(described, count):
            yield evolve(frame, number=index), unusable


def _pixels(
    root: Elements, transfer_syntax: str, element: PixelElement, size: int | None
) -> Pixels | BadPixelModule:
    span = element.span
    held = span.length if span.length is not None or size is None else size - span.offset
    read = read_pixel_format(root, transfer_syntax, element.keyword, element.vr).bind(
        lambda pixel_format: Success(pixel_format) if held is None else check_held(pixel_format, held)
    )
    if not is_successful(read):
        return read.failure()
    pixel_format = read.unwrap()
    table, lengths = data(root, "ExtendedOffsetTable"), data(root, "ExtendedOffsetTableLengths")
    palette = pixel_format.photometric_interpretation == "PALETTE COLOR"
    return Pixels(
        format=pixel_format,
        span=span,
        offset_table=None if table is None or lengths is None else (table, lengths),
        padding=_padding(
            root, element.keyword, pixel_format.pixel_representation == 1, pixel_format.bits_allocated
        ),
        inverted=pixel_format.photometric_interpretation == "MONOCHROME1"
        or text(root, "PresentationLUTShape") == "INVERSE",
        palette={name: root[name] for name in _PALETTE if name in root} if palette else None,
        tiling=_tiling(root, pixel_format) if text(root, "SOPClassUID") == SLIDE_MICROSCOPY else None,
    )


def read_instance(
    name: str, size: int | None, root: Elements, transfer_syntax: str, element: PixelElement | None
) -> Instance:
    """Type the header of the object `name`.

    `size` is the length in bytes of what `element` lies in, None when unknown; `element` is the pixel data
    element, None when the object has none.
    """
    pixels = None if element is None else _pixels(root, transfer_syntax, element, size)
    read = [] if pixels is None else list(_frames(root, pixels))
    unusable = {problem for _, problems in read for problem in problems}
    for keyword in ("InstanceNumber", "NumberOfFrames"):
        if _present(root, keyword) and integer(root, keyword) is None:
            unusable.add(keyword)
    return Instance(
        name=name,
        size=size,
        sop_class=text(root, "SOPClassUID") or "",
        sop_instance_uid=text(root, "SOPInstanceUID") or "",
        series_instance_uid=text(root, "SeriesInstanceUID") or "",
        modality=text(root, "Modality") or "",
        image_type=texts(root, "ImageType"),
        instance_number=integer(root, "InstanceNumber"),
        pixels=pixels,
        frames=tuple(frame for frame, _ in read),
        unusable=tuple(sorted(unusable)),
        series_description=text(root, "SeriesDescription") or "",
    )
