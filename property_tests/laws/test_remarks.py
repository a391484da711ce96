"""Laws of the words for what was odd: they name it, and how often it was met."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.storage import StoreFailed
from dicom_series_preview.core.remarks import BlackTile, LeftOut, Mend, MendedElement, NotTold, by_cause


@given(count=st.integers(2, 10**6), mend=st.sampled_from(Mend))
def test_an_element_is_named_with_the_count_of_its_objects(count: int, mend: Mend) -> None:
    """Words for an element that is mended, and for one that a server's metadata leave out."""
    mended, untold = str(MendedElement("Rows", mend, count)), str(NotTold("Rows", count))
    assert mended == f"Rows {mend.value} (in {count} objects)."
    assert untold == f"Rows is not in the server's metadata of {count} objects: left out."
    assert "1 object)" in str(MendedElement("Rows", mend, 1))


@pytest.mark.parametrize(("kind", "what"), [(LeftOut, "left out"), (BlackTile, "black tile")])
@given(count=st.integers(2, 10**6))
def test_a_cause_is_told_once(kind: type[LeftOut] | type[BlackTile], what: str, count: int) -> None:
    """With its count where it was met several times, and with the first that met it."""
    fault = NotDicom("a.dcm", "cut")
    assert str(kind(1, fault)) == f"{what}: {fault}"
    assert str(kind(count, fault)) == f"{what}, {count} times for one cause; the first: {fault}"


@given(causes=st.lists(st.sampled_from("abc"), max_size=12))
def test_faults_are_counted_by_their_cause(causes: list[str]) -> None:
    """Each cause once, at whatever byte of an object it was met, in the order of the objects that met it first."""
    faults = [NotDicom(f"{number}.dcm", f"{cause} at byte {number}") for number, cause in enumerate(causes)]
    firsts = list(dict.fromkeys(causes))
    assert by_cause(faults) == tuple((causes.count(cause), faults[causes.index(cause)]) for cause in firsts)


@given(statuses=st.lists(st.sampled_from([400, 500, 502]), max_size=12))
def test_each_status_of_a_server_is_a_cause(statuses: list[int]) -> None:
    """A number that says what was wrong is not left out (RFC 9110 15)."""
    faults = [
        StoreFailed(f"{number}.dcm", f"the server answered {status}.")
        for number, status in enumerate(statuses)
    ]
    told = {fault.reason: count for count, fault in by_cause(faults) if isinstance(fault, StoreFailed)}
    assert told == {f"the server answered {one}.": statuses.count(one) for one in statuses}
