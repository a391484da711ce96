"""Laws of what is asked of a DICOMweb server: within the user's service, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.dicomweb import WebSeries, show_address
from dicom_series_preview.core.ask.roots import HttpRoot
from dicom_series_preview.core.dicomweb.addresses import (
    frames_address,
    is_addressable,
    metadata_address,
    object_address,
    object_metadata_address,
    search_address,
)

_SERVICES = st.builds(
    HttpRoot,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["host", "host:8042"]),
    st.sampled_from(["", "dicom-web", "a/b c/é"]),
    st.sampled_from([None, "user:secret"]),
)
_UIDS = st.lists(st.integers(0, 10**8), min_size=2, max_size=6).map(lambda parts: ".".join(map(str, parts)))


@given(_SERVICES, _UIDS, _UIDS, _UIDS, st.lists(st.integers(0, 200), min_size=1, max_size=5))
@example(HttpRoot("http", "host"), "1.2", "1.3", "1.4", [0])
def test_what_is_asked_lies_below_the_service(
    service: HttpRoot, study: str, series: str, instance: str, frames: Sequence[int]
) -> None:
    """PS3.18 10.4.1.1 and 10.6.1.1; frames count from 1 there.  No login is part of an address."""
    at = WebSeries(service, study, series)
    below = f"/studies/{study}/series/{series}"
    one = f"{below}/instances/{instance}"
    numbers = ",".join(str(frame + 1) for frame in frames)
    expected = {
        show_address(at): below,
        metadata_address(at): f"{below}/metadata",
        object_address(at, instance): one,
        object_metadata_address(at, instance): f"{one}/metadata",
        frames_address(at, instance, frames): f"{one}/frames/{numbers}",
        search_address(service, series): "/series",
    }
    base = {"": "", "dicom-web": "/dicom-web", "a/b c/é": "/a/b%20c/%C3%A9"}[service.prefix]
    for address, path in expected.items():
        url = urlsplit(address)
        assert (url.scheme, url.netloc, url.path) == (service.scheme, service.authority, base + path)
    assert parse_qs(urlsplit(search_address(service, series)).query) == {"SeriesInstanceUID": [series]}


@given(_UIDS)
@example("x" * 64)
@example("1.2-a_B")
def test_uids_can_stand_in_an_address(uid: str) -> None:
    """Some archives have letters in theirs."""
    assert is_addressable(uid)


@given(_UIDS, st.sampled_from("/?#%\\ \n\0é&;"))
def test_what_would_lead_elsewhere_can_not(uid: str, strange: str) -> None:
    """A server's word is no path."""
    assert not is_addressable(uid + strange)
    assert not is_addressable(strange + uid)


@pytest.mark.parametrize("uid", ["", ".", "..", "-", "x" * 65])
def test_what_names_nothing_can_not(uid: str) -> None:
    """Dots alone walk up a path."""
    assert not is_addressable(uid)
