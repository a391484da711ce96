"""Laws of counting faults: one object costs its tile, a store that is down costs the run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.faults.objects import NotDicom, Undecodable
from dicom_series_preview.core.faults.storage import (
    AccessDenied,
    BadSetting,
    Busy,
    Changed,
    ConnectionRefused,
    CredentialsRefused,
    CutShort,
    NoBucket,
    NotFound,
    NoTls,
    ProxyRefused,
    StoreFailed,
    TimedOut,
    UnknownHost,
    Unreachable,
    Untrusted,
    WrongRegion,
)
from dicom_series_preview.core.faults.tally import ENOUGH, SOME, Tally

PASSING: list[ObjectFault] = [
    *(TimedOut("a", 2.0), UnknownHost("a"), ConnectionRefused("a"), Untrusted("a", "x"), NoTls("a", "x")),
    *(Unreachable("a", "x"), Busy("a", "503")),
]
ALONE: list[ObjectFault] = [
    *(NoBucket("a"), CredentialsRefused("a", "x", ""), WrongRegion("a", None), BadSetting("a", "x")),
    ProxyRefused("a", "p", "http_proxy"),
]
SINGLE: list[ObjectFault] = [
    *(NotFound("a"), AccessDenied("a", "403"), CutShort("a", 2, 1), Changed("a"), StoreFailed("a", "x")),
    *(NotDicom("a", "x"), Undecodable("a", "x", "y")),
]
passing, alone, single = st.sampled_from(PASSING), st.sampled_from(ALONE), st.sampled_from(SINGLE)


def counted(outcomes: list[ObjectFault | None]) -> Tally:
    tally = Tally()
    for outcome in outcomes:
        tally = tally.counting(outcome)
    return tally


@given(data=st.data(), few=st.integers(0, ENOUGH - 1))
def test_single_objects_never_end_a_run(data: st.DataObject, few: int) -> None:
    """However many have faults of their own, and a few what a store that is down would do."""
    own = data.draw(st.lists(st.none() | single, max_size=60))
    ill = data.draw(st.lists(passing, min_size=few, max_size=few))
    assert counted(data.draw(st.permutations([*own, *ill]))).spoilt is None


@given(well=st.integers(ENOUGH, 40), data=st.data())
def test_a_store_of_which_most_was_read_is_not_down(well: int, data: st.DataObject) -> None:
    """Sixteen faults are many, and yet fewer than what was read before them."""
    ill = data.draw(st.lists(passing, min_size=ENOUGH, max_size=well))
    assert counted([None] * well + ill).spoilt is None


@given(well=st.integers(0, 30), data=st.data())
def test_a_store_that_is_down_ends_the_run(well: int, data: st.DataObject) -> None:
    """When sixteen objects, and more than were read, met it: with what the first of them met."""
    ill = data.draw(st.lists(passing, min_size=max(ENOUGH, well + 1), max_size=50))
    assert counted([*[None] * well, *ill]).spoilt == ill[0]
    assert counted([*[None] * well, *ill[: max(ENOUGH, well + 1) - 1]]).spoilt is None
    assert counted([*[None] * well, *ill, *[None] * 99]).spoilt == ill[0]


@given(first=passing, well=st.integers(0, 30), data=st.data())
def test_what_the_first_met_is_told_whatever_was_read_since(
    first: ObjectFault, well: int, data: st.DataObject
) -> None:
    """It says what is wrong; the last one only that it still is."""
    ill = data.draw(st.lists(passing, min_size=max(ENOUGH, well + 1), max_size=50))
    assert counted([first, *[None] * well, *ill]).spoilt == first


@given(well=st.integers(0, 30), data=st.data())
def test_after_the_last_object_fewer_are_enough(well: int, data: st.DataObject) -> None:
    """Some, and more than were read: the others would have been no better."""
    ill = data.draw(st.lists(passing, min_size=max(SOME, well + 1), max_size=40))
    enough = max(SOME, well + 1)
    assert counted([*[None] * well, *ill]).down == ill[0]
    assert counted([*[None] * well, *ill[: enough - 1]]).down is None
    assert counted([None] * well).down is None


@given(fault=alone)
def test_what_has_spoilt_a_run_ends_it(fault: ObjectFault) -> None:
    """After the last object as before."""
    assert counted([fault, None]).down == fault


@given(
    fault=alone,
    before=st.lists(st.none() | single, max_size=9),
    after=st.lists(st.none() | alone | passing, max_size=30),
)
def test_what_speaks_of_the_store_alone_ends_the_run_at_once(
    fault: ObjectFault, before: list[ObjectFault | None], after: list[ObjectFault | None]
) -> None:
    """The first such fault, whatever was read."""
    assert counted([*before, fault, *after]).spoilt == fault
