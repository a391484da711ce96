"""Laws of the DICOM JSON model, read: what a server tells of an object is what its header holds, or is missed."""

from __future__ import annotations

import json
from base64 import b64encode
from math import inf, isnan, nan

import numpy as np
import pytest
from attrs import frozen
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.dicomweb.json_model import Metadata, read_metadata
from dicom_series_preview.core.header.dicom_json import Json, JsonObject, json_element
from dicom_series_preview.core.header.elements import Element, Value, decimal, numbers

TAG, NAME = "00200032", "ImagePositionPatient"
SEQUENCE = "00409096"
TEXTS = ("AE", "AS", "CS", "DA", "DT", "LO", "SH", "TM", "UI")
BINARY = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")


def _name(tag: str) -> str | None:
    """All tags are read, by names that are not theirs."""
    return {TAG: NAME, SEQUENCE: "Items"}.get(tag, f"name of {tag}")


def _read(dataset: Json) -> Metadata:
    (found,) = read_metadata(json.dumps([dataset]).encode(), _name, _name).unwrap()
    return found


def _one(element: Json) -> Element:
    found = _read({TAG: element})
    assert found.untold == ()
    assert list(found.elements) == [NAME]
    return found.elements[NAME]


def _texts(least: int = 1) -> st.SearchStrategy[str]:
    letters = st.characters(codec="utf-8", exclude_characters="\\^=\0\t\r\n ")
    return st.text(letters, min_size=least, max_size=6)


@frozen
class Told:
    """An element, and one of the ways in which servers tell it."""

    element: Element
    json: JsonObject


@st.composite
def _told_texts(draw: st.DrawFn) -> Told:
    vr = draw(st.sampled_from(TEXTS))
    values = draw(st.lists(_texts(0), min_size=1, max_size=4))
    padded = [draw(st.sampled_from([value, value + " ", " " + value, value + "\0"])) for value in values]
    told: list[Json] = [
        draw(st.sampled_from([None, text])) if not text.strip(" \0") else text for text in padded
    ]
    joined: Json = ["\\".join(padded)]  # some servers leave the values together
    return Told(
        Element(vr, tuple(values) if any(values) else ()),
        {"vr": vr, "Value": joined if draw(st.booleans()) else told},
    )


@st.composite
def _told_whole(draw: st.DrawFn) -> Told:
    vr, low, high = draw(
        st.sampled_from(
            [
                *(("US", 0, 2**16 - 1), ("SS", -(2**15), 2**15 - 1), ("UL", 0, 2**32 - 1)),
                *(("SL", -(2**31), 2**31 - 1), ("UV", 0, 2**64 - 1), ("SV", -(2**63), 2**63 - 1)),
            ]
        )
    )
    values = draw(
        st.lists(st.one_of(st.integers(low, high), st.sampled_from([low, high])), min_size=1, max_size=3)
    )
    small = [value for value in values if abs(value) < 2**53]
    told: list[Json] = [float(value) if value in small and draw(st.booleans()) else value for value in values]
    if draw(st.booleans()):  # 64 bits may come as text (PS3.18 F.2.3)
        told = [str(value) for value in values]
    return Told(Element(vr, tuple(values)), {"vr": vr, "Value": told})


@st.composite
def _told_reals(draw: st.DrawFn) -> Told:
    vr = draw(st.sampled_from(["FL", "FD"]))
    reals = st.floats(width=32, allow_nan=False) if vr == "FL" else st.floats(allow_nan=False)
    values = draw(st.lists(reals, min_size=1, max_size=3))
    words: dict[float, list[Json]] = {inf: ["inf", "Infinity"], -inf: ["-inf", "-Infinity"]}
    told: list[Json] = [draw(st.sampled_from(words.get(value, [value]))) for value in values]
    return Told(Element(vr, tuple(values)), {"vr": vr, "Value": told})


@st.composite
def _told_bytes(draw: st.DrawFn) -> Told:
    vr = draw(st.sampled_from(BINARY))
    data = draw(st.binary(max_size=70))
    text = b64encode(data).decode()
    if draw(st.booleans()):
        text = "\r\n".join(text[start : start + 20] for start in range(0, len(text), 20))
    return Told(Element(vr, (data,) if data else ()), {"vr": vr, "InlineBinary": text})


