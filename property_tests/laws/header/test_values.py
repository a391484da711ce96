"""Laws of reading values (PS3.5 6.2): what was written as a VR is what is read of it, and padding is no part."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.raw import DataSet, RawElement
from dicom_series_preview.core.header.values import is_signed, read_elements, read_values, settled_vr

RANGES = {
    "US": (2, False),
    "SS": (2, True),
    "UL": (4, False),
    "SL": (4, True),
    "UV": (8, False),
    "SV": (8, True),
}
PLAIN = 0x00280010
CODES = ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI")
SEVERAL_TEXTS = ("LO", "SH", "UC", "PN")
ONE_TEXT = ("LT", "ST", "UR", "UT")
PADDING = st.sampled_from(["", " ", "\0", "   ", " \0", "\0\0"])
WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\\=\x85\xa0"), min_size=1
)


@given(vr=st.sampled_from(sorted(RANGES)), little=st.booleans(), data=st.data())
def test_whole_numbers_are_read_in_their_size_sign_and_order(
    vr: str, little: bool, data: st.DataObject
) -> None:
    """Built by arithmetic of whole numbers; padding that is too short for a number is ignored."""
    size, signed = RANGES[vr]
    low = -(1 << (8 * size - 1)) if signed else 0
    numbers = data.draw(st.lists(st.integers(low, low + (1 << 8 * size) - 1), max_size=4))
    value = b"".join(
        number.to_bytes(size, "little" if little else "big", signed=signed) for number in numbers
    )
    padding = data.draw(st.sampled_from([b"", b"\0", b" "]))
    assert read_values(PLAIN, vr, value + padding, little) == tuple(numbers)
    odd = data.draw(st.binary(min_size=1, max_size=size - 1).filter(lambda odd: odd.strip(b" \0") != b""))
    assert read_values(PLAIN, vr, value + odd, little) == (value + odd,)


@given(little=st.booleans(), numbers=st.lists(st.floats(width=32, allow_nan=False), max_size=4))
def test_floats_are_read_in_their_size_and_order(little: bool, numbers: list[float]) -> None:
    """IEEE 754, 32 and 64 bits; NaN and infinities are values too."""
    for vr, code in (("FL", "f"), ("FD", "d")):
        value = b"".join(pack(("<" if little else ">") + code, number) for number in numbers)
        assert read_values(PLAIN, vr, value, little) == tuple(numbers)


@given(vr=st.sampled_from(CODES), words=st.lists(WORDS, min_size=1, max_size=4), data=st.data())
def test_codes_are_read_without_any_padding(vr: str, words: list[str], data: st.DataObject) -> None:
    """Values between backslashes, also empty ones; nothing but blanks is no value."""
    spelled = [data.draw(PADDING) + word + data.draw(PADDING) + data.draw(PADDING) for word in words]
    value = "\\".join(["", *spelled, " "]).encode("latin-1")
    assert read_values(PLAIN, vr, value, True) == ("", *words, "")
    assert read_values(PLAIN, vr, " \\\0".encode("latin-1"), True) == ()


@given(words=st.lists(WORDS, min_size=1, max_size=3), before=st.sampled_from(["", "  "]), after=PADDING)
def test_text_keeps_its_leading_blanks(words: list[str], before: str, after: str) -> None:
    """Trailing ones are padding; a backslash divides values only in some VRs, a name may end in empty groups."""
    value = "\\".join(before + word + after for word in words).encode("latin-1")
    several = tuple(before + word for word in words)
    for vr in SEVERAL_TEXTS:
        assert read_values(PLAIN, vr, value, True) == several
    for vr in ONE_TEXT:
        assert read_values(PLAIN, vr, value, True) == (value.decode("latin-1").rstrip(" \0"),)
    assert read_values(PLAIN, "PN", b"A^B==", True) == ("A^B",)
    assert read_values(PLAIN, "LO", b"A=", True) == ("A=",)


@pytest.mark.parametrize("vr", [*SEVERAL_TEXTS, *ONE_TEXT])
def test_text_is_decoded_before_it_is_divided(vr: str) -> None:
    """A byte that looks like a backslash may be half a character; codes are in the default repertoire."""

    def decode(value: bytes) -> str:
        return value.decode("utf-16-be")

    value = "\u5c41b".encode("utf-16-be")
    assert read_values(PLAIN, vr, value, True, decode) == ("\u5c41b",)
    assert read_values(PLAIN, "CS", b"A ", True, decode) == ("A",)


@given(
    tags=st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), max_size=3), little=st.booleans()
)
def test_tags_are_written_as_they_are_named(tags: list[tuple[int, int]], little: bool) -> None:
    """Two numbers of 16 bits, group first in either byte order."""
    order = "<" if little else ">"
    value = b"".join(pack(order + "HH", *tag) for tag in tags)
    expected = tuple(f"({group:04x},{element:04x})" for group, element in tags)
    assert read_values(PLAIN, "AT", value, little) == expected
    assert read_values(PLAIN, "AT", value + b"\1\2\3", little) == (value + b"\1\2\3",)


@given(vr=st.sampled_from(["OB", "OW", "OF", "UN", "SQ", "ZZ", ""]), value=st.binary(max_size=6))
def test_anything_else_is_bytes(vr: str, value: bytes) -> None:
    """As they are; none are no value."""
    assert read_values(PLAIN, vr, value, True) == ((value,) if value else ())


@pytest.mark.parametrize("tag", [0x00281101, 0x00281102, 0x00281103, 0x00283002])
def test_a_count_of_entries_is_never_negative(tag: int) -> None:
    """The first value of a descriptor, also where its VR is signed (PS3.3 C.11.1.1); only there."""
    value = pack("<hhh", -1, -1024, 16)
    assert read_values(tag, "SS", value, True) == (65535, -1024, 16)
    assert read_values(tag, "SS", pack("<h", 5), True) == (5,)
    assert read_values(tag, "SS", b"", True) == ()
    assert read_values(PLAIN, "SS", value, True) == (-1, -1024, 16)


@pytest.mark.parametrize("signed", [True, False])
def test_the_sign_of_the_pixels_settles_what_the_dictionary_leaves_open(signed: bool) -> None:
    """Words rather than bytes, and US or SS by PixelRepresentation."""
    assert settled_vr("US or SS", signed) == ("SS" if signed else "US")
    for vr in ("US or OW", "OB or OW", "US or SS or OW"):
        assert settled_vr(vr, signed) == "OW"
    for vr in ("LO", "SS", "US", "UN", ""):
        assert settled_vr(vr, signed) == vr


@given(around=st.booleans(), own=st.sampled_from([b"", b"\0\0", b"\1\0", b"\0\1"]))
def test_a_data_set_without_a_sign_has_that_of_the_one_around_it(around: bool, own: bytes) -> None:
    """PixelRepresentation (PS3.3 C.7.6.3.1), in either byte order."""
    assert is_signed({}, around) is around
    assert is_signed({0x00280103: RawElement("US", own, True)}, around) is (any(own) if own else around)
    assert is_signed({0x00280103: RawElement("SQ", (), True)}, around) is around


def _name(_: DataSet, tag: int) -> str | None:
    """Everything by its number but what is marked as left out."""
    return None if tag & 0x100 else str(tag & 0xFF)


@given(depth=st.integers(0, 5), signed=st.booleans())
def test_items_are_read_like_what_they_lie_in(depth: int, signed: bool) -> None:
    """Named elements at every depth, with the sign of the nearest data set that tells it."""
    raw: dict[int, RawElement] = {1: RawElement("US or SS", b"\xff\xff", True)}
    value = {"1": Element("SS" if signed else "US", (-1 if signed else 65535,))}
    for _ in range(depth):
        raw = {2: RawElement("SQ", (raw, {}), True), 0x103: RawElement("LO", b"left out", True)}
        value = {"2": Element("SQ", (value, {}))}
    sign = {0x00280103: RawElement("US", b"\1\0" if signed else b"\0\0", True)}
    assert read_elements(raw | sign, _name) == value


def test_a_sequence_that_could_not_be_read_is_bytes() -> None:
    """So that nobody takes it for an empty one."""
    found = read_elements({2: RawElement("SQ", b"no items", True)}, _name)
    assert found == {"2": Element("SQ", (b"no items",))}
