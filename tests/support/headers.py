"""Headers of objects that are held in whole."""

from __future__ import annotations

from dicom_series_preview.core.header.elements import Elements
from dicom_series_preview.core.header.image_pixel import DEFLATED_LITTLE_ENDIAN
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.header.read_instance import read_instance
from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.header.values import read_elements
from dicom_series_preview.core.header.wanted import PREVIEW, wanted_name


def whole_header(data: bytes) -> Header:
    """The header of an object that has one."""
    header = scan_header(data, True, PREVIEW)
    assert isinstance(header, Header), header
    return header


def elements_of(header: Header) -> Elements:
    """What a preview reads of it."""
    return read_elements(header.elements, wanted_name)


def instance_of(name: str, data: bytes) -> Instance:
    """An object as a value."""
    header = whole_header(data)
    size = None if header.transfer_syntax == DEFLATED_LITTLE_ENDIAN else len(data)
    return read_instance(name, size, elements_of(header), header.transfer_syntax, header.pixel)
