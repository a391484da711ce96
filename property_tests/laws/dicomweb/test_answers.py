"""Laws of what a DICOMweb server's status means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.dicomweb.answers import FRAMES, JSON, OBJECT, Meaning, meaning
from dicom_series_preview.core.dicomweb.media_types import read_media_type


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((200, Meaning.GIVEN), (206, Meaning.GIVEN), (204, Meaning.NOTHING), (404, Meaning.NOTHING)),
        *((410, Meaning.NOTHING), (401, Meaning.DENIED), (403, Meaning.DENIED), (407, Meaning.DENIED)),
        *((400, Meaning.NOT_SO), (406, Meaning.NOT_SO), (415, Meaning.NOT_SO), (501, Meaning.NOT_SO)),
        *((408, Meaning.PASSING), (425, Meaning.PASSING), (429, Meaning.PASSING), (502, Meaning.PASSING)),
        *((503, Meaning.PASSING), (504, Meaning.PASSING), (199, Meaning.NOT_SO), (300, Meaning.NOT_SO)),
    ],
)
@pytest.mark.parametrize("settled", [False, True])
def test_a_status_means_the_same_of_every_request(status: int, expected: Meaning, settled: bool) -> None:
    """PS3.18 8.5 and RFC 9110 15."""
    assert meaning(status, settled=settled) is expected


@given(st.integers(100, 599))
def test_only_a_broken_server_means_two_things(status: int) -> None:
    """500 passes, but not where it is the answer to what a server cannot do."""
    differ = meaning(status) is not meaning(status, settled=True)
    assert differ == (status == 500)


def test_a_server_that_cannot_is_not_asked_again() -> None:
    """500 from `/frames/` says that there is another way."""
    assert (meaning(500), meaning(500, settled=True)) == (Meaning.PASSING, Meaning.NOT_SO)


@pytest.mark.parametrize(
    ("accept", "kind"), [(OBJECT, "application/dicom"), (FRAMES, "application/octet-stream")]
)
def test_pixels_are_asked_for_as_they_are_stored(accept: str, kind: str) -> None:
    """Any transfer syntax will do (PS3.18 8.7.3.5.2): a server that decodes is slow, or ends over it."""
    media = read_media_type(accept)
    assert media.name == "multipart/related"
    assert media.parameters == {"type": kind, "transfer-syntax": "*"}
    assert read_media_type(JSON).name == "application/dicom+json"
