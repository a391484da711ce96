"""The laws of series identifiers: UUIDs (RFC 9562), UIDs (PS3.5 9.1) and locations."""

from __future__ import annotations

import re
from ast import literal_eval
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful
from returns.result import Failure, Success

from dicom_series_preview.core.ask.paths import series_text
from dicom_series_preview.core.ask.roots import LocalRoot, Root, join_root, show_root
from dicom_series_preview.core.ask.series_id import (
    DicomUid,
    SeriesId,
    SeriesPlace,
    SeriesPrefix,
    SeriesUid,
    folder_uid,
    matches,
    parse_series,
    show_series,
)
from dicom_series_preview.core.faults.request import BadSeriesId
from property_tests.strategies_location import (
    HYPHENS,
    any_digits,
    canonical,
    cased,
    dicom_uids,
    digits_of,
    hex_digits,
    names,
    remote_roots,
    roots,
    series_ids,
    uids,
    whole_digits,
    with_hyphens,
)

hyphen_places: st.SearchStrategy[set[int]] = st.sets(st.integers(1, 31), max_size=6) | st.sampled_from(
    [set(HYPHENS), set()]
)

MISPLACED = "its hyphens are misplaced: they come after 8, 12, 16 and 20 digits, or not at all"


@given(series_ids)
@example(SeriesPrefix("38902e14"))
def test_what_is_shown_is_read_back(series: SeriesId) -> None:
    """An identifier's text is that identifier."""
    assert parse_series(show_series(series)).unwrap() == series


@given(st.data(), whole_digits, hyphen_places)
def test_a_uuid_has_all_its_hyphens_or_none(data: st.DataObject, digits: str, places: set[int]) -> None:
    """32 digits are a uuid exactly if hyphens are in the 8-4-4-4-12 places or nowhere, in any case."""
    text = data.draw(cased(with_hyphens(digits, tuple(places))))
    parsed = parse_series(text)
    assert is_successful(parsed) == (places in (set(), set(HYPHENS)))
    assert parsed.value_or(SeriesUid(canonical(digits))) == SeriesUid(canonical(digits))
    assert is_successful(parsed) or parsed.failure() == BadSeriesId(text, MISPLACED)


@given(st.data(), hex_digits, hyphen_places)
def test_a_prefix_has_the_hyphens_of_its_uuid_or_none(
    data: st.DataObject, digits: str, places: set[int]
) -> None:
    """Digits and a `*` are a prefix exactly if a uuid could begin so, its hyphens left in or out."""
    places = {place for place in places if place <= len(digits)}
    inside = {place for place in HYPHENS if place < len(digits)}
    allowed = [set(), inside]
    if len(digits) in HYPHENS:
        allowed.append(inside | {len(digits)})
    text = data.draw(cased(with_hyphens(digits, tuple(places)))) + "*"
    parsed = parse_series(text)
    assert is_successful(parsed) == (places in allowed)
    assert parsed.value_or(SeriesPrefix(digits)) == SeriesPrefix(digits)
    assert is_successful(parsed) or parsed.failure() == BadSeriesId(text, MISPLACED)


@given(hex_digits)
@example("389")
def test_the_hyphen_that_comes_next_may_end_a_prefix(digits: str) -> None:
    """Who copies the first group of a uuid may take its hyphen along; after other digits none comes."""
    text = f"{canonical(digits)}-*"
    right, misplaced = Success(SeriesPrefix(digits)), Failure(BadSeriesId(text, MISPLACED))
    assert parse_series(text) == (right if len(digits) in HYPHENS else misplaced)


@given(any_digits)
def test_only_32_digits_are_a_uuid(digits: str) -> None:
    """Fewer need a `*`, more are never right: the words say how many there are, and what they lack."""
    many = f"it has {len(digits)} hexadecimal digits, and a uuid has 32"
    few = f"it has {len(digits)} hexadecimal digits, and a prefix ends in *"
    for text, right, problem in (
        (digits, len(digits) == 32, few if len(digits) < 32 else many),
        (f"{digits}*", len(digits) <= 32, many),
    ):
        assert is_successful(parse_series(text)) == right
        assert right or parse_series(text).failure() == BadSeriesId(text, problem)


@given(series_ids, st.text(" \t\n", max_size=3), st.text(" \t\n", max_size=3))
def test_blanks_around_an_identifier_mean_nothing(series: SeriesId, before: str, after: str) -> None:
    """What was copied with a blank too many is read all the same; a path may begin or end with one."""
    blanks = (before, after) if not isinstance(series, SeriesPlace) else ("", "")
    assert parse_series(show_series(series).join(blanks)).unwrap() == series


