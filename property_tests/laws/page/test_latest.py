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
    """A collection is in one piece, in it a modality, in it a description; a letter's case tells none apart."""
    texts = [(row.collection or "", row.modality, row.description) for row in latest(made)]
    for deep in (1, 2, 3):
        pieces = [piece for piece, _ in groupby([text.lower() for text in one[:deep]] for one in texts)]
        assert len(pieces) == len({tuple(piece) for piece in pieces})


def test_each_is_in_the_order_of_a_dictionary_with_what_is_unnamed_at_the_end() -> None:
    made = [
        Row(f"{i}", collection, "", "", Status.MADE, modality=modality, description=description)
        for i, (collection, modality, description) in enumerate(
            [
                ("a", "CT", "Abdomen"),
                ("a", "CT", "chest"),
                ("a", "CT", "Head"),
                ("a", "CT", ""),
                ("a", "MR", "brain"),
                ("a", "", "Abdomen"),
                ("B", "CT", ""),
                ("B", "CT", ""),
                (None, "CT", "Abdomen"),
            ]
        )
    ]
    assert latest(made[::-1]) == tuple(made)
