"""The laws of counting what became of series."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.batch.tally import Tally, add_row, summary, under_way
from property_tests.strategies_batch import rows

counts = st.integers(0, 50)


def _count(all_rows: list[Row], status: Status) -> int:
    return sum(row.status is status for row in all_rows)


@given(st.lists(rows, max_size=30), counts, counts, counts)
def test_every_series_is_counted_once(found: list[Row], skipped: int, refused: int, left: int) -> None:
    """What was made, what was not and why, what is from earlier and what is left make the whole."""
    tally = Tally(len(found) + skipped + refused + left, skipped, refused)
    for row in found:
        tally = add_row(tally, row)
    assert (tally.made, tally.failed) == (_count(found, Status.MADE), _count(found, Status.FAILED))
    assert tally.killed == _count(found, Status.KILLED)
    assert tally.timed_out == _count(found, Status.TIMED_OUT)
    assert tally.ended == len(found)
    assert tally.left == left
    assert tally.is_complete == (left + refused + len(found) == tally.made)


@given(counts, counts, counts)
def test_the_summary_tells_what_is_missing(made: int, skipped: int, refused: int) -> None:
    """In words and numbers; what is not missing is not mentioned."""
    tally = Tally(made + skipped + refused, skipped, refused, made=made)
    text = summary(tally, 12.0)
    assert text.startswith(
        f"{made + skipped} of {tally.total} series have a picture ({made} made now, in 12 s)"
    )
    assert ("failed before (--retry-failed tries again)" in text) == (refused > 0)
    assert "killed" not in text
    assert text.endswith(".")


def test_the_summary_names_each_kind() -> None:
    """In one line, whole."""
    tally = Tally(20, 1, 2, made=3, failed=4, killed=5, timed_out=1)
    assert summary(tally, 7200.0) == (
        "4 of 20 series have a picture (3 made now, in 2.0 h); 4 failed, 5 killed, 1 timed out, "
        "2 failed before (--retry-failed tries again), 4 not begun."
    )


@given(counts, counts)
def test_who_waits_for_workers_says_so(made: int, left: int) -> None:
    """In place of a pace that says nothing of what comes."""
    text = under_way(Tally(made + left, made=made), 60.0, workers=0)
    assert text == (
        f"made {made}, failed 0, skipped 0, left {left}: the cluster has no workers, waiting for them"
    )


def test_under_way_it_is_told_how_long_it_will_take() -> None:
    """By how fast it went so far; not before anything has ended."""
    assert under_way(Tally(10, 1, 2), 0.0) == "made 0, failed 0, skipped 3, left 7: 0.0 series/s"
    assert under_way(Tally(10), 5.0) == "made 0, failed 0, skipped 0, left 10: 0.0 series/s"
    tally = Tally(100, made=10, failed=5, killed=3, timed_out=2)
    assert under_way(tally, 10.0) == "made 10, failed 10, skipped 0, left 80: 2.0 series/s, 40 s left"
    assert under_way(tally, 0.0) == "made 10, failed 10, skipped 0, left 80: 0.0 series/s"
    assert under_way(tally, 25.0).endswith(", 2 min left")  # 100 s
    assert under_way(tally, 24.0).endswith(", 96 s left")
    assert under_way(tally, 50.0).endswith(", 3 min left")
    assert under_way(tally, 1499.0).endswith(", 100 min left")  # 5996 s
    assert under_way(tally, 1500.0).endswith(", 1.7 h left")
    assert under_way(tally, 7200.0).endswith(", 8.0 h left")
