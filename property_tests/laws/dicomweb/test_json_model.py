"""Laws of the DICOM JSON model, read: what a server tells of an object is what its header holds, or is missed."""

from __future__ import annotations

import json
from base64 import b64encode
from math import inf, isnan, nan

import numpy as np
import pytest
from attrs import frozen
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.dicomweb.json_model import Metadata, read_metadata
from dicom_series_preview.core.header.dicom_json import Json, JsonObject, json_element
from dicom_series_preview.core.header.elements import Element, Elements, Value, decimal, numbers
from dicom_series_preview.core.header.raw import DataSet, creator_of
from dicom_series_preview.core.header.values import read_elements

TAG, NAME = "00200032", "ImagePositionPatient"
SEQUENCE = "00409096"
NAMES = {int(TAG, 16): NAME, int(SEQUENCE, 16): "Items"}
CODES = ("AE", "AS", "CS", "DA", "DT", "TM", "UI")
TEXTS = (*CODES, "LO", "SH", "UC")
BINARY = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")


class _Everything:
    """All elements are wanted, and of none the VR is known."""

    @staticmethod
    def standard(tag: int) -> str:  # noqa: ARG004
        return "UN"

    @staticmethod
    def private(tag: int, around: DataSet) -> str:
        return "LO" if not tag & 0xFF00 else creator_of(around, tag) or "UN"


def _name(_: DataSet, tag: int) -> str:
    """All elements have names."""
    return NAMES.get(tag, f"{tag:08X}")


@frozen
class Read:
    """What a reader of headers makes of metadata."""

    elements: Elements
    untold: frozenset[int]


def _read(dataset: Json) -> Read:
    (found,) = read_metadata(json.dumps([dataset]).encode(), _Everything()).unwrap()
    return Read(read_elements(found.elements, _name), found.untold)


def _one(element: Json) -> Element:
    found = _read({TAG: element})
    assert found.untold == frozenset()
    assert list(found.elements) == [NAME]
    return found.elements[NAME]


def _texts(least: int = 1) -> st.SearchStrategy[str]:
    letters = st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters="\\^= ")
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
    before = [""] if vr in TEXTS[len(CODES) :] else ["", " "]  # elsewhere leading blanks may mean something
    padded = [
        draw(st.sampled_from(before)) + value + draw(st.sampled_from(["", " ", "\0"])) for value in values
    ]
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
@example(Told(Element("UN", (b"A",)), {"Value": ["A"]}))
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


@given(st.sampled_from(["FL", "FD"]), st.sampled_from(["NaN", "nan", nan]))
def test_what_is_no_number_is_none(vr: str, told: Json) -> None:
    """NaN comes as text, or as what some writers take for JSON (F.2.3)."""
    (value,) = _one({"vr": vr, "Value": [told]}).values
    assert isinstance(value, float)
    assert isnan(value)


_STRANGE: list[Json] = [
    "x",
    "1_0",
    "0x10",
    True,
    False,
    None,
    2**64,
    -(2**64),
    10**400,
    [1],
    {},
    {"a": 1},
]


@given(st.sampled_from(["US", "SL", "FL", "FD", "UV", "AT", "SS"]), st.sampled_from(_STRANGE))
@example("US", "Infinity")
@example("US", 1.5)
@example("US", inf)
@example("UL", nan)
@example("US", 65536)
@example("SS", -32769)
@example("UL", -1)
@example("FL", 1e39)
@example("AT", "0018100")
@example("AT", 7)
def test_a_value_that_is_none_of_its_vr_is_there_and_cannot_be_used(vr: str, told: Json) -> None:
    """Nothing else takes its place, and nobody takes it for a number."""
    assume(vr not in ("FL", "FD") or told not in (2**64, -(2**64)))  # a number like any other
    for values in ([told], [7, told], [told, "00181000"]):
        found = _read({TAG: {"vr": vr, "Value": values}})
        assert found == Read({NAME: Element(vr, (b"?",))}, frozenset())
        assert numbers(found.elements, NAME) is None


@given(st.sampled_from(["DS", "IS"]), st.sampled_from([True, [1], inf, nan, "x", {"a": 1}]))
def test_text_that_is_no_number_is_none(vr: str, told: Json) -> None:
    """And stays there, as in a header."""
    found = _read({TAG: {"vr": vr, "Value": [7, told]}}).elements
    assert len(found[NAME].values) == 2
    assert numbers(found, NAME) is None


