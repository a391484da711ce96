"""Laws of what is shown: each series once, as its last row tells, alike beside alike."""

from __future__ import annotations

from itertools import groupby

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.page.latest import latest

few = st.sampled_from(("a", "b", "B"))
made_rows = st.lists(
    st.builds(
        Row,
        series=few | st.uuids().map(str),
        collection=st.none() | few,
        location=st.just("/data"),
        path=few,
        status=st.sampled_from(Status),
        modality=few,
        description=few,
    ),
    max_size=12,
)


@given(made=made_rows)
def test_each_series_is_shown_once_as_its_last_row_tells(made: list[Row]) -> None:
    shown = latest(made)
    assert len({row.series for row in shown}) == len(shown)
    assert {row.series for row in shown} == {row.series for row in made}
    for row in shown:
        assert row == [other for other in made if other.series == row.series][-1]


@given(made=made_rows, data=st.data())
def test_the_order_of_the_rows_of_different_series_does_not_matter(
    made: list[Row], data: st.DataObject
) -> None:
    """Workers end when they end."""
    once = [evolve(row, series=str(i)) for i, row in enumerate(made)]
    assert latest(data.draw(st.permutations(once))) == latest(once)


@given(made=made_rows)
def test_alike_stands_beside_alike(made: list[Row]) -> None:
    """A collection is in one piece, in it a modality, in it descriptions in the order of a dictionary."""
    shown = latest(made)
    collections = [name for name, _ in groupby(row.collection or "" for row in shown)]
    assert collections == sorted(set(collections))
    for _, together in groupby(shown, lambda row: row.collection or ""):
        kinds = [(row.modality, row.description.lower(), row.series) for row in together]
        assert kinds == sorted(kinds)
