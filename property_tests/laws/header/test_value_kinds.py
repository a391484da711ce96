"""Laws of the kinds of values: what a key makes of an element, and what it takes for no value (PS3.5 6.2)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.value_kinds import (
    Key,
    clock,
    code,
    number,
    private,
    sequence,
    text,
    whole,
    wholes,
)
from property_tests.strategies import element

KEYWORD, MACRO = "SliceLocation", "PlanePositionSequence"
words = st.text("ABCxyz", min_size=1, max_size=8)
integers = st.integers(-(10**6), 10**6)


def test_a_key_has_its_keyword_and_its_macro() -> None:
    """Where the functional groups hold it for single frames (PS3.3 C.7.6.16)."""
    keys: list[Key[Any]] = [
        *(number(KEYWORD, MACRO), whole(KEYWORD, MACRO), wholes(KEYWORD, MACRO)),
        *(code(KEYWORD, (), MACRO), clock(KEYWORD, int, MACRO)),
    ]
    assert {(key.keyword, key.macro) for key in keys} == {(KEYWORD, MACRO)}


def test_a_key_needs_no_macro() -> None:
    """Most elements describe the whole object."""
    keys: list[Key[Any]] = [
        *(number(KEYWORD), whole(KEYWORD), wholes(KEYWORD), code(KEYWORD), clock(KEYWORD, int)),
        *(private(KEYWORD), text(KEYWORD), sequence(KEYWORD)),
    ]
    assert {(key.keyword, key.macro) for key in keys} == {(KEYWORD, None)}


@given(value=integers, fraction=st.sampled_from([0.0, 0.5]))
def test_numbers_are_usable_or_none(value: int, fraction: float) -> None:
    """Zero and negative ones too, unless the key has a rule of its own; a whole one has no fraction."""
    made = element("DS", repr(value + fraction))
    assert number(KEYWORD).read(made) == value + fraction
    assert whole(KEYWORD).read(made) == (value if fraction == 0 else None)
    is_usable = {True: value + fraction, False: None}
    assert number(KEYWORD, usable=lambda found: found > 0).read(made) == is_usable[value + fraction > 0]
    found = whole(KEYWORD, usable=lambda found: found > 0).read(element("IS", str(value)))
    assert found == (value if value > 0 else None)
    for key in (number(KEYWORD), whole(KEYWORD), wholes(KEYWORD)):
        assert key.read(element("LO", "text")) is None


@given(values=st.lists(integers, min_size=1, max_size=5), odd=st.sampled_from(["0.5", "text", "nan"]))
def test_whole_numbers_are_whole_all_of_them(values: list[int], odd: str) -> None:
    """One that is none spoils the list."""
    texts = [str(value) for value in values]
    found = wholes(KEYWORD).read(element("DS", *texts))
    assert found == tuple(values)
    assert all(isinstance(value, int) for value in found or ())
    assert wholes(KEYWORD).read(element("DS", *texts, odd)) is None


@given(word=words, others=st.sets(words, max_size=3))
def test_codes_are_in_capitals_and_of_their_set(word: str, others: set[str]) -> None:
    """Of a key without a set all count; a number is no code."""
    made = element("CS", word)
    assert code(KEYWORD).read(made) == word.upper()
    known = tuple(sorted({other.upper() for other in others} - {word.upper()}))
    assert code(KEYWORD, (*known, word.upper())).read(made) == word.upper()
    assert code(KEYWORD, (*known, "ANOTHER CODE")).read(made) is None
    assert code(KEYWORD).read(Element("CS", (7,))) is None


@given(word=words)
def test_texts_and_clocks_read_text_alone(word: str) -> None:
    """A clock reads it further."""
    assert text(KEYWORD).read(element("LO", word)) == word
    assert clock(KEYWORD, len).read(element("TM", word)) == len(word)
    for key in (text(KEYWORD), clock(KEYWORD, len)):
        assert key.read(Element("LO", (7,))) is None


@given(value=st.integers(-(2**15), 2**15 - 1).filter(lambda value: not -10 < value < 10))
def test_private_numbers_may_be_undecoded(value: int) -> None:
    """Bytes of an unknown VR are numbers as their makers write them; so is a decimal string."""
    assert private(KEYWORD).read(element("DS", str(value))) == value
    assert private(KEYWORD).read(Element("UN", (str(value).encode() + b" \\7 ",))) == value


@given(count=st.integers(1, 4), odd=st.booleans())
def test_a_sequence_has_items_and_nothing_else(count: int, odd: bool) -> None:
    """Bytes in their place are a sequence that could not be read."""
    items = tuple({"Rows": element("US", number)} for number in range(count))
    assert sequence(KEYWORD).read(Element("SQ", (*items, b"") if odd else items)) == (None if odd else items)
