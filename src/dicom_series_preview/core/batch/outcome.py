"""What became of a series, as a row: of a fault, or of a worker that could not tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve, frozen

from dicom_series_preview.core.batch.retries import Ending
from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.faults.fault import Fault, NothingReadable, Stalled
from dicom_series_preview.core.faults.storage import (
    Busy,
    ConnectionRefused,
    CutShort,
    TimedOut,
    UnknownHost,
    Unreachable,
)
from dicom_series_preview.core.grey import Lut, Voi

GIB: Final = 1 << 30

_MOST_WINDOWS: Final = 3


@frozen
class Limits:
    """What a series may take: `seconds`, and bytes of memory of its worker; None is no limit."""

    seconds: float | None = None
    memory: int | None = None


@frozen
class Outcome:
    """What became of a series: its row, and whether another try may end otherwise."""

    row: Row
    may_pass: bool = False


def show_windows(windows: Sequence[Voi]) -> str:
    """Through which windows a picture is shown, in words; how many they are where they are more than three.

    >>> from dicom_series_preview.core.grey import exact_window
    >>> show_windows([exact_window(1500.0, -500.0)])
    'width 1500, center -500, LINEAR_EXACT'
    """
    words = list(dict.fromkeys(map(_show_window, windows)))
    return "; ".join(words) if len(words) <= _MOST_WINDOWS else f"{len(words)} windows"


def _show_window(window: Voi) -> str:
    if isinstance(window, Lut):
        return "VOI LUT"
    return f"width {window.width:.6g}, center {window.center:.6g}, {window.function.name}"


def may_pass(fault: Fault) -> bool:
    """Whether a fault speaks of a moment, so that it may be gone at another try; all else stays as it is."""
    if isinstance(fault, NothingReadable):
        return may_pass(fault.first)
    return isinstance(
        fault, TimedOut | Busy | Unreachable | ConnectionRefused | UnknownHost | CutShort | Stalled
    )


def failed(blank: Row, fault: Fault) -> Outcome:
    """The outcome of a fault; `blank` says which series it is."""
    row = evolve(blank, status=Status.FAILED, path="", fault=type(fault).__name__, words=str(fault))
    return Outcome(row, may_pass(fault))


def crashed(blank: Row, error: BaseException) -> Outcome:
    """The outcome of a defect of this program, or of a library."""
    words = f"A defect of this program ({type(error).__name__}: {error})."
    return Outcome(evolve(blank, status=Status.FAILED, path="", fault=type(error).__name__, words=words))


def lost(blank: Row, ending: Ending, limits: Limits, attempts: int) -> Row:
    """The row of a series whose worker was lost with it, for the last time."""
    if ending is Ending.TIMED_OUT:
        status, fault = Status.TIMED_OUT, "SeriesTimedOut"
        words = f"It took longer than {limits.seconds:g} s: allow more with --series-timeout."
    elif ending is Ending.TOO_BIG:
        status, fault = Status.KILLED, "OutOfMemory"
        words = f"It took more than {(limits.memory or 0) / GIB:g} GiB of memory: allow more with --worker-memory."
    else:
        status, fault = Status.KILLED, "WorkerDied"
        words = (
            "Its worker died, and died again when nothing else was at work: a decoder crashed, or the system "
            "ended it for want of memory."
        )
    return evolve(blank, status=status, path="", fault=fault, words=words, attempts=attempts)