@given(st.sampled_from(["", "-", "--", "----"]))
def test_a_prefix_has_a_digit(hyphens: str) -> None:
    """A `*` alone would fit everything."""
    text, problem = f"{hyphens}*", "at least one hexadecimal digit comes before the *"
    assert parse_series(text).failure() == BadSeriesId(text, problem)


@given(hex_digits, st.integers(0, 31), st.sampled_from("gxyz*_.é٣"))
def test_no_other_character_is_let_in(digits: str, place: int, strange: str) -> None:
    """A character that is no hexadecimal digit spoils an identifier wherever it stands, and is named."""
    place = min(place, len(digits) - 1)
    text = f"{digits[:place]}{strange}{digits[place:]}*"
    problem = "the * comes once, and last" if strange == "*" else f"{strange!r} is no hexadecimal digit"
    assert parse_series(text).failure() == BadSeriesId(text, problem)


@given(st.text("ghijk", min_size=1), roots)
def test_a_folder_s_name_is_answered_with_its_path(name: str, root: Root) -> None:
    """What is advised in its place is the folder of that name in the root that was said, or else here."""
    for said, where in ((None, LocalRoot(".")), (root, root)):
        advice = parse_series(name, said).failure().advice
        path = literal_eval(advice.removeprefix("If it is a folder, give its path: ").removesuffix("."))
        assert show_series(parse_series(path).unwrap()) == show_series(SeriesPlace(where, name))


@given(st.text(" \t\n", max_size=3))
def test_blanks_alone_are_no_identifier(blanks: str) -> None:
    """Where nothing is given, that is what is said."""
    assert parse_series(blanks).failure() == BadSeriesId(blanks, "it is empty")


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1), st.integers(1, 32))
def test_a_prefix_fits_the_uuids_that_share_its_digits(one: int, other: int, count: int) -> None:
    """A uuid is a number of 128 bits: a prefix of n digits fits if the first 4n of them are the same."""
    other = other if other % 2 else (one & ~0xFFFF) | (other & 0xFFFF)  # often a near neighbour
    prefix = SeriesPrefix(f"{one:032x}"[:count])
    low = 128 - 4 * count
    assert matches(prefix, SeriesUid(canonical(f"{other:032x}"))) == (one >> low == other >> low)


@given(st.data(), uids)
def test_a_folder_is_known_however_its_uuid_is_written(data: st.DataObject, uid: SeriesUid) -> None:
    """Folders named for a series, with hyphens or without, in any case, are that series."""
    bare = uid.text.replace("-", "")
    for name in (uid.text, bare):
        assert folder_uid(data.draw(cased(name))) == uid


@given(
    whole_digits | any_digits | st.integers(26, 33).flatmap(digits_of),
    hyphen_places | st.sets(st.integers(1, 31), min_size=4, max_size=4),
)
def test_a_folder_of_another_name_is_no_series(digits: str, places: set[int]) -> None:
    """Only 32 digits with all the hyphens of a uuid or none name a series."""
    name = with_hyphens(digits, tuple(places))
    bare = name.replace("-", "")
    assert (folder_uid(name) is not None) == (len(bare) == 32 and name in (bare, canonical(bare)))


@given(whole_digits, st.integers(0, 31), names)
def test_a_folder_with_another_character_is_no_series(digits: str, place: int, name: str) -> None:
    """A name that holds anything but hexadecimal digits and hyphens is no uuid."""
    strange = f"{digits[:place]}g{digits[place + 1 :]}"
    assert folder_uid(strange) is None
    assert folder_uid(f"{name}g") is None


@given(dicom_uids)
def test_digits_and_dots_are_a_dicom_uid(uid: DicomUid) -> None:
    """A SeriesInstanceUID is never taken for hexadecimal digits (PS3.5 9.1)."""
    assert parse_series(uid.text).unwrap() == uid


@given(st.integers(3, 80))
def test_a_dicom_uid_has_at_most_64_characters(length: int) -> None:
    """The length of a UID is limited (PS3.5 9.1); the words say to what, and how long this one is."""
    text = "1." + "2" * (length - 2)
    too_long = BadSeriesId(text, f"a DICOM UID has at most 64 characters, and this has {length}")
    parsed = parse_series(text)
    assert is_successful(parsed) == (length <= 64)
    assert is_successful(parsed) or parsed.failure() == too_long


