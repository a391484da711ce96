"""Laws of where the objects of an index are: what was given counts before what was remembered."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.roots import DicomwebRoot, HttpRoot, Root
from dicom_series_preview.core.ask.series_id import DicomUid, SeriesId, SeriesUid
from dicom_series_preview.core.index.place import objects_root
from property_tests.strategies_location import roots, web_roots

_SERVICES = web_roots.map(DicomwebRoot)
_ROOTS: st.SearchStrategy[Root] = st.one_of(roots, _SERVICES)
_NAMES: st.SearchStrategy[SeriesId] = st.sampled_from([DicomUid("1.2"), SeriesUid("0" * 32)])


@given(_ROOTS, st.none() | _ROOTS, web_roots, _ROOTS)
def test_a_series_at_a_service_is_read_there(
    told: Root, given_root: Root | None, service: HttpRoot, default: Root
) -> None:
    """With the login of its address, wherever it was when the index was made."""
    served = evolve(service, login="user:secret")
    assert objects_root(Success(told), given_root, WebSeries(served, "1.2", "3.4"), default) == Success(
        DicomwebRoot(served)
    )


@given(_ROOTS, st.none() | _ROOTS, _NAMES, _ROOTS)
def test_a_root_that_is_given_counts(
    told: Root, given_root: Root | None, name: SeriesId, default: Root
) -> None:
    """And else the one that the index remembers."""
    assert objects_root(Success(told), given_root, name, default) == Success(
        told if given_root is None else given_root
    )


@given(web_roots, _NAMES, st.sampled_from(["user:secret", None]))
def test_the_login_of_the_same_service_serves(service: HttpRoot, name: SeriesId, login: str | None) -> None:
    """An index remembers none; that of another service is not for this one."""
    default = DicomwebRoot(evolve(service, login=login))
    other = DicomwebRoot(evolve(default.service, authority="other.example:1"))
    assert objects_root(Success(DicomwebRoot(service)), None, name, default) == Success(default)
    assert objects_root(Success(DicomwebRoot(service)), None, name, other) == Success(DicomwebRoot(service))
    assert objects_root(Success(service), None, name, default) == Success(service)
