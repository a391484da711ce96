"""Laws of the DICOM JSON model (PS3.18 F): what each value representation becomes in it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.dicom_json import (
    BINARY,
    JsonObject,
    header_json,
    integer_string,
    json_element,
    json_number,
    json_text,
    show_json,
)
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.index.cells import Cell, json_cell
from property_tests.strategies import not_numbers

TEXTS = ("CS", "LO", "UI", "DA", "TM", "LT", "SH")

_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="=^\\\0 "), min_size=1, max_size=6)


@given(st.integers(-(10**18), 10**18), st.sampled_from(["", " ", "\0", "  "]), st.sampled_from(["", " "]))
@example(-(10**18), "", "")
def test_an_integer_string_is_padded_by_blanks(value: int, behind: str, before: str) -> None:
    """An IS value may have spaces around it, a sign, and a NUL that some writers pad with (PS3.5 6.2)."""
    assert integer_string(f"{before}{value}{behind}") == value
    assert integer_string(f"{before}+{abs(value)}{behind}") == abs(value)
    assert integer_string(f"{before}{value}{behind}\t") is None


@given(st.integers(1, 40), st.sampled_from(["", "-"]))
@example(20, "")
@example(21, "")
@example(19, "-")
@example(20, "-")
def test_an_integer_string_has_at_most_twenty_characters(digits: int, sign: str) -> None:
    """The standard allows 12 (PS3.5 6.2); what 64 bits can hold is read, and a longer one is no number."""
    word = sign + "9" * digits
    assert integer_string(word) == (int(word) if len(word) <= 20 else None)


@given(st.one_of(_WORDS, st.integers(0, 99).map(str)), st.sampled_from(TEXTS))
def test_text_stays_text(value: str, vr: str) -> None:
    """Digits in a text VR are no number (PS3.18 F.2.3), and an empty value among others is null (F.2.5)."""
    assert json_element(Element(vr, (value, ""))) == {"vr": vr, "Value": [value, None]}
    assert json_cell(Cell("00181000", vr, (value, ""))) == {"vr": vr, "Value": [value, None]}


@given(not_numbers().filter(lambda text: "\\" not in text), st.sampled_from(["DS", "IS"]))
def test_a_number_that_is_none_stays_the_text_it_is(value: str, vr: str) -> None:
    """Within a sequence nothing can be null but what is empty: what cannot be read is shown."""
    assert json_element(Element(vr, ("7", value))) == {"vr": vr, "Value": [7, value]}


@given(st.lists(_WORDS, min_size=3, max_size=3), st.lists(st.booleans(), min_size=3, max_size=3))
@example(["A^B", "C", "D"], [True, False, True])
def test_a_person_name_is_an_object_of_its_groups(names: list[str], there: list[bool]) -> None:
    """Alphabetic, ideographic and phonetic, those that are there (PS3.18 F.2.2, PS3.5 6.2.1)."""
    groups = [name if is_there else "" for name, is_there in zip(names, there, strict=True)]
    keys = ("Alphabetic", "Ideographic", "Phonetic")
    expected = {key: name for key, name in zip(keys, groups, strict=True) if name}
    assert json_text("PN", "=".join(groups)) == expected
    # Delimiters at the end may be left out, but for the one that makes it a name.
    assert json_text("PN", "=".join(groups).rstrip("=") or "=") == expected
    values = ("=".join(groups), "")
    assert json_element(Element("PN", values)) == {"vr": "PN", "Value": [expected, None]}
    assert json_cell(Cell("00100010", "PN", values)) == {"vr": "PN", "Value": [expected, None]}


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
@example(0x18, 0xABCD)
def test_an_attribute_tag_is_eight_upper_case_digits(group: int, number: int) -> None:
    """As the model names elements (PS3.18 F.2.2)."""
    value = f"({group:04x},{number:04x})"
    expected = {"vr": "AT", "Value": [f"{group:04X}{number:04X}"]}
    assert json_element(Element("AT", (value,))) == expected
    assert json_cell(Cell("00280009", "AT", (value,))) == expected


@given(st.binary(min_size=1), st.sampled_from(sorted(BINARY)))
def test_bytes_within_a_sequence_are_inline(value: bytes, vr: str) -> None:
    """They are in base64 (PS3.18 F.2.7)."""
    made = json_element(Element(vr, (value,)))
    text = made["InlineBinary"]
    assert isinstance(text, str)
    assert b64decode(text, validate=True) == value
    assert made == {"vr": vr, "InlineBinary": text}


@pytest.mark.parametrize("vr", ["LO", "SQ", "OB", "DS"])
def test_an_empty_element_has_its_vr_alone(vr: str) -> None:
    """No Value stands for none (PS3.18 F.2.5)."""
    assert json_element(Element(vr, ())) == {"vr": vr}


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_finite_numbers_are_json_numbers(value: float) -> None:
    """Whole numbers stay whole, of any size."""
    assert json_number(value) == value
    assert type(json_number(value)) is type(value)
    assert json.loads(show_json([value])) == [value]


@given(st.dictionaries(st.sampled_from(["00180050", "00080060", "0040A043"]), _WORDS))
def test_a_sequence_s_items_are_objects_in_the_order_of_tags(item: dict[str, str]) -> None:
    """However they came: the same item is the same text, without blanks."""
    made = json_element(Element("SQ", ({tag: Element("LO", (text,)) for tag, text in item.items()}, {})))
    expected = {tag: {"vr": "LO", "Value": [text]} for tag, text in sorted(item.items())}
    assert made == {"vr": "SQ", "Value": [expected, {}]}
    shown = ",".join(
        f'"{tag}":{{"vr":"LO","Value":[{json.dumps(text, ensure_ascii=False)}]}}'
        for tag, text in sorted(item.items())
    )
    assert show_json(made["Value"]) == f"[{{{shown}}},{{}}]"
    assert json_cell(Cell("00081140", "SQ", (f"[{{{shown}}},{{}}]",))) == made
    with pytest.raises(ValueError, match="not JSON compliant"):
        show_json([float("nan")])


@given(st.binary(max_size=600), st.sampled_from((*sorted(BINARY), "US", "FD", "SQ")), st.booleans())
@example(b"x" * 256, "OB", True)
@example(b"x" * 257, "OB", False)
def test_a_header_has_small_bytes_and_digests_of_large_ones(value: bytes, vr: str, within: bool) -> None:
    """Up to 256 bytes stand in a header, of more their number and SHA-256, at any depth.

    Bytes that do not suit their VR are those of UN, so that what a header says is the model (PS3.18 F.2.7).
    """
    told = header_json({0x00091010: Element(vr, (value,))} if not within else _nested(Element(vr, (value,))))
    found = told["00091010"] if not within else _only_item(told)["00091010"]
    assert isinstance(found, dict)
    assert found["vr"] == (vr if vr in BINARY else "UN")
    small = {"InlineBinary": b64encode(value).decode()} if value else {}
    large = {"Size": len(value), "Hash": sha256(value).hexdigest()}
    assert {key: one for key, one in found.items() if key != "vr"} == (small if len(value) <= 256 else large)


def _nested(element: Element) -> dict[int, Element]:
    item = {"00091010": element, "00090000": Element("UL", (8,)), "00080005": Element("CS", ())}
    return {0x00081140: Element("SQ", (item,))}


def _only_item(told: JsonObject) -> JsonObject:
    read = json.loads(show_json(told))
    (item,) = read["00081140"]["Value"]
    assert list(item) == ["00080005", "00091010"]
    found: JsonObject = item
    return found


@given(st.dictionaries(st.integers(0, 0xFFFFFFFF), _WORDS, max_size=8))
def test_a_header_is_in_order_of_tags_without_group_lengths(texts: dict[int, str]) -> None:
    """Keys are eight upper-case digits (PS3.18 F.2.2); lengths of groups say nothing outside an object."""
    told = header_json({tag: Element("LO", (text,)) for tag, text in texts.items()})
    assert list(told) == [f"{tag:08X}" for tag in sorted(texts) if tag % 0x10000]
    assert list(told.values()) == [json_element(Element("LO", (texts[int(tag, 16)],))) for tag in told]


def test_what_is_empty_in_a_header_is_there_without_a_value() -> None:
    """An element without values, and a sequence without items (PS3.18 F.2.5); an empty item is an item."""
    told = header_json({0x00100010: Element("PN", ()), 0x00081140: Element("SQ", ())})
    assert told == {"00081140": {"vr": "SQ"}, "00100010": {"vr": "PN"}}
    assert header_json({0x00081140: Element("SQ", ({},))}) == {"00081140": {"vr": "SQ", "Value": [{}]}}
