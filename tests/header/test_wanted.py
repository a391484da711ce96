"""The list of wanted elements against pydicom's dictionaries."""

from __future__ import annotations

import pytest
from pydicom.datadict import dictionary_VR, keyword_for_tag, private_dictionary_VR
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, STANDARD_VR

from dicom_series_preview.core.header.raw import VRS
from dicom_series_preview.core.header.wanted import PRIVATE, STANDARD


def test_keywords_and_vrs_are_those_of_the_standard() -> None:
    assert {tag: (keyword_for_tag(tag), dictionary_VR(tag)) for tag in STANDARD} == STANDARD


@pytest.mark.parametrize(("ends", "creator"), sorted(PRIVATE))
def test_private_elements_are_those_of_their_makers(ends: int, creator: str) -> None:
    tag = ends | 0x1000
    name, vr = PRIVATE[ends, creator]
    assert name == f"({tag >> 16:04x},{tag & 0xFFFF:04x})"
    assert vr == private_dictionary_VR(tag, creator)


def test_every_vr_is_known_with_the_length_of_its_length() -> None:
    standard = {str(vr) for vr in STANDARD_VR}
    assert dict(VRS.values()) == {vr: vr in EXPLICIT_VR_LENGTH_32 for vr in standard}
