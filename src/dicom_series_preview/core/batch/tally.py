"""How far a batch is, in words."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve, frozen

from dicom_series_preview.core.batch.row import Row, Status


@frozen
class Tally:
    """Counts of series: those of this run by how they ended, and those that earlier runs have left."""

    total: int
    """How many series this run is about, those of earlier runs included."""
    skipped: int = 0
    """How many have their picture from an earlier run."""
    refused: int = 0
    """How many ended without a picture in an earlier run, and stay so."""
    made: int = 0
    failed: int = 0
    killed: int = 0
    timed_out: int = 0

    @property
    def ended(self) -> int:
        """How many this run has brought to an end."""
        return self.made + self.failed + self.killed + self.timed_out

    @property
    def left(self) -> int:
        """How many are still to do."""
        return self.total - self.skipped - self.refused - self.ended

    @property
    def is_complete(self) -> bool:
        """Whether every series has its picture."""
        return self.made + self.skipped == self.total


def add_row(tally: Tally, row: Row) -> Tally:
    """The counts with one row more."""
    match row.status:
        case Status.MADE:
            return evolve(tally, made=tally.made + 1)
        case Status.FAILED:
            return evolve(tally, failed=tally.failed + 1)
        case Status.KILLED:
            return evolve(tally, killed=tally.killed + 1)
        case Status.TIMED_OUT:
            return evolve(tally, timed_out=tally.timed_out + 1)
        case _ as never:
            assert_never(never)


def under_way(tally: Tally, seconds: float, workers: int = 1) -> str:
    """How far it is, after so many seconds of work by so many workers.

    >>> under_way(Tally(1000, skipped=100, made=290, failed=10), 100.0)
    'made 290, failed 10, skipped 100, left 600: 3.0 series/s, 3 min left'
    """
    rate = tally.ended / seconds if seconds > 0 else 0.0
    left = f", {_duration(tally.left / rate)} left" if rate else ""
    pace = f"{rate:.1f} series/s{left}" if workers else "the cluster has no workers, waiting for them"
    return (
        f"made {tally.made}, failed {tally.ended - tally.made}, skipped {tally.skipped + tally.refused}, "
        f"left {tally.left}: {pace}"
    )


def summary(tally: Tally, seconds: float) -> str:
    """What a run has come to, in one line.

    >>> summary(Tally(60, made=55, failed=4, killed=1), 30.0)
    '55 of 60 series have a picture (55 made now, in 30 s); 4 failed, 1 killed.'
    """
    pictures = tally.made + tally.skipped
    without = [
        f"{count} {words}"
        for count, words in (
            (tally.failed, "failed"),
            (tally.killed, "killed"),
            (tally.timed_out, "timed out"),
            (tally.refused, "failed before (--retry-failed tries again)"),
            (tally.left, "not begun"),
        )
        if count
    ]
    told = (
        f"{pictures} of {tally.total} series have a picture ({tally.made} made now, in {_duration(seconds)})"
    )
    return f"{told}; {', '.join(without)}." if without else f"{told}."


def _duration(seconds: float) -> str:
    """Seconds in words, as precise as matters.

    >>> _duration(30.2), _duration(200.0), _duration(9000.0)
    ('30 s', '3 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
