"""The laws of the series of a batch: each once, each at its place."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.roots import S3Root
from dicom_series_preview.core.ask.series_id import DicomUid, SeriesPlace, SeriesUid
from dicom_series_preview.core.batch.names import series_key
from dicom_series_preview.core.batch.wanted import Wanted, once, place_them, unplaced
from property_tests.strategies_location import dicom_uids, series_ids, uids

wanted = st.builds(Wanted, series_ids, st.none() | st.sampled_from(["nlst", "tcga_luad"]))


@given(st.lists(wanted, max_size=12), st.data())
def test_each_series_is_done_once(given_once: list[Wanted], data: st.DataObject) -> None:
    """Where it is named first, with what is said of it there."""
    distinct = list({series_key(one.series): one for one in reversed(given_once)}.values())[::-1]
    repeated = data.draw(st.lists(st.sampled_from(distinct), max_size=9)) if distinct else []
    assert once([*distinct, *repeated]) == tuple(distinct)
    assert once(once(given_once)) == once(given_once)
    keys = [series_key(one.series) for one in given_once]
    assert [series_key(one.series) for one in once(given_once)] == list(dict.fromkeys(keys))


@given(
    st.lists(st.builds(Wanted, uids) | wanted, max_size=9),
    st.dictionaries(dicom_uids, st.tuples(uids, st.booleans()), max_size=9),
    st.randoms(use_true_random=False),
    st.none() | st.just("mine"),
)
def test_a_table_tells_where_series_lie(
    others: list[Wanted], table: dict[DicomUid, tuple[SeriesUid, bool]], chance: Random, own: str | None
) -> None:
    """What the table holds goes to its place; all else stays, and nothing changes its order."""
    others = [one for one in others if one.series not in table]
    places = {
        uid.text: Wanted(SeriesPlace(S3Root("bucket"), str(number)), "theirs")
        for number, (uid, (_, known)) in enumerate(table.items())
        if known
    }
    rows = [(one, one) for one in others] + [
        (
            Wanted(uid, own),
            Wanted(places[uid.text].series, own or "theirs") if known else Wanted(uid, own),
        )
        for uid, (_, known) in table.items()
    ]
    rows.sort(key=lambda _: chance.random())
    given_now = [before for before, _ in rows]
    assert place_them(given_now, places) == tuple(after for _, after in rows)
    told = {one.series.text for one in others if isinstance(one.series, DicomUid)}
    assert unplaced(given_now) == told | {uid.text for uid in table}
