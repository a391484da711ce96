"""Laws of what a DICOMweb server's status means."""

from __future__ import annotations

import pytest

from dicom_series_preview.core.dicomweb.answers import FRAMES, JSON, OBJECT, Meaning, meaning
from dicom_series_preview.core.dicomweb.media_types import read_media_type


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((200, Meaning.GIVEN), (206, Meaning.GIVEN), (204, Meaning.NOTHING), (404, Meaning.NOTHING)),
        *((410, Meaning.NOTHING), (401, Meaning.DENIED), (403, Meaning.DENIED), (407, Meaning.DENIED)),
        *((400, Meaning.NOT_SO), (406, Meaning.NOT_SO), (415, Meaning.NOT_SO), (500, Meaning.NOT_SO)),
        *((199, Meaning.NOT_SO), (299, Meaning.GIVEN), (300, Meaning.NOT_SO)),
    ],
)
def test_a_status_means_one_of_four_things(status: int, expected: Meaning) -> None:
    """PS3.18 8.5 and RFC 9110 15; 500 is what servers answer where another request would do."""
    assert meaning(status) is expected


@pytest.mark.parametrize(
    ("accept", "kind"), [(OBJECT, "application/dicom"), (FRAMES, "application/octet-stream")]
)
def test_pixels_are_asked_for_as_they_are_stored(accept: str, kind: str) -> None:
    """Any transfer syntax will do (PS3.18 8.7.3.5.2): a server that decodes is slow, or ends over it."""
    media = read_media_type(accept)
    assert media.name == "multipart/related"
    assert media.parameters == {"type": kind, "transfer-syntax": "*"}
    assert read_media_type(JSON).name == "application/dicom+json"
