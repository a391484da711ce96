"""The laws of what is still to do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.batch.names import picture_path
from dicom_series_preview.core.batch.resume import Shard, Told, sort_out
from dicom_series_preview.core.batch.row import Status

WITHOUT = (Status.FAILED, Status.KILLED, Status.TIMED_OUT)

# What a folder may hold of a series: nothing, a whole picture, a row whose picture is gone, a refusal.
states = st.sampled_from(["new", "made", "lost", "orphan", "refused"])
lists = st.dictionaries(st.text(max_size=8), states, max_size=30)


def _folder(series: dict[str, str]) -> tuple[dict[str, Told], set[str]]:
    told, pictures = dict[str, Told](), set[str]()
    for number, (key, state) in enumerate(series.items()):
        path = picture_path(key, ".webp")
        if state in ("made", "lost"):
            told[key] = Told(Status.MADE, path)
        if state == "refused":
            told[key] = Told(WITHOUT[number % 3], "")
        if state in ("made", "orphan"):
            pictures.add(path)
    return told, pictures


@given(lists, lists, st.booleans())
def test_what_is_made_is_done_and_what_was_refused_stays_so(
    listed: dict[str, str], others: dict[str, str], retry: bool
) -> None:
    """Done is what a row calls made and whose picture is there; refused is not tried again unless asked for."""
    others = {key: state for key, state in others.items() if key not in listed}
    told, pictures = _folder(listed | others)
    todo = sort_out(list(listed), told, pictures, Shard(), retry_failed=retry)
    wanted = {"new", "lost", "orphan", *(["refused"] if retry else [])}
    assert todo.items == tuple(n for n, state in enumerate(listed.values()) if state in wanted)
    states = list(listed.values())
    assert todo.made == states.count("made")
    assert todo.refused == (0 if retry else states.count("refused"))
    again = {"lost", *(["refused"] if retry else [])}
    assert todo.stale == {key for key, state in listed.items() if state in again}


@given(lists, lists)
def test_overwrite_makes_all_again_and_trusts_no_row(listed: dict[str, str], others: dict[str, str]) -> None:
    """No row that is left speaks of a picture made in another way."""
    told, pictures = _folder(others | listed)
    todo = sort_out(list(listed), told, pictures, Shard(), overwrite=True)
    assert todo.items == tuple(range(len(listed)))
    assert (todo.made, todo.refused, todo.stale) == (0, 0, frozenset(told))


@given(lists, st.integers(1, 5), st.booleans(), st.booleans())
def test_shards_divide_the_work(listed: dict[str, str], count: int, retry: bool, overwrite: bool) -> None:
    """Together the shares do what one run would do, and nothing twice; none touches another's rows."""
    told, pictures = _folder(listed)
    whole = sort_out(list(listed), told, pictures, Shard(), retry_failed=retry, overwrite=overwrite)
    shares = [
        sort_out(list(listed), told, pictures, Shard(n, count), retry_failed=retry, overwrite=overwrite)
        for n in range(1, count + 1)
    ]
    assert sorted(item for share in shares for item in share.items) == list(whole.items)
    assert sum(share.made for share in shares) == whole.made
    assert sum(share.refused for share in shares) == whole.refused
    assert sorted(key for share in shares for key in share.stale) == sorted(whole.stale)
    keys = list(listed)
    assert all(share.stale <= {keys[item] for item in share.items} for share in shares)


@given(lists, lists, st.integers(1, 5))
def test_what_is_of_other_options_goes_with_the_first_share(
    listed: dict[str, str], others: dict[str, str], count: int
) -> None:
    """From then on the folder says that it holds the new ones: no row of the old may be left to any share."""
    told, pictures = _folder(others | listed)
    todo = sort_out(list(listed), told, pictures, Shard(1, count), overwrite=True, same=False)
    assert todo.stale == frozenset(told)


@given(lists, st.data())
def test_a_finished_batch_has_nothing_to_do(listed: dict[str, str], data: st.DataObject) -> None:
    """When each series has its row, and each that was made its picture, another run begins nothing."""
    ended = {key: data.draw(st.sampled_from(["made", "refused"])) for key in listed}
    told, pictures = _folder(ended)
    todo = sort_out(list(ended), told, pictures, Shard())
    assert (todo.items, todo.stale) == ((), frozenset())
