"""The laws of what became of a series."""

from __future__ import annotations

import re

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.batch.outcome import (
    Limits,
    Outcome,
    crashed,
    failed,
    lost,
    may_pass,
    show_windows,
)
from dicom_series_preview.core.batch.retries import Ending
from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.faults.fault import CannotWrite, Fault, NothingReadable, Stalled
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.series import NoObjects, NoSeries
from dicom_series_preview.core.faults.storage import (
    AccessDenied,
    Busy,
    ConnectionRefused,
    CutShort,
    NoBucket,
    NotFound,
    TimedOut,
    UnknownHost,
    Unreachable,
    Untrusted,
)
from dicom_series_preview.core.grey import Lut, VoiFunction, Window
from property_tests.strategies_batch import rows

PASSING = (
    TimedOut("p", 20.0),
    Busy("p", "503"),
    Unreachable("p", "reset"),
    ConnectionRefused("p"),
    UnknownHost("p"),
    CutShort("p", 9, 3),
)
LASTING = (
    NotFound("p"),
    NoBucket("p"),
    AccessDenied("p", "403"),
    Untrusted("p", "expired"),
    NotDicom("p", "?"),
)


@pytest.mark.parametrize("fault", [*PASSING, Stalled(45.0), NothingReadable(3, PASSING[0])])
def test_what_speaks_of_a_moment_may_pass(fault: Fault) -> None:
    """The network, and a server that is busy; also where none of several objects could be read for that."""
    assert may_pass(fault)


@pytest.mark.parametrize(
    "fault",
    [
        *LASTING,
        NoObjects("s", 0),
        NoSeries("s", "r"),
        CannotWrite("f", "full"),
        NothingReadable(2, NotFound("p")),
    ],
)
def test_what_speaks_of_the_series_stays(fault: Fault) -> None:
    """Refusals, what is not there or not allowed, what cannot be decoded."""
    assert not may_pass(fault)


@given(rows, st.sampled_from([*PASSING, *LASTING]))
def test_a_fault_is_told_by_its_name_and_in_its_words(row: Row, fault: Fault) -> None:
    """All else of the row stays: there is no picture."""
    told = evolve(row, path="", status=Status.FAILED, fault=type(fault).__name__, words=str(fault))
    assert failed(row, fault) == Outcome(told, fault in PASSING)


windows = st.builds(
    Window, st.integers(-2000, 2000).map(float), st.integers(1, 4000).map(float), st.sampled_from(VoiFunction)
)


@given(st.lists(windows, max_size=6))
def test_windows_are_told_once_each(found: list[Window]) -> None:
    """Width, centre and function of up to three; of more, how many they are."""
    each = [f"width {w.width:.0f}, center {w.center:.0f}, {w.function.name}" for w in dict.fromkeys(found)]
    assert show_windows(found) == ("; ".join(each) if len(each) <= 3 else f"{len(each)} windows")
    assert show_windows([*found[:1], Lut(0, 8, b"ab"), Lut(1, 8, b"cd")]) == "; ".join([*each[:1], "VOI LUT"])


@given(rows, st.text(max_size=9))
def test_a_defect_is_told_too(row: Row, text: str) -> None:
    """It is not tried again: a defect stays."""
    outcome = crashed(row, KeyError(text))
    assert outcome.may_pass is False
    assert (outcome.row.status, outcome.row.fault, outcome.row.path) == (Status.FAILED, "KeyError", "")
    assert str(KeyError(text)) in outcome.row.words
    assert "defect" in outcome.row.words


@given(
    rows,
    st.sampled_from([Ending.TIMED_OUT, Ending.TOO_BIG, Ending.DIED]),
    st.integers(1, 500),
    st.integers(1, 64),
    st.integers(1, 9),
)
def test_a_lost_series_has_its_true_reason(
    row: Row, ending: Ending, seconds: int, gib: int, attempts: int
) -> None:
    """Its time, its memory, or the death of its worker; the words name the limit and the option."""
    found = lost(row, ending, Limits(float(seconds), gib << 30), attempts)
    expected = {
        Ending.TIMED_OUT: (Status.TIMED_OUT, "SeriesTimedOut", f" {seconds} s.*--series-timeout"),
        Ending.TOO_BIG: (Status.KILLED, "OutOfMemory", f" {gib} GiB.*--worker-memory"),
        Ending.DIED: (Status.KILLED, "WorkerDied", "died again when nothing else .* for want of memory[.]$"),
    }
    status, fault, words = expected[ending]
    assert (found.status, found.fault, found.attempts, found.path) == (status, fault, attempts, "")
    assert re.search(words, found.words)
    assert evolve(row, status=status, fault=fault, words=found.words, attempts=attempts, path="") == found
