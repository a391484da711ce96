"""Laws of `--tag`: an element is asked for by its keyword, by its tag, or by a pattern of either."""

from __future__ import annotations

import string
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.tags import TagPattern, check_tags
from dicom_series_preview.core.faults.request import OutOfRange

TAGS = st.integers(0, 0xFFFFFFFF)
KEYWORDS = st.from_regex(r"[A-Z][A-Za-z0-9]{0,12}", fullmatch=True)


def _one(text: str) -> TagPattern:
    (found,) = check_tags([text]).unwrap()
    return found


@given(tag=TAGS, other=TAGS, brackets=st.booleans(), comma=st.booleans(), upper=st.booleans())
def test_a_tag_is_one_element(tag: int, other: int, brackets: bool, comma: bool, upper: bool) -> None:
    """With or without brackets and comma, in upper or lower case; of no other element it says anything."""
    digits = f"{tag:08X}" if upper else f"{tag:08x}"
    text = f"{digits[:4]},{digits[4:]}" if comma else digits
    found = _one(f"({text})" if brackets else text)
    assert found.fits(tag, "")
    assert found.fits(other, "") == (other == tag)
    assert not found.keyword


@given(keyword=KEYWORDS, other=KEYWORDS, tag=TAGS)
def test_a_keyword_is_one_element(keyword: str, other: str, tag: int) -> None:
    """In whatever case; a dictionary has to know it."""
    found = _one(keyword.upper())
    assert found.fits(tag, keyword)
    assert found.fits(tag, other) == (other.lower() == keyword.lower())
    assert not found.fits(tag, "")
    # Eight letters that are all hexadecimal digits are a tag.
    assert found.keyword == (len(keyword) != 8 or not set(keyword) <= set(string.hexdigits))


@given(
    pattern=st.text("abc0,*?", min_size=1, max_size=8),
    keyword=st.text("abc0", max_size=6),
    tag=st.sampled_from((0x00ABC000, 0xABC00ABC, 0)),
)
def test_a_pattern_fits_as_that_of_a_shell(pattern: str, keyword: str, tag: int) -> None:
    """`*` is any letters, `?` is one, of the keyword or of the tag as gggg,eeee."""
    checked = check_tags([f"*{pattern}"])
    names = (f"{tag >> 16:04x},{tag & 0xFFFF:04x}", keyword)
    wanted = any(fnmatchcase(name, f"*{pattern}") for name in names)
    fits = [one.fits(tag, keyword) for one in checked.value_or(())]
    assert fits == ([wanted] if is_successful(checked) else [])
    assert is_successful(checked) or pattern.count(",") > 1 or pattern[-1] == ","


@pytest.mark.parametrize("text", ["60??,3000", "(0018,*)", "*UID", "Window*", "0018,00??", "*,0010", "*"])
def test_patterns_people_write_are_taken(text: str) -> None:
    """Of groups, of elements, of keywords."""
    assert not _one(text).keyword
    assert _one(text).given == text


@pytest.mark.parametrize(
    "text", ["", "-", "0018;0050", "0018,005", "0018,005g", "Patient ID", "Patient-*", "1Name", "a.*", "*\0"]
)
def test_what_is_none_of_these_is_refused(text: str) -> None:
    """All that are wrong are told, in the user's own words, with what would be right."""
    refused = check_tags([text, "PatientID", "!"]).failure().refusals
    assert [str(one).partition(" is not")[0] for one in refused] == [f"--tag {text or repr(text)}", "--tag !"]
    assert all(isinstance(one, OutOfRange) and "SliceThickness" in one.allowed for one in refused)


def test_without_any_nothing_is_asked_for_in_particular() -> None:
    """No `--tag` is no pattern; blanks around one are none of it."""
    assert check_tags(()).unwrap() == ()
    assert _one(" PatientID ").text == "patientid"