@given(st.one_of(_told_texts(), _told_whole(), _told_reals(), _told_bytes()))
@example(Told(Element("UV", (2**64 - 1,)), {"vr": "UV", "Value": [2**64 - 1]}))
@example(Told(Element("CS", ("A", "", "B")), {"vr": "CS", "Value": ["A", None, "B"]}))
@example(Told(Element("CS", ()), {"vr": "CS", "Value": [None]}))
@example(Told(Element("CS", ()), {"vr": "CS"}))
@example(Told(Element("CS", ("A",)), {"vr": "CS", "Value": "A"}))
@example(Told(Element("UN", ()), {}))
@example(Told(Element("UN", ("A",)), {"vr": 7, "Value": ["A"]}))
@example(Told(Element("UN", ("A",)), {"vr": "USA", "Value": ["A"]}))
def test_an_element_is_told_as_it_stands_in_a_header(told: Told) -> None:
    """Text without its padding, numbers as numbers, bytes as bytes (PS3.18 F.2)."""
    assert _one(told.json) == told.element


@given(
    st.lists(st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e12, 1e12)), min_size=1, max_size=3),
    st.data(),
)
@example([-1e-16, 1e22, 0.1], None)
def test_numbers_of_text_are_text(values: list[float], data: st.DataObject | None) -> None:
    """A DS value comes as a number or as text (F.2.3), and is the decimal string that a header holds."""
    told: list[Json] = [
        value if data is None or data.draw(st.booleans()) else repr(value) for value in values
    ]
    found = _read({TAG: {"vr": "DS", "Value": told}}).elements
    assert numbers(found, NAME) == tuple(float(value) for value in values)
    assert [decimal(str(value)) for value in found[NAME].values] == [float(value) for value in values]
    whole: list[Json] = [int(value) for value in values]
    assert _one({"vr": "IS", "Value": whole}) == Element("IS", tuple(str(value) for value in whole))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
@example(0.10000000149011612)
def test_a_number_of_32_bits_may_come_by_its_shortest_text(value: float) -> None:
    """0.1 stands for the nearest number that 32 bits hold, and that is what a header gives."""
    nine = float(f"{value:.9g}")  # digits enough for any number of 32 bits
    short = float(str(np.float32(value)))
    assert _one({"vr": "FL", "Value": [nine, short]}) == Element("FL", (value, value))


@pytest.mark.parametrize(("value", "expected"), [(1e39, inf), (-1e39, -inf), (3.5e38, inf)])
def test_a_number_beyond_32_bits_is_infinite(value: float, expected: float) -> None:
    """As a header would hold it."""
    assert _one({"vr": "FL", "Value": [value]}) == Element("FL", (expected,))


@given(st.sampled_from(["FL", "FD"]), st.sampled_from(["NaN", "nan", nan]))
def test_what_is_no_number_is_none(vr: str, told: Json) -> None:
    """NaN comes as text, or as what some writers take for JSON (F.2.3)."""
    (value,) = _one({"vr": vr, "Value": [told]}).values
    assert isinstance(value, float)
    assert isnan(value)


@given(
    st.sampled_from(["US", "SL", "FL", "FD", "OW", "UV"]),
    st.sampled_from(["x", "1,5", "1_0", True, False, 10**400, [1], "0x10", {}, {"a": 1}]),
)
@example("US", "Infinity")
@example("FD", 10**400)
def test_a_value_that_is_no_number_is_kept_and_is_none(vr: str, told: Json) -> None:
    """It is there and cannot be used: nothing else takes its place, and nobody takes it for a number."""
    found = _read({TAG: {"vr": vr, "Value": [7, told]}}).elements
    assert len(found[NAME].values) == 2
    assert found[NAME].values[0] == 7
    assert numbers(found, NAME) is None


@given(st.sampled_from(["US", "FD", "OW"]), st.sampled_from([2**64, -(2**64), 10**300]))
def test_a_number_of_more_than_64_bits_stays_text(vr: str, told: int) -> None:
    """No element holds it, and it is too large for some that would count with it."""
    assert _one({"vr": vr, "Value": [told]}) == Element(vr, (str(told),))


@pytest.mark.parametrize("told", [1.5, inf, -inf, nan])
def test_a_number_that_is_not_whole_is_not_made_whole(told: float) -> None:
    """Even where the VR knows whole numbers alone."""
    (value,) = _one({"vr": "US", "Value": [told]}).values
    assert repr(value) == repr(told)


