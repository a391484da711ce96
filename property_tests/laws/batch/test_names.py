"""The laws of what series of a batch are called."""

from __future__ import annotations

import re
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.roots import LocalRoot, Root
from dicom_series_preview.core.ask.series_id import (
    DicomUid,
    SeriesId,
    SeriesPlace,
    SeriesUid,
    parse_series,
    show_series,
)
from dicom_series_preview.core.batch.names import as_text, list_hash, picture_path, series_key, shard_of
from property_tests.strategies_location import cased, dicom_uids, names, remote_roots, roots, series_ids, uids

ENDINGS = st.sampled_from([".webp", ".jpg", ".png", ".json", ".parquet"])


@given(st.data(), uids, roots)
def test_a_uuid_is_one_series_wherever_it_lies(data: st.DataObject, uid: SeriesUid, root: Root) -> None:
    """Its place and its spelling do not matter."""
    spelled = data.draw(cased(data.draw(st.sampled_from([uid.text, uid.text.replace("-", "")]))))
    assert series_key(uid) == uid.text
    assert series_key(SeriesPlace(root, spelled)) == uid.text


@given(series_ids)
def test_a_key_is_read_as_its_series(series: SeriesId) -> None:
    """The key of a series is what the command takes for it, if UTF-8 can hold it."""
    key = series_key(series)
    shown = parse_series(as_text(show_series(series))).unwrap()
    assert series_key(parse_series(key).unwrap()) == key
    assert key in (as_text(show_series(series)), series_key(shown))
    assert key.encode("utf-8")


@given(st.lists(series_ids, max_size=20), ENDINGS)
@example([SeriesPlace(LocalRoot("/a"), "CT"), SeriesPlace(LocalRoot("/a"), "ct")], ".webp")
@example([SeriesPlace(LocalRoot("/a"), "CT"), SeriesPlace(LocalRoot("/b"), "CT")], ".webp")
@example([SeriesPlace(LocalRoot("/a"), "1.2"), DicomUid("1.2")], ".webp")
@example([SeriesPlace(LocalRoot("/a"), "x y"), SeriesPlace(LocalRoot("/a"), "x_y")], ".webp")
def test_no_two_series_share_a_picture(series: list[SeriesId], ending: str) -> None:
    """Also where upper and lower case are the same; and every file system can hold the name."""
    keys = {series_key(one) for one in series}
    paths = [picture_path(key, ending) for key in keys]
    assert len({path.lower() for path in paths}) == len(keys)
    for path in paths:
        assert re.fullmatch(r"[0-9a-f]{2}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}", path)
        assert path.endswith(ending)


@given(uids, dicom_uids, ENDINGS)
def test_pictures_are_named_for_their_uuids_and_uids(uid: SeriesUid, dicom: DicomUid, ending: str) -> None:
    """A uuid lies in the folder of its first two digits; a SeriesInstanceUID keeps its name."""
    assert picture_path(uid.text, ending) == f"{uid.text[:2]}/{uid.text}{ending}"
    assert picture_path(dicom.text, ending).endswith(f"/{dicom.text}{ending}")


@given(remote_roots, st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,30}", fullmatch=True))
def test_the_name_of_a_folder_is_seen_in_that_of_its_picture(root: Root, name: str) -> None:
    """Who looks into the output folder finds the series."""
    path = picture_path(f"{show_series(SeriesPlace(root, name))}", ".webp")
    assert path[3:].startswith(f"{name}-")


@given(st.lists(st.text("aB7-", min_size=1, max_size=4), min_size=2, max_size=6), st.text(" +%", min_size=1))
def test_what_no_file_system_likes_is_an_underscore(parts: list[str], between: str) -> None:
    """One for each run of such characters: what is left can still be read."""
    path = picture_path(f"/data/{between.join(parts)}", ".webp")
    assert path[3:].startswith("_".join(parts))


@given(st.lists(st.text(max_size=20), max_size=30), st.integers(1, 9))
def test_shards_divide_a_list(keys: list[str], shards: int) -> None:
    """Each series is in one share, the same whatever else is in the list."""
    assert all(1 <= shard_of(key, shards) <= shards for key in keys)
    assert all(shard_of(key, 1) == 1 for key in keys)


@given(st.integers(2, 7), st.integers(0, 10**6))
def test_shards_are_about_equal(shards: int, start: int) -> None:
    """A share of 700 series is not far from its part (six standard deviations)."""
    counts = [0] * shards
    for item in range(start, start + 700):
        counts[shard_of(f"series {item}", shards) - 1] += 1
    mean = 700 / shards
    assert all(abs(count - mean) <= 6 * mean**0.5 for count in counts)


@given(st.lists(uids.map(lambda uid: uid.text), unique=True, min_size=1), st.randoms(use_true_random=False))
def test_a_list_is_known_by_its_series(keys: list[str], chance: Random) -> None:
    """In any order it is the same list; with one less it is another."""
    other = sorted(keys, key=lambda _: chance.random())
    assert list_hash(other) == list_hash(keys)
    assert list_hash(keys[1:]) != list_hash(keys)
    assert re.fullmatch("[0-9a-f]{64}", list_hash(keys))


@given(names)
def test_text_that_utf8_cannot_hold_is_written_out(name: str) -> None:
    """All other text stays as it is."""
    shown = as_text(name)
    assert shown.encode("utf-8")
    assert (shown == name) == (not any("\ud800" <= letter <= "\udfff" for letter in name))
    assert as_text(shown) == shown


def test_a_byte_that_is_no_utf8_is_shown_by_its_number() -> None:
    """So that the name can be found again."""
    assert as_text("caf\udce9 é") == "caf\\udce9 é"