@given(remote_roots, hex_digits)
def test_a_prefix_is_looked_for_under_a_root_only(root: Root, digits: str) -> None:
    """A location names one folder: with a `*` at its end it is refused, and the right option is named."""
    text = f"{show_root(root)}/{digits}*"
    problem = f"a prefix is searched under --root: give --root {show_root(root)} and {digits}*"
    assert parse_series(text).failure() == BadSeriesId(text, problem)


@given(remote_roots.map(lambda root: evolve(root, prefix="")) | st.just(LocalRoot("/")))
def test_a_root_alone_is_no_series(root: Root) -> None:
    """A bucket, a host or the file system as a whole holds series, and is none."""
    text = f"{show_root(root)}/"
    problem = "it names a root, not a series folder below one"
    assert parse_series(text).failure() == BadSeriesId(text, problem)


@given(names, names.filter(lambda name: not name.endswith("*")))
def test_what_holds_a_backslash_is_a_path(folder: str, name: str) -> None:
    """No identifier has one: it is a path, as people on Windows write them."""
    text = f"C:\\{folder}\\{name}"
    assert parse_series(text).unwrap() == SeriesPlace(LocalRoot("."), text)


@given(remote_roots, names.filter(lambda name: not name.endswith("*")), st.integers(0, 2))
def test_a_location_is_its_root_and_its_last_folder(root: Root, name: str, slashes: int) -> None:
    """The series of a full location is named by its last segment, whatever it looks like."""
    text = show_root(join_root(root, name)) + "/" * slashes
    assert parse_series(text).unwrap() == SeriesPlace(root, name)


@given(
    st.text()
    | st.text("0123456789abcdefABCDEF-*.", max_size=40)
    | st.text("./~\\:*s3htp", max_size=12)
    | series_ids.map(show_series)
)
@example("İ" * 32)
@example("0//0")
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    """Nothing that can be typed makes the program fail otherwise; a refusal quotes the text."""
    parsed = parse_series(text)
    again = parsed.bind(lambda one: parse_series(show_series(one)))
    assert again == parsed
    assert is_successful(parsed) or repr(text) in str(parsed.failure())


# A copy command cannot hold a location with blanks and quotes.
locations = (
    st.builds(join_root, remote_roots, names.filter(lambda name: not name.endswith("*")))
    .map(show_root)
    .filter(lambda text: not re.search(r"[\s'\"]", text))
)


@given(place=locations)
@example(place="s3://bucket/X-X")
def test_a_location_is_read_as_tables_and_manifests_hand_it_out(place: str) -> None:
    """With all that is in the folder, and in a copy command of s5cmd, quoted or not, with its options."""
    series = parse_series(place).unwrap()
    for form in (
        "{}/*",
        "cp {}/* .",
        "  cp {}/* .  ",
        "cp --show-progress '{}/*' ./here",
        's5cmd --no-sign-request --endpoint-url https://host.example cp "{}/*" "my scans"',
        "s5cmd cp {} .",
    ):
        assert parse_series(form.format(place)) == Success(series)


@given(place=st.sampled_from(["/data/knee", "./knee", "../knee", "~/knee", "file:///data/knee"]))
def test_a_folder_is_read_with_all_that_is_in_it(place: str) -> None:
    """As a shell would hand it on if it did not expand it."""
    assert parse_series(f"{place}/*") == parse_series(place)
    assert parse_series(place).map(lambda _: None) == Success(None)


@pytest.mark.parametrize("text", ["s3://bucket/*", "cp s3://bucket/* .", "/*"])
def test_what_is_refused_is_quoted_as_it_was_given(text: str) -> None:
    """Not as it was read."""
    assert parse_series(text).failure().text == text


@given(text=st.text("0123456789abcdef-.", min_size=2).filter(lambda text: text.strip(".")))
def test_a_path_object_is_a_location_whatever_it_looks_like(text: str) -> None:
    """A text says what it says; a path of the same characters lies below the folder at hand."""
    assert series_text(text) == text
    found = parse_series(series_text(PurePosixPath(text))).unwrap()
    assert isinstance(found, SeriesPlace)
    assert series_text(PurePosixPath("/data", text)) == f"/data/{PurePosixPath(text)}"
    assert series_text(PureWindowsPath("C:\\data", text)) == f"C:\\data\\{PureWindowsPath(text)}"