@given(st.lists(_texts(0), min_size=3, max_size=3), st.booleans())
@example(["A^B", "", "C"], False)
def test_a_person_name_is_its_groups(names: list[str], with_more: bool) -> None:
    """Alphabetic, ideographic, phonetic; empty ones at the end are left out (F.2.2, PS3.5 6.2.1)."""
    groups: JsonObject = dict(zip(("Alphabetic", "Ideographic", "Phonetic"), [*names], strict=True))
    told: JsonObject = {key: name for key, name in groups.items() if name}
    told |= {"Other": 1} if with_more else {}
    expected = "=".join(names).rstrip("=")
    assert _one({"vr": "PN", "Value": [told]}) == Element("PN", (expected,) if expected else ())
    assert _one({"vr": "PN", "Value": [{"Alphabetic": ["A"]}, "A^B"]}) == Element("PN", ("", "A^B"))


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_a_tag_is_written_as_in_a_header(group: int, element: int) -> None:
    """AT values come as eight digits (F.2.2)."""
    told: JsonObject = {"vr": "AT", "Value": [f"{group:04X}{element:04X}"]}
    assert _one(told) == Element("AT", (f"({group:04x},{element:04x})",))


@pytest.mark.parametrize("vr", ["LT", "ST", "UT", "UR"])
def test_text_of_one_value_keeps_its_backslashes(vr: str) -> None:
    """PS3.5 6.2: these VRs have no second value."""
    assert _one({"vr": vr, "Value": ["a\\b "]}) == Element(vr, ("a\\b",))


@given(
    st.sampled_from([*TEXTS, *BINARY, "US", "FD", "SQ"]),
    st.text(max_size=9),
    st.text("0123456789", max_size=3),
)
@example("OW", "", "")
def test_what_is_told_elsewhere_is_missed(vr: str, address: str, digits: str) -> None:
    """A BulkDataURI says that there is a value, and not which: that is not the same as none (F.2.2, F.2.6)."""
    there: JsonObject = {"vr": vr, "BulkDataURI": f"{address}{digits}"}
    assert _read({TAG: there}) == Metadata({NAME: Element(vr, ())}, (NAME,))
    assert _read({TAG: {"vr": vr}}) == Metadata({NAME: Element(vr, ())}, ())
    nested = _read({SEQUENCE: {"vr": "SQ", "Value": [{}, {TAG: there}]}})
    assert nested.untold == (NAME,)
    assert nested.elements["Items"] == Element("SQ", ({}, {NAME: Element(vr, ())}))


@pytest.mark.parametrize(
    "broken",
    [
        *("text", 7, None, [], {"vr": "OW", "InlineBinary": "!"}, {"vr": "OW", "InlineBinary": "YQ"}),
        *({"vr": "OW", "InlineBinary": 7}, {"vr": "SQ", "Value": [7]}, {"vr": "SQ", "Value": [{}, "x"]}),
        {"vr": "OW", "InlineBinary": "é"},
    ],
)
def test_what_cannot_be_read_is_missed(broken: Json) -> None:
    """It is there, whatever it is."""
    found = _read({TAG: broken})
    assert found.untold == (NAME,)
    assert found.elements[NAME].values == ()


_TABLES = {
    "00283002": ("00283006", "00283006"),
    "00281101": ("00281201", "00281221"),
    "00281102": ("00281202", "00281222"),
    "00281103": ("00281203", "00281223"),
}


@given(st.sampled_from(sorted(_TABLES)), st.integers(0, 1), st.integers(0, 2))
def test_a_table_that_is_described_and_not_there_is_missed(descriptor: str, which: int, depth: int) -> None:
    """Some servers never tell OW: of a table they leave the descriptor (PS3.3 C.11.1, C.7.9), at any depth."""
    described: JsonObject = {"vr": "US", "Value": [2, 0, 16]}
    table: JsonObject = {"vr": "OW", "InlineBinary": "AAECAw=="}
    cases: list[tuple[JsonObject, bool]] = [
        ({descriptor: described}, True),
        ({descriptor: described, _TABLES[descriptor][which]: table}, False),
        ({descriptor: described, _TABLES[descriptor][which]: {"vr": "OW"}}, True),
        ({descriptor: {"vr": "US"}}, False),
        ({_TABLES[descriptor][which]: table}, False),
    ]
    for dataset, missed in cases:
        nested = dataset
        for _ in range(depth):
            nested = {SEQUENCE: {"vr": "SQ", "Value": [nested]}}
        assert _read(nested).untold == ((f"name of {_TABLES[descriptor][0]}",) if missed else ())


@given(st.booleans(), st.sampled_from([str.upper, str.lower]))
def test_only_what_has_a_name_is_read(is_named: bool, case: object) -> None:
    """At the root and in items, by names of their own; tags are read without regard to case."""
    tag = "0018100a" if case is str.lower else "0018100A"
    told: JsonObject = {"vr": "LO", "Value": ["A"]}
    body = json.dumps([{tag: told, SEQUENCE: {"vr": "SQ", "Value": [{tag: told}]}}]).encode()
    root = {"0018100A": "root", SEQUENCE: "Items"} if is_named else {SEQUENCE: "Items"}
    nested = {} if is_named else {"0018100A": "nested"}
    (found,) = read_metadata(body, root.get, nested.get).unwrap()
    element = Element("LO", ("A",))
    item = {} if is_named else {"nested": element}
    assert found.elements == ({"root": element} if is_named else {}) | {"Items": Element("SQ", (item,))}