@given(st.integers(-(2**15), 2**16 - 1), st.sampled_from(["US", "SS"]))
def test_words_of_the_other_sign_are_the_same_words(value: int, vr: str) -> None:
    """Where a dictionary leaves the choice, servers take one for the other (PS3.5 A.1)."""
    signed = value - 2**16 if value >= 2**15 else value
    assert _one({"vr": vr, "Value": [value]}) == Element(vr, (signed if vr == "SS" else value % 2**16,))


@given(st.lists(_texts(0), min_size=3, max_size=3), st.booleans())
@example(["A^B", "", "C"], False)
@example(["A^X", "", ""], False)
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


@given(st.text(max_size=6))
@example("\ud800")
def test_text_is_utf_8(text: str) -> None:
    """Whatever the object's character set: JSON has one (PS3.18 F.2.1)."""
    (found,) = read_metadata(
        json.dumps([{TAG: {"vr": "LT", "Value": [text]}}]).encode(), _Everything()
    ).unwrap()
    value = found.elements[int(TAG, 16)].value
    assert isinstance(value, bytes)
    assert value.decode("utf-8", "surrogatepass") == text


@given(
    st.sampled_from([*TEXTS, *BINARY, "US", "FD", "SQ"]),
    st.text(max_size=9),
    st.text("0123456789", max_size=3),
)
@example("OW", "", "")
def test_what_is_told_elsewhere_is_missed(vr: str, address: str, digits: str) -> None:
    """A BulkDataURI says that there is a value, and not which: that is not the same as none (F.2.2, F.2.6)."""
    there: JsonObject = {"vr": vr, "BulkDataURI": f"{address}{digits}"}
    assert _read({TAG: there}) == Read({NAME: Element(vr, ())}, frozenset({int(TAG, 16)}))
    assert _read({TAG: {"vr": vr}}) == Read({NAME: Element(vr, ())}, frozenset())
    nested = _read({SEQUENCE: {"vr": "SQ", "Value": [{}, {TAG: there}]}})
    assert nested.untold == {int(TAG, 16)}
    assert nested.elements["Items"] == Element("SQ", ({}, {NAME: Element(vr, ())}))


@pytest.mark.parametrize(
    "broken",
    [
        *("text", 7, None, [], {"vr": "OW", "InlineBinary": "!"}, {"vr": "OW", "InlineBinary": "YQ"}),
        *({"vr": "OW", "InlineBinary": 7}, {"vr": "SQ", "Value": [7]}, {"vr": "SQ", "Value": [{}, "x"]}),
        {"vr": "OW", "InlineBinary": "é"},
        {"vr": "OW", "Value": [1]},
    ],
)
def test_what_cannot_be_read_is_missed(broken: Json) -> None:
    """It is there, whatever it is."""
    found = _read({TAG: broken})
    assert found.untold == {int(TAG, 16)}
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
        assert _read(nested).untold == ({int(_TABLES[descriptor][0], 16)} if missed else frozenset())


@frozen
class _Some:
    """Some elements are wanted; a private one where the creator before it is the right one."""

    wanted: frozenset[int]

    def standard(self, tag: int) -> str | None:
        return "LO" if tag in self.wanted else None

    def private(self, tag: int, around: DataSet) -> str | None:
        return "LO" if not tag & 0xFF00 or creator_of(around, tag) == "MINE" else None


@given(st.booleans(), st.sampled_from(["0018100A", "0018100a"]))
def test_only_what_is_wanted_is_read(is_wanted: bool, tag: str) -> None:
    """At the root and in items; tags are read without regard to case, and what is no tag not at all."""
    told: JsonObject = {"vr": "LO", "Value": ["A"]}
    body = json.dumps([{tag: told, "0018": told, SEQUENCE: {"vr": "SQ", "Value": [{tag: told}]}}]).encode()
    wanted = {int(SEQUENCE, 16)} | ({0x0018100A} if is_wanted else set())
    (found,) = read_metadata(body, _Some(frozenset(wanted))).unwrap()
    elements = {"0018100A": Element("LO", ("A",))} if is_wanted else {}
    assert read_elements(found.elements, _name) == elements | {"Items": Element("SQ", (elements,))}


@given(st.permutations(["00190010", "00191001", "00190011", "00191101"]), st.booleans())
def test_private_elements_are_told_by_their_creators(order: list[str], is_first: bool) -> None:
    """Whatever the order in which a server tells them (PS3.5 7.8.1)."""
    creators = ("MINE", "OTHER") if is_first else ("OTHER", "MINE")
    values = dict(zip(("00190010", "00190011"), creators, strict=True)) | {"00191001": "a", "00191101": "b"}
    told = {tag: {"vr": "UN", "Value": [values[tag]]} for tag in order}
    (found,) = read_metadata(json.dumps(told).encode(), _Some(frozenset())).unwrap()
    mine = ("00191001", "a") if is_first else ("00191101", "b")
    elements = read_elements(found.elements, _name)
    assert {tag: one.values for tag, one in elements.items() if one.values[0] in ("a", "b")} == {
        mine[0]: (mine[1],)
    }


