"""Laws of identity: the objects that are shown are those that were indexed, as far as UIDs can tell."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import Root, join_root
from dicom_series_preview.core.ask.series_id import SeriesPlace, SeriesPrefix, SeriesUid
from dicom_series_preview.core.faults.index import StaleIndex, UnstorableName
from dicom_series_preview.core.faults.request import BadRoot
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.index.cells import Cell
from dicom_series_preview.core.index.place import objects_root
from dicom_series_preview.core.index.read import SeriesIndex, is_index_of, read_index, stale
from dicom_series_preview.core.index.table import Row, build_index, storable
from dicom_series_preview.core.order.stacks import order
from property_tests.strategies import make_frame, make_instance
from property_tests.strategies_index import ORIGIN
from property_tests.strategies_location import roots

SERIES = "1.2.840"


def _objects(count: int, nameless: frozenset[int]) -> list[Instance]:
    """Objects with UIDs of their own, of which some name no series."""
    return [
        evolve(
            make_instance(f"{i}.dcm", make_frame((0.0, 0.0, -2.0 * i)), uid=f"1.2.{i}", number=i),
            series_instance_uid="" if i in nameless else SERIES,
        )
        for i in range(count)
    ]


def _index(objects: list[Instance]) -> SeriesIndex:
    rows = []
    for one in objects:
        cells = {"SOPInstanceUID": Cell("00080018", "UI", (one.sop_instance_uid,))}
        if one.series_instance_uid:
            cells["SeriesInstanceUID"] = Cell("0020000E", "UI", (one.series_instance_uid,))
        rows.append(Row(one, cells))
    return read_index("i.parquet", build_index(rows, order(objects), ORIGIN).table).unwrap()


@given(count=st.integers(2, 6), nameless=st.frozensets(st.integers(0, 5)))
def test_the_objects_that_were_indexed_are_known_again(count: int, nameless: frozenset[int]) -> None:
    """Also those that name no series, wherever they stand among the others."""
    objects = _objects(count, nameless)
    index = _index(objects)
    assert index.series_instance_uid == (SERIES if set(range(count)) - nameless else "")
    assert [stale(index, one, one.name) for one in objects] == [None] * count


@given(count=st.integers(2, 6), shift=st.integers(1, 5))
def test_objects_that_changed_places_are_others(count: int, shift: int) -> None:
    """Each is told by the place where it is, with its UID and the one that was there."""
    objects = _objects(count, frozenset())
    index, step = _index(objects), 1 + shift % (count - 1)
    for at in range(count):
        mine, theirs = objects[at], objects[(at + step) % count]
        told = stale(index, evolve(theirs, name=mine.name), "somewhere")
        assert told == StaleIndex(
            "somewhere", "SOPInstanceUID", theirs.sop_instance_uid, mine.sop_instance_uid
        )


@given(at=st.integers(0, 3))
def test_an_object_without_a_uid_or_of_another_series_is_another(at: int) -> None:
    """A UID that is gone tells as much as another one; a series that is named must be the one of the index."""
    objects = _objects(4, frozenset())
    index, one = _index(objects), objects[at]
    gone = StaleIndex("p", "SOPInstanceUID", "", one.sop_instance_uid)
    assert stale(index, evolve(one, sop_instance_uid=""), "p") == gone
    assert str(gone) == (
        "p is not the object that the index remembers: its SOPInstanceUID is missing, where the index has "
        f"1.2.{at}. The index is stale, or of other objects: make it again with build-index."
    )
    lost = StaleIndex("p", "SeriesInstanceUID", "", SERIES)
    assert stale(index, evolve(one, series_instance_uid=""), "p") == lost
    moved = evolve(one, series_instance_uid="1.2.841")
    assert stale(index, moved, "p") == StaleIndex("p", "SeriesInstanceUID", "1.2.841", SERIES)


@given(
    told=roots.map(Success) | st.just(Failure(BadRoot("s3:/", "it is damaged"))),
    given_root=st.none() | roots,
    folder=st.sampled_from(["", "s", "a b"]),
    default=roots,
)
def test_a_location_that_is_wanted_is_where_objects_are(
    told: Result[Root, BadRoot], given_root: Root | None, folder: str, default: Root
) -> None:
    """Whatever the index or --root says, and whether what the index says makes sense."""
    wanted = SeriesPlace(default, folder)
    assert objects_root(told, given_root, wanted, default) == Success(join_root(default, folder))


@given(given_root=roots, default=roots)
def test_a_root_that_makes_no_sense_is_a_refusal_where_it_is_needed(given_root: Root, default: Root) -> None:
    told, wanted = Failure(BadRoot("s3:/", "it is damaged")), SeriesUid("0" * 32)
    assert objects_root(told, given_root, wanted, default) == Success(given_root)
    assert objects_root(told, None, wanted, default) == told


@given(name=st.sampled_from(["3abc", "38-90", "CT", "1.2.3"]), length=st.integers(1, 4))
def test_a_prefix_is_one_of_series_uuids(name: str, length: int) -> None:
    """As where series are looked for: a folder with another name begins with no prefix, whatever its letters."""
    index = evolve(_index(_objects(1, frozenset())), series=name)
    digits = "".join(letter for letter in name.lower() if letter in "0123456789abcdef")[:length]
    assert not is_index_of(SeriesPrefix(digits), index)


@given(at=st.integers(0, 3))
def test_an_index_without_a_uid_knows_an_object_with_one_for_another(at: int) -> None:
    """Such a row was damaged, or the object had none."""
    objects = _objects(4, frozenset())
    uids = {name: ("", series) for name, (_, series) in _index(objects).uids.items()}
    index, one = evolve(_index(objects), uids=uids), objects[at]
    told = stale(index, one, "p")
    assert told == StaleIndex("p", "SOPInstanceUID", one.sop_instance_uid, "")
    assert "where the index has none." in str(told)
    assert stale(index, evolve(one, sop_instance_uid=""), "p") is None


@given(names=st.lists(st.text(st.characters(codec="utf-8"))), odd=st.sampled_from(["\udcff", "a\udce4.dcm"]))
def test_names_that_are_no_text_are_refused_by_name(names: list[str], odd: str) -> None:
    """The first of them; all others can be stored."""
    assert storable(names).value_or(0) is None
    assert storable([*names, odd]).failure() == UnstorableName(odd)


@given(name=st.text("abé ", min_size=1), byte=st.integers(0x80, 0xFF))
def test_a_name_that_is_no_text_is_shown_with_its_bytes(name: str, byte: int) -> None:
    """In hexadecimal digits, as a shell takes them: nothing that a terminal could not write."""
    words = str(UnstorableName(f"{name}{chr(0xDC00 + byte)}.dcm"))
    assert f"'{name}\\x{byte:02x}.dcm'" in words
    assert words.encode()