@pytest.mark.parametrize(("depth", "is_read"), [(0, True), (31, True), (32, False), (60, False)])
def test_nesting_has_a_bound(depth: int, is_read: bool) -> None:
    """What lies deeper than any object nests is missed, not followed."""
    dataset: JsonObject = {TAG: {"vr": "CS", "Value": ["A"]}}
    for _ in range(depth + 1):
        dataset = {SEQUENCE: {"vr": "SQ", "Value": [dataset]}}
    assert _read(dataset).untold == (() if is_read else ("Items",))


@given(st.lists(st.integers(0, 9), max_size=4))
def test_objects_come_in_the_order_of_the_answer(numbers_told: list[int]) -> None:
    """A list of objects, or a single one by itself."""
    objects = [{TAG: {"vr": "US", "Value": [number]}} for number in numbers_told]
    found = read_metadata(json.dumps(objects).encode(), _name, _name).unwrap()
    assert [one.elements[NAME].values for one in found] == [(number,) for number in numbers_told]
    alone = read_metadata(b'{"00200032": {"vr": "US", "Value": [3]}}', _name, _name).unwrap()
    assert [one.elements[NAME].values for one in alone] == [(3,)]


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_nothing_is_no_object(body: bytes) -> None:
    """204 has no body."""
    assert read_metadata(body, _name, _name).unwrap() == ()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'[{"a": ' + b"9" * 5000 + b"}]", "it is not JSON"),
        (b"\xff\xfe\xfd", "it is not JSON"),
        (b"7", "it is JSON, but no list of objects in the DICOM JSON model"),
        (b"[{}, 7]", "it is JSON, but no list of objects in the DICOM JSON model"),
        (b"[null]", "it is JSON, but no list of objects in the DICOM JSON model"),
    ],
)
def test_what_is_no_metadata_is_refused(body: bytes, problem: str) -> None:
    """In words that say what came."""
    assert read_metadata(body, _name, _name).failure() == BadAnswer(problem)


_JSON: st.SearchStrategy[Json] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["vr", "Value", "InlineBinary", "BulkDataURI", TAG, SEQUENCE]), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([TAG, SEQUENCE, "00283002", "", "é"]), _JSON, max_size=3))
def test_any_json_is_read_or_missed(dataset: dict[str, Json]) -> None:
    """And never an exception."""
    found = _read(dataset)
    assert set(found.elements) == {_name(tag.upper()) for tag in dataset}


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """And never an exception."""
    found = read_metadata(body, _name, _name)
    assert is_successful(found) or found.failure().problem


_VALUES: dict[str, st.SearchStrategy[Value]] = {
    "CS": _texts(),
    "PN": _texts(),
    "US": st.integers(0, 65535),
    "FD": st.floats(allow_nan=False),
    "AT": st.integers(0, 2**32 - 1).map(lambda tag: f"({tag >> 16:04x},{tag & 0xFFFF:04x})"),
}
_TAGS = (
    st.integers(0, 2**32 - 1)
    .map("{:08X}".format)
    .filter(lambda tag: tag not in ("00283002", *(f"0028110{n}" for n in (1, 2, 3))))
)
_PLAIN = st.one_of(
    st.sampled_from(sorted(_VALUES)).flatmap(
        lambda vr: st.lists(_VALUES[vr], max_size=3).map(lambda values: Element(vr, tuple(values)))
    ),
    st.binary(min_size=1).map(lambda data: Element("OW", (data,))),
)
_ELEMENTS = st.recursive(
    st.dictionaries(_TAGS, _PLAIN, max_size=3),
    lambda inner: st.dictionaries(
        _TAGS,
        st.one_of(_PLAIN, st.lists(inner, max_size=2).map(lambda items: Element("SQ", tuple(items)))),
        max_size=3,
    ),
    max_leaves=6,
)


@given(_ELEMENTS)
def test_what_is_written_is_read(elements: dict[str, Element]) -> None:
    """The way there is `header.dicom_json`; an index's sequences come back so."""
    written = {tag: json_element(element) for tag, element in elements.items()}
    (found,) = read_metadata(json.dumps([written]).encode(), lambda tag: tag, lambda tag: tag).unwrap()
    assert found == Metadata(elements, ())
