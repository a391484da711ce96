"""Laws of searches: which of a root's folders an identifier means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.ask.series_id import SeriesPrefix, SeriesUid
from dicom_series_preview.core.faults.series import SeveralMatches
from dicom_series_preview.core.storage.search import (
    MOST_SHOWN,
    beginnings,
    folder_names,
    local_names,
    matching,
    only_match,
    series_name,
)
from property_tests.strategies_location import whole_digits


def dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def plain(digits: str) -> str:
    return digits


def lower(name: str) -> str:
    return name.lower()


def upper(name: str) -> str:
    return name.upper()


Spelled: TypeAlias = tuple[str, Callable[[str], str], Callable[[str], str]]

spelled: st.SearchStrategy[Spelled] = st.tuples(
    whole_digits, st.sampled_from([plain, dashed]), st.sampled_from([lower, upper])
)


@given(digits=whole_digits)
def test_a_series_has_two_names_and_in_a_folder_four(digits: str) -> None:
    """With hyphens before without, and lower case before upper."""
    uid = SeriesUid(dashed(digits))
    assert folder_names(uid) == (dashed(digits), digits)
    assert local_names(uid) == (dashed(digits), digits, dashed(digits).upper(), digits.upper())


@given(digits=whole_digits, count=st.integers(1, 32))
def test_a_prefix_is_what_names_begin_with(digits: str, count: int) -> None:
    """In either spelling, each once."""
    found = beginnings(SeriesPrefix(digits[:count]))
    assert dashed(digits).startswith(found[0])
    assert digits.startswith(found[-1])
    assert len(found) == len(set(found)) == (1 if count <= 8 else 2)


@given(
    wanted=st.lists(spelled, max_size=4, unique_by=lambda one: one[0]),
    others=st.lists(spelled, max_size=4),
    prefix=st.text("0123456789abcdef", min_size=1, max_size=3),
)
def test_what_matches_are_the_folders_that_begin_so(
    wanted: list[Spelled], others: list[Spelled], prefix: str
) -> None:
    """However their names are spelled; what is no uuid matches nothing."""
    inside = {dashed(prefix + digits[len(prefix) :]): (form, case) for digits, form, case in wanted}
    names = {uid: case(form(uid.replace("-", ""))) for uid, (form, case) in inside.items()}
    outside = [digits for digits, _, _ in others if not digits.startswith(prefix)]
    listed = [*names.values(), *outside, prefix, f"{prefix} notes", "readme"]
    assert matching(SeriesPrefix(prefix), listed) == names


@given(uids=st.lists(whole_digits.map(dashed), unique=True, max_size=MOST_SHOWN + 4))
def test_one_match_is_used_and_several_are_listed(uids: list[str]) -> None:
    """The first ten, sorted, and whether there are more."""
    prefix = SeriesPrefix("38")
    found = only_match(prefix, "s3://b", {uid: f"folder {uid}" for uid in uids})
    several = SeveralMatches("38*", "s3://b", tuple(sorted(uids)[:10]), len(uids) > 10)
    one = (uids[0], f"folder {uids[0]}") if uids else None
    assert found.swap().value_or(None) == (several if len(uids) > 1 else None)
    assert found.value_or(None) == (one if len(uids) < 2 else None)


@given(one=spelled, above=st.sampled_from(["", "a/b/"]))
def test_a_folder_is_called_by_its_uuid(one: Spelled, above: str) -> None:
    """In canonical form; one of another name by that name."""
    digits, form, case = one
    assert series_name(above + case(form(digits))) == dashed(digits)
    assert series_name("knee") == "knee"