@pytest.mark.parametrize("told", [{}, {"vr": "UN"}, {"vr": ""}, {"vr": 7}, {"vr": "USA"}])
def test_a_vr_that_is_not_told_is_the_dictionary_s(told: JsonObject) -> None:
    """The first of those that it leaves to choose from."""

    class Words(_Everything):
        @staticmethod
        def standard(tag: int) -> str:  # noqa: ARG004
            return "US or SS"

    body = json.dumps({TAG: {**told, "Value": [258]}}).encode()
    (found,) = read_metadata(body, Words()).unwrap()
    assert read_elements(found.elements, _name)[NAME] == Element("US", (258,))


@pytest.mark.parametrize(("depth", "is_read"), [(0, True), (31, True), (32, False), (60, False)])
def test_nesting_has_a_bound(depth: int, is_read: bool) -> None:
    """What lies deeper than any object nests is missed, not followed."""
    dataset: JsonObject = {TAG: {"vr": "CS", "Value": ["A"]}}
    for _ in range(depth + 1):
        dataset = {SEQUENCE: {"vr": "SQ", "Value": [dataset]}}
    assert _read(dataset).untold == (frozenset() if is_read else {int(SEQUENCE, 16)})


def _values(metadata: Metadata) -> tuple[Value, ...]:
    return read_elements(metadata.elements, _name)[NAME].values


@pytest.mark.parametrize("tag", ["7FE00008", "7FE00010", "FFFCFFFC", "E0291010"])
def test_what_lies_behind_the_header_is_not_read(tag: str) -> None:
    """The pixel data and what follows them; within items there are pixels of icons."""
    there: JsonObject = {"vr": "OB", "BulkDataURI": "x"}
    assert _read({tag: there}) == Read({}, frozenset())
    assert _read({SEQUENCE: {"vr": "SQ", "Value": [{tag: there}]}}).untold == {int(tag, 16)}
    assert _read({"7FE00007": there}).untold == {0x7FE00007}


@pytest.mark.parametrize("told", [{}, {"Value": []}, {"BulkDataURI": "x"}])
def test_a_sequence_without_items_is_one(told: JsonObject) -> None:
    """And not bytes that are none."""
    (found,) = read_metadata(json.dumps({SEQUENCE: {"vr": "SQ", **told}}).encode(), _Everything()).unwrap()
    assert found.elements[int(SEQUENCE, 16)].value == ()


@given(st.lists(st.integers(0, 9), max_size=4))
def test_objects_come_in_the_order_of_the_answer(numbers_told: list[int]) -> None:
    """A list of objects, or a single one by itself."""
    objects = [{TAG: {"vr": "US", "Value": [number]}} for number in numbers_told]
    found = read_metadata(json.dumps(objects).encode(), _Everything()).unwrap()
    assert [_values(one) for one in found] == [(number,) for number in numbers_told]
    alone = read_metadata(b'{"00200032": {"vr": "US", "Value": [3]}}', _Everything()).unwrap()
    assert [_values(one) for one in alone] == [(3,)]


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_nothing_is_no_object(body: bytes) -> None:
    """204 has no body."""
    assert read_metadata(body, _Everything()).unwrap() == ()


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
    assert read_metadata(body, _Everything()).failure() == BadAnswer(problem)


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
    assert set(found.elements) == {_name({}, int(tag, 16)) for tag in dataset if len(tag) == 8}


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """And never an exception."""
    found = read_metadata(body, _Everything())
    assert is_successful(found) or found.failure().problem


_VALUES: dict[str, st.SearchStrategy[Value]] = {
    "CS": _texts(),
    "PN": _texts(),
    "US": st.integers(0, 65535),
    "FD": st.floats(allow_nan=False),
    "AT": st.integers(0, 2**32 - 1).map(lambda tag: f"({tag >> 16:04x},{tag & 0xFFFF:04x})"),
}
_TAGS = (
    st.integers(0, 0x7FE00007)
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
    (found,) = read_metadata(json.dumps([written]).encode(), _Everything()).unwrap()
    assert read_elements(found.elements, lambda _, tag: f"{tag:08X}") == elements
    assert found.untold == frozenset()
