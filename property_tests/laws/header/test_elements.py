"""Laws of element values: what counts as a number, a text, an item (PS3.5 6.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.elements import (
    Element,
    Value,
    as_number,
    as_texts,
    data,
    integer,
    is_empty,
    numbers,
    text,
)
from property_tests.strategies import element, finite, not_numbers, spellings

KEYWORD = "SliceLocation"

Spelled: TypeAlias = tuple[float, str]


@st.composite
def spelled(draw: st.DrawFn) -> Spelled:
    """A number and one of its texts."""
    value = draw(st.one_of(finite(), st.floats(allow_nan=False, allow_infinity=False)))
    return value, draw(spellings(value))


anything: st.SearchStrategy[Value] = st.one_of(
    st.text(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.binary(), st.just({})
)


@given(made=spelled())
def test_every_spelling_of_a_decimal_string_is_its_number(made: Spelled) -> None:
    """Signs, exponents, trailing zeros, bare points and padding do not change a number (PS3.5 6.2)."""
    value, spelling = made
    assert as_number(element("DS", spelling)) == value


@given(spelling=not_numbers())
@example("")
@example(" ")
@example("1_000")
@example("٣")
def test_what_is_no_decimal_string_is_no_number(spelling: str) -> None:
    """Text that PS3.5 6.2 does not call a number, and numbers that are not finite, are absent."""
    made = {KEYWORD: element("DS", spelling)}
    assert as_number(made[KEYWORD]) is None
    assert numbers(made, KEYWORD) is None
    assert integer(made, KEYWORD) is None


@given(value=st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats()))
def test_binary_numbers_are_themselves_when_finite(value: float) -> None:
    """Numbers of binary VRs are taken as they are; infinities and NaN are absent."""
    expected = float(value) if Decimal(value).is_finite() else None
    assert as_number(element("FD", value)) == expected


@given(values=st.lists(anything, max_size=4))
def test_reading_a_number_never_fails(values: list[Value]) -> None:
    """Whatever an element holds, asking for its number gives a finite float or None."""
    made = {KEYWORD: Element("UN", tuple(values))}
    found = as_number(made[KEYWORD])
    assert found is None or Decimal(found).is_finite()
    assert found is None or not isinstance(values[0], bytes | dict)


@given(made=st.lists(spelled(), min_size=1, max_size=16))
def test_lists_of_numbers_are_read_whole(made: list[Spelled]) -> None:
    """A list is read when every value is a number, in order, with or without its length demanded."""
    source = {KEYWORD: element("DS", *(spelling for _, spelling in made))}
    values = tuple(value for value, _ in made)
    assert numbers(source, KEYWORD) == values
    assert numbers(source, KEYWORD, len(made)) == values


@given(made=st.lists(spelled(), min_size=1, max_size=16), other=st.integers(0, 17))
def test_lists_of_another_length_are_absent(made: list[Spelled], other: int) -> None:
    """A position of 16 values, or of 2, is no position."""
    source = {KEYWORD: element("DS", *(spelling for _, spelling in made))}
    assert (numbers(source, KEYWORD, other) is None) == (other != len(made))


@given(made=st.lists(spelled(), min_size=1, max_size=6), bad=not_numbers(), where=st.integers(0, 6))
def test_one_value_that_is_no_number_spoils_a_list(made: list[Spelled], bad: str, where: int) -> None:
    """A list with one unreadable value is absent, never shorter and never zero there."""
    values: list[Value] = [spelling for _, spelling in made]
    values.insert(where, bad)
    assert numbers({KEYWORD: Element("DS", tuple(values))}, KEYWORD) is None


@given(made=st.lists(spelled(), min_size=1, max_size=3))
def test_a_number_is_the_first_of_several(made: list[Spelled]) -> None:
    """Of several values the first counts."""
    source = {KEYWORD: element("DS", *(spelling for _, spelling in made))}
    assert as_number(source[KEYWORD]) == made[0][0]


@given(value=st.integers(-(2**31), 2**31 - 1), ending=st.sampled_from(("", ".0", "e0", " ")))
def test_whole_numbers_are_integers_however_written(value: int, ending: str) -> None:
    """An integer string is its integer, even where a scanner wrote it as a decimal."""
    assert integer({KEYWORD: element("IS", f"{value}{ending}")}, KEYWORD) == value


@given(value=st.integers(-(2**63), 2**64 - 1))
def test_binary_integers_are_exact(value: int) -> None:
    """64-bit integers are not rounded on the way."""
    assert integer({KEYWORD: element("SV", value)}, KEYWORD) == value


@given(value=st.integers(-(2**20), 2**20), fraction=st.sampled_from((0.5, 0.25, 0.001)))
def test_fractions_are_no_integers(value: int, fraction: float) -> None:
    """A number that is not whole is absent as an integer, not rounded."""
    assert integer({KEYWORD: element("DS", repr(value + fraction))}, KEYWORD) is None


@given(values=st.lists(st.text(min_size=1), min_size=1))
def test_texts_come_whole_and_in_order(values: list[str]) -> None:
    """A text element gives all its values, its first one alone where one is asked for."""
    made = element("LO", *values)
    assert as_texts(made) == tuple(values)
    assert text({KEYWORD: made}, KEYWORD) == values[0]


@given(
    values=st.lists(st.text("abcXYZ _12", min_size=1).filter(str.strip), min_size=1),
    blanks=st.sampled_from(("", " ", "  ", "\0")),
)
def test_codes_are_read_without_regard_to_case_and_outer_blanks(values: list[str], blanks: str) -> None:
    """A code string (CS, PS3.5 6.2) is written in capitals; blanks around it are padding."""
    made = element("CS", *(f"{blanks}{value}{blanks}" for value in values))
    assert as_texts(made) == tuple(value.strip().upper() for value in values)
    assert text({KEYWORD: made}, KEYWORD) == values[0].strip().upper()


@given(first=st.sampled_from((5, 1.5, b"AB")), rest=st.text(min_size=1))
def test_what_is_not_text_is_no_text(first: Value, rest: str) -> None:
    """Numbers and bytes are not turned into text."""
    made = {KEYWORD: element("UN", first, rest)}
    assert text(made, KEYWORD) is None
    assert as_texts(made[KEYWORD]) is None


@given(value=st.binary(min_size=1), other=st.sampled_from(("text", 5)))
def test_bytes_are_given_as_bytes_only(value: bytes, other: Value) -> None:
    """A binary element gives its bytes; text and numbers have none."""
    assert data({KEYWORD: element("OB", value)}, KEYWORD) == value
    assert data({KEYWORD: element("OB", other)}, KEYWORD) is None


@given(made=st.sampled_from(({}, {KEYWORD: Element("DS", ())}, {KEYWORD: Element("DS", ("",))})))
def test_missing_and_empty_are_the_same(made: dict[str, Element]) -> None:
    """An element that is missing, has no value or holds empty text is absent to every way of asking."""
    assert [as_number(each) for each in made.values()] == [None] * len(made)
    assert numbers(made, KEYWORD) is None
    assert numbers(made, KEYWORD, 0) is None
    assert integer(made, KEYWORD) is None
    assert text(made, KEYWORD) is None
    assert data(made, KEYWORD) is None
    assert all(is_empty(each) for each in made.values())
