"""One object's header as typed values, its functional groups flattened (PS3.3 C.7.6.16).

Values that are present but unusable (a position of two numbers, an orientation of zeros) count as absent and
are named in `Instance.unusable`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve
from returns.pipeline import is_successful
from returns.result import Success

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.geometry import Cosines, are_cosines
from dicom_series_preview.core.header import usable
from dicom_series_preview.core.header.complex_component import complex_component
from dicom_series_preview.core.header.elements import Elements
from dicom_series_preview.core.header.frame_rate import frame_rate
from dicom_series_preview.core.header.functional_groups import FrameReading, HeaderReading
from dicom_series_preview.core.header.greyscale import (
    Stored,
    is_inverted,
    read_modality_lut,
    read_voi,
    stored_as,
)
from dicom_series_preview.core.header.image_pixel import (
    MOST_FRAMES,
    MOST_SERIES_FRAMES,
    PixelFormat,
    check_held,
    read_pixel_format,
)
from dicom_series_preview.core.header.instance import (
    SLIDE_MICROSCOPY,
    Frame,
    Instance,
    PixelElement,
    Pixels,
    Tiling,
)
from dicom_series_preview.core.header.nuclear import frame_increments
from dicom_series_preview.core.header.planes import Planes, read_planes
from dicom_series_preview.core.header.reading import Mended, Reading
from dicom_series_preview.core.header.time_keys import time_values
from dicom_series_preview.core.header.value_kinds import Key
from dicom_series_preview.core.remarks import Mend


def _pixel_aspect(frame: FrameReading) -> float:
    """Row spacing over column spacing; all begin with the vertical value (PS3.3 10.7, C.7.6.3.1.7)."""
    keys = (
        usable.PIXEL_SPACING,
        usable.IMAGER_PIXEL_SPACING,
        usable.NOMINAL_SCANNED_PIXEL_SPACING,
        usable.PIXEL_ASPECT_RATIO,
    )
    pair = next((found for key in keys if (found := frame.get(key)) is not None), (1.0, 1.0))
    return pair[0] / pair[1]


PROJECTIONS: Final = frozenset({"CR", "DX", "IO", "MG", "PX", "RF", "RG", "XA"})
"""Modalities whose rays part, so that a picture is larger than the patient (PS3.3 C.7.3.1.1.1)."""


def _spacing(frame: FrameReading, cosines: Cosines | None) -> tuple[float, float] | None:
    """PixelSpacing where it measures the patient.

    Where it repeats the spacing of a detector or of a scanned film it does not: nothing was corrected for what is
    magnified on the way.  Of a projection that tells it alone, without how it was calibrated, nobody can know
    (PS3.3 10.7.1); planes in the patient, as those of a tomosynthesis, are no projections.
    """
    spacing = frame.get(usable.PIXEL_SPACING)
    others = {frame.get(usable.IMAGER_PIXEL_SPACING), frame.get(usable.NOMINAL_SCANNED_PIXEL_SPACING)}
    projected = cosines is None and frame.get(usable.MODALITY) in PROJECTIONS
    alone = others == {None} and frame.get(usable.CALIBRATION_TYPE) is None
    return None if spacing in others or (projected and alone) else spacing


def _stored_value(root: Reading, key: Key[float], pixel_format: PixelFormat) -> float | None:
    """A stored value with the sign of the pixels, whatever sign the header gives it; None if none can have it."""
    value = root.get(key)
    if value is None or pixel_format.is_float:
        return value
    span = 1 << pixel_format.bits_allocated
    if not -span // 2 <= value < span:
        root.notes.unusable.add(key.keyword)
        return None
    lowest = -(span >> 1) if pixel_format.pixel_representation else 0
    return (value - lowest) % span + lowest


def _padding(root: Reading, pixel_format: PixelFormat) -> tuple[float, float] | None:
    """Padding as stored values."""
    value, limit = (_stored_value(root, key, pixel_format) for key in usable.PADDING[pixel_format.keyword])
    if value is None:
        return None
    return (value, value) if limit is None else (min(value, limit), max(value, limit))


def _note_replaced(root: Reading, pixel_format: PixelFormat) -> None:
    """Note what says of the pixels what cannot be, so that `read_pixel_format` put its usual value there."""
    for key, used in (
        (usable.SAMPLES_PER_PIXEL, pixel_format.samples_per_pixel),
        (usable.BITS_STORED, pixel_format.bits_stored),
        (usable.HIGH_BIT, pixel_format.high_bit),
    ):
        if not pixel_format.is_float and root.get(key) not in (None, used):
            root.notes.unusable.add(key.keyword)


def _tiling(header: HeaderReading, pixel_format: PixelFormat) -> Tiling | None:
    root = header.root
    rows, columns = root.get(usable.MATRIX_ROWS), root.get(usable.MATRIX_COLUMNS)
    if rows is None or columns is None or root.get(usable.SOP_CLASS_UID) != SLIDE_MICROSCOPY:
        return None
    count, height, width = pixel_format.number_of_frames, pixel_format.rows, pixel_format.columns
    across, down = -(-columns // width), -(-rows // height)
    # Of several tiles at one place, of focal planes or optical paths, the first is shown.
    corners: dict[tuple[int, int], int] = {}
    told = False
    for number in range(count):
        frame = header.frame(number)
        row, column = frame.get(usable.TILE_ROW), frame.get(usable.TILE_COLUMN)
        if row is not None and column is not None:
            told = True
            corners.setdefault((row - 1, column - 1), number)
        else:  # TILED_FULL objects leave the positions out: row by row, one plane after another (C.7.6.17.3)
            place = number % (across * down)
            corners.setdefault((place // across * height, place % across * width), number)
    if len(corners) < count:
        root.notes.mended.add(Mended(usable.NUMBER_OF_FRAMES.keyword, Mend.PLANES))
    if not told and count < across * down:
        root.notes.mended.add(Mended(usable.NUMBER_OF_FRAMES.keyword, Mend.FEW))
    shown = {number: corner for corner, number in corners.items()}
    return Tiling(rows, columns, tuple(shown.get(number, (rows, columns)) for number in range(count)))


def _frame(frame: FrameReading, planes: Planes, stored: Stored) -> Frame:
    position, cosines = planes.of(frame)
    modality = read_modality_lut(frame, stored)
    return Frame(
        number=frame.number,
        position=position,
        cosines=cosines,
        slice_location=frame.get(usable.SLICE_LOCATION),
        times=time_values(frame),
        modality_lut=modality,
        voi=read_voi(frame, modality, stored),
        pixel_aspect=_pixel_aspect(frame),
        spacing=_spacing(frame, cosines),
        has_sides=_has_sides(frame, planes, cosines),
        component=complex_component(frame) if frame.get(usable.MODALITY) == "MR" else None,
        dimension_indices=frame.get(usable.DIMENSION_INDEX_VALUES),
    )


def _has_sides(frame: FrameReading, planes: Planes, cosines: Cosines | None) -> bool:
    """Whether the edges of a picture can be named for certain: a wrong letter is worse than none."""
    of_patient = planes.slices is not None or frame.get(usable.IMAGE_ORIENTATION) is not None
    told = cosines is not None and are_cosines(cosines)
    return of_patient and told and frame.get(usable.ANATOMICAL_ORIENTATION) != "QUADRUPED"


def _frames(header: HeaderReading, pixels: Pixels | BadPixelModule) -> Iterator[Frame]:
    if isinstance(pixels, BadPixelModule):
        count = min(header.root.get(usable.NUMBER_OF_FRAMES) or 1, MOST_FRAMES)
        shown, stored = 1, Stored()
    else:
        count = pixels.format.number_of_frames
        shown, stored = 1 if pixels.tiling is not None else count, stored_as(pixels.format)
    increments = frame_increments(header.root, count)
    planes = read_planes(header.root, count, increments)
    described = max(header.described, planes.described, 0 if increments is None else count)
    for number in range(min(shown, described)):
        reading = evolve(header.frame(number), increment=None if increments is None else increments[number])
        yield _frame(reading, planes, stored)
    if described < shown:
        frame = _frame(header.frame(described), planes, stored)
        yield frame
        for number in range(described + 1, shown):  # the others differ in nothing but their number
            yield evolve(frame, number=number)


def _pixels(
    elements: Elements,
    header: HeaderReading,
    transfer_syntax: str,
    element: PixelElement,
    size: int | None,
    most_frames: int,
) -> Pixels | BadPixelModule:
    span = element.span
    held = span.length if span.length is not None or size is None else size - span.offset
    read = read_pixel_format(elements, transfer_syntax, element.keyword, element.vr, span.length).bind(
        lambda pixel_format: Success(pixel_format) if held is None else check_held(pixel_format, held)
    )
    if not is_successful(read):
        return read.failure()
    pixel_format = read.unwrap()
    if pixel_format.number_of_frames > most_frames:
        problem = f"the series has more than {MOST_SERIES_FRAMES} frames"
        return BadPixelModule("NumberOfFrames", str(pixel_format.number_of_frames), problem)
    root = header.root
    _note_replaced(root, pixel_format)
    table, lengths = root.get(usable.OFFSET_TABLE), root.get(usable.OFFSET_TABLE_LENGTHS)
    palette = pixel_format.photometric_interpretation == "PALETTE COLOR"
    supplemental = pixel_format.photometric_interpretation == "MONOCHROME2" and (
        root.get(usable.PIXEL_PRESENTATION) in ("COLOR", "MIXED")
    )
    tables = {name: elements[name] for name in usable.PALETTE if name in elements}
    return Pixels(
        format=pixel_format,
        span=span,
        offset_table=None if table is None or lengths is None else (table, lengths),
        padding=_padding(root, pixel_format),
        inverted=is_inverted(root, pixel_format.photometric_interpretation),
        palette=tables if palette else None,
        tiling=_tiling(header, pixel_format),
        supplemental=tables if supplemental and tables else None,
    )


def read_instance(
    name: str,
    size: int | None,
    root: Elements,
    transfer_syntax: str,
    element: PixelElement | None,
    most_frames: int = MOST_FRAMES,
) -> Instance:
    """Type the header of the object `name`.

    `size` is the length in bytes of what `element` lies in, None when unknown; `element` is the pixel data
    element, None when the object has none.  An object of more than `most_frames` is one without an image.
    """
    header = HeaderReading(root)
    pixels = None if element is None else _pixels(root, header, transfer_syntax, element, size, most_frames)
    frames = () if pixels is None else tuple(_frames(header, pixels))
    return Instance(
        name=name,
        size=size,
        sop_class=header.root.get(usable.SOP_CLASS_UID) or "",
        sop_instance_uid=header.root.get(usable.SOP_INSTANCE_UID) or "",
        series_instance_uid=header.root.get(usable.SERIES_INSTANCE_UID) or "",
        modality=header.root.get(usable.MODALITY) or "",
        image_type=header.root.get(usable.IMAGE_TYPE) or (),
        instance_number=header.root.get(usable.INSTANCE_NUMBER),
        pixels=pixels,
        frames=frames,
        unusable=tuple(sorted(header.notes.unusable)),
        series_description=header.root.get(usable.SERIES_DESCRIPTION) or "",
        frame_rate=frame_rate(header.root),
        in_concatenation=header.root.get(usable.IN_CONCATENATION),
        mended=tuple(sorted(header.notes.mended, key=lambda mended: (mended.keyword, mended.mend.name))),
    )
