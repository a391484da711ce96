"""Metadata of a DICOMweb server -> instances, whose headers decide order and choice."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from dicom_series_preview.core.dicomweb.frames import HeldFrames, most_bytes
from dicom_series_preview.core.dicomweb.json_model import Metadata
from dicom_series_preview.core.header.elements import text
from dicom_series_preview.core.header.image_pixel import EXPLICIT_LITTLE_ENDIAN, PixelSpan
from dicom_series_preview.core.header.instance import Instance, PixelElement, Pixels
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.readahead import LONGEST_HEADER
from dicom_series_preview.core.header.values import read_elements
from dicom_series_preview.core.header.wanted import wanted_name

_ROWS: Final = 0x00280010
_OFFSET_TABLES: Final = frozenset({0x7FE00001, 0x7FE00002})
_LUT_DATA: Final = 0x00283006
_LUTS: Final = frozenset({"ModalityLUTSequence", "VOILUTSequence"})
_TABLES: Final = frozenset(
    {_LUT_DATA, *range(0x00281201, 0x00281204), *range(0x00281221, 0x00281224), *_OFFSET_TABLES}
)
"""Elements that say how pixels are shown, and nothing of where or when they were taken."""

_FEW: Final = 64
"""Elements; whole metadata of an image have more, as a rule."""

_NOWHERE: Final = PixelSpan(0, None)


def has_rows(metadata: Metadata) -> bool:
    """Whether metadata speak of a picture; those of a series may leave it out, those of one object do not."""
    return _ROWS in metadata.elements


def seems_poor(metadata: Metadata) -> bool:
    """Whether metadata of a series have so few elements that they may leave out what decides the order.

    Some servers tell the elements that they hold in a table, and guess a handful more from a few objects.
    """
    return metadata.count < _FEW


def is_poorer(metadata: Metadata, own: Metadata) -> bool:
    """Whether metadata of a series leave out something wanted that those of the object itself tell."""
    return not own.elements.keys() <= metadata.elements.keys() | metadata.untold


def uid_of(metadata: Metadata) -> str | None:
    """The SOPInstanceUID."""
    return text(read_elements(metadata.elements, wanted_name), "SOPInstanceUID")


def is_complete(metadata: Metadata) -> bool:
    """Whether nothing is missing that decides how frames are shown; of others the object itself is needed."""
    return not metadata.untold - _OFFSET_TABLES


def most_of_object(instance: Instance) -> int | None:
    """Bytes of the object that metadata describe, at most; None where they describe no picture."""
    pixels = instance.pixels
    if not isinstance(pixels, Pixels):
        return None
    return LONGEST_HEADER + most_bytes(pixels.format, pixels.format.number_of_frames)


def read_metadata_instance(name: str, metadata: Metadata, frames: HeldFrames | None = None) -> Instance:
    """The instance that metadata describe, with the pixels that came for it, if any did.

    Metadata do not tell whether there is pixel data: one that has Rows has a picture.  What they do not tell and
    the order may depend on is among its `unusable` elements.
    """
    elements = read_elements(metadata.elements, wanted_name)
    syntax = EXPLICIT_LITTLE_ENDIAN if frames is None else frames.transfer_syntax
    span = _NOWHERE if frames is None else frames.span
    pixel = PixelElement("PixelData", "OW", span) if has_rows(metadata) else None
    instance = read_instance(name, None, elements, syntax, pixel)
    if frames is not None and isinstance(instance.pixels, Pixels):
        instance = evolve(instance, pixels=evolve(instance.pixels, offset_table=frames.table))
    told = set(instance.unusable) - (_LUTS if _LUT_DATA in metadata.untold else frozenset())
    names = (wanted_name(metadata.elements, tag) for tag in metadata.untold - _TABLES)
    return evolve(instance, unusable=tuple(sorted(told.union(name for name in names if name is not None))))


def with_syntax(instance: Instance, transfer_syntax: str) -> Instance:
    """The instance with another transfer syntax than the one that stood in for it; empty where none is told."""
    pixels = instance.pixels
    if not isinstance(pixels, Pixels):
        return instance
    told = evolve(pixels.format, transfer_syntax=transfer_syntax)
    return evolve(instance, pixels=evolve(pixels, format=told))
