"""Laws of walking over a data set (PS3.5 7): all that was written is found, and nothing is told too early."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.header.data_set import DEEPEST, walk
from dicom_series_preview.core.header.raw import (
    AtEnd,
    AtPixels,
    DataSet,
    Encoding,
    Outcome,
    RanOut,
    RawElement,
    Unparsable,
)
from property_tests.data_sets import (
    CREATOR,
    ENCODINGS,
    ENDLESS,
    KINDS,
    Everything,
    Item,
    Items,
    data_sets,
    wanted,
    write,
)

LITTLE = Encoding(explicit=True, little=True)
SQ = KINDS.index("SQ")


def _walk(data: bytes, encoding: Encoding = LITTLE, complete: bool = False) -> tuple[DataSet, Outcome]:
    walked = walk(data, 0, encoding, complete, Everything())
    return walked.elements, walked.outcome


def _pixels(explicit: bool, little: bool, length: int = ENDLESS) -> bytes:
    """The head of the pixel data element."""
    order = "<" if little else ">"
    vr = b"OW\0\0" if explicit else b""
    return pack(order + "HH", 0x7FE0, 0x0010) + vr + pack(order + "I", length)


@given(items=data_sets(), encoding=ENCODINGS, length=st.sampled_from([0, 7, ENDLESS]))
def test_what_was_written_is_found(items: Items, encoding: tuple[bool, bool], length: int) -> None:
    """Every VR, length form and nesting, in every encoding, and where the pixels begin."""
    body, pixels = write(items, *encoding), _pixels(*encoding, length)
    found, outcome = _walk(body + pixels + b"pixels", Encoding(*encoding))
    assert found == wanted(items, *encoding)
    told = None if length == ENDLESS else length
    assert outcome == AtPixels(0x7FE00010, "OW" if encoding[0] else "", len(body + pixels), told)


@given(items=data_sets(), encoding=ENCODINGS, zeros=st.integers(0, 20))
def test_without_pixels_the_object_ends_the_elements(
    items: Items, encoding: tuple[bool, bool], zeros: int
) -> None:
    """Zeros behind the last element are padding; that nothing else follows has to be told."""
    body = write(items, *encoding) + bytes(zeros)
    found, outcome = _walk(body, Encoding(*encoding), complete=True)
    assert (found, outcome) == (wanted(items, *encoding), AtEnd())
    assert isinstance(_walk(body, Encoding(*encoding))[1], RanOut)


@given(items=data_sets(1), encoding=ENCODINGS, complete=st.booleans())
def test_every_demand_is_needed_and_leads_further(
    items: Items, encoding: tuple[bool, bool], complete: bool
) -> None:
    """At every cut: the same demand until it is met, then a greater one, and never more than there is."""
    data = write(items, *encoding) + _pixels(*encoding)
    demand = 0
    for cut in range(len(data)):
        outcome = _walk(data[:cut], Encoding(*encoding))[1]
        assert isinstance(outcome, RanOut)
        assert (outcome.needs == demand) == (cut < demand)
        assert cut < outcome.needs <= len(data)
        demand = outcome.needs
    assert isinstance(_walk(data, Encoding(*encoding), complete)[1], AtPixels)


@given(items=data_sets(1).filter(len), encoding=ENCODINGS, data=st.data())
def test_an_object_that_ends_within_an_element_is_damaged(
    items: Items, encoding: tuple[bool, bool], data: st.DataObject
) -> None:
    """Not so where it ends between two elements of the root."""
    ends = {len(write(items[:count], *encoding)) for count in range(len(items) + 1)}
    whole = write(items, *encoding)
    cut = data.draw(
        st.integers(0, len(whole)).filter(
            lambda cut: any(whole[max(end for end in ends if end <= cut) : cut]) or cut in ends
        )
    )
    outcome = _walk(whole[:cut], Encoding(*encoding), complete=True)[1]
    assert isinstance(outcome, AtEnd if cut in ends else Unparsable)


@given(
    noise=st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [
                    b"\xfe\xff\0\xe0",
                    b"\xfe\xff\x0d\xe0",
                    b"\xfe\xff\xdd\xe0",
                    b"\xff" * 4,
                    bytes(4),
                    b"SQ\0\0",
                    b"UN\0\0",
                    b"\x08\0\x06\0",
                    b"\x09\0\x06\x10",
                    b"UL\4\0",
                    b"  \4\0",
                ]
            )
        ).map(b"".join),
    ),
    items=data_sets(1),
    encoding=ENCODINGS,
    complete=st.booleans(),
    data=st.data(),
)
def test_any_bytes_are_walked_over_in_as_many_steps_as_they_have(
    noise: bytes, items: Items, encoding: tuple[bool, bool], complete: bool, data: st.DataObject
) -> None:
    """No bytes raise, and no element is looked up twice; what more bytes change is no answer but a demand."""
    whole = write(items, *encoding)
    at = data.draw(st.integers(0, len(whole)))
    broken = whole[:at] + noise + whole[at + data.draw(st.integers(0, 8)) :]
    dictionary = Everything()
    walked = walk(broken, 0, Encoding(*encoding), complete, dictionary)
    assert dictionary.asked <= len(broken) // 8
    cut = data.draw(st.integers(0, len(broken)))
    early, before = _walk(broken[:cut], Encoding(*encoding))
    assert isinstance(before, RanOut) or (early, before) == (walked.elements, walked.outcome)


def _sequence(tag: int, content: bytes, undefined: bool) -> bytes:
    """A sequence of one item, in explicit VR little endian."""
    length = ENDLESS if undefined else len(content)
    item = b"\xfe\xff\0\xe0" + pack("<I", length) + content + (b"\xfe\xff\x0d\xe0" + bytes(4)) * undefined
    head = pack("<HH2sHI", tag >> 16, tag & 0xFFFF, b"SQ", 0, ENDLESS if undefined else len(item))
    return head + item + (b"\xfe\xff\xdd\xe0" + bytes(4)) * undefined


def _nested(tag: int, depth: int, undefined: bool) -> bytes:
    content = b""
    for _ in range(depth):
        content = _sequence(tag, content, undefined)
    return content


@pytest.mark.parametrize("undefined", [True, False])
def test_what_is_not_wanted_may_be_nested_without_end(undefined: bool) -> None:
    """It is stepped over; what is wanted is refused beyond a depth that no object has."""
    deep = _nested(0x00080100 | SQ, 2000, undefined)
    assert _walk(deep + _pixels(True, True))[0] == {}
    assert isinstance(_walk(deep, complete=True)[1], AtEnd)
    tag = 0x00080000 | SQ
    assert isinstance(_walk(_nested(tag, DEEPEST, undefined), complete=True)[1], AtEnd)
    refused = _walk(_nested(tag, DEEPEST + 1, undefined), complete=True)[1]
    assert isinstance(refused, Unparsable)
    assert str(DEEPEST) in refused.reason


@given(
    noise=st.binary(min_size=1, max_size=30).filter(lambda noise: noise[:2] != b"\xfe\xff"),
    within=st.booleans(),
)
def test_a_sequence_that_cannot_be_read_spoils_only_itself(noise: bytes, within: bool) -> None:
    """If its length is told it is stepped over, and is bytes; it may lie in a sequence whose end is not told."""
    tag, behind = 0x00080000 | SQ, Item(0x7FDE0000 | KINDS.index("LO"), "LO", b"behind")
    spoilt = pack("<HH2sHI", tag >> 16, tag & 0xFFFF, b"SQ", 0, len(noise)) + noise
    raw = RawElement("SQ", noise, True)
    around = _sequence(tag, spoilt, undefined=True) if within else spoilt
    expected = RawElement("SQ", ({tag: raw},), True) if within else raw
    found, outcome = _walk(around + write((behind,), True, True), complete=True)
    assert found == {tag: expected, behind.tag: RawElement("LO", b"behind", True)}
    assert outcome == AtEnd()
    assert walk(around, 0, LITTLE, True, Everything()).spoilt == (tag,)


@given(noise=st.binary(min_size=8, max_size=30).filter(lambda noise: noise[:2] != b"\xfe\xff"))
def test_a_sequence_without_an_end_that_cannot_be_read_is_damage(noise: bytes) -> None:
    """Nobody can tell where it ends."""
    head = pack("<HH2sHI", 0x0008, SQ, b"SQ", 0, ENDLESS)
    assert isinstance(_walk(head + noise)[1], Unparsable)


@pytest.mark.parametrize("limit", [8, 20, 24])
def test_nothing_reaches_beyond_the_item_it_lies_in(limit: int) -> None:
    """An element of 12 and 8 bytes in a shorter item; the item in a sequence that is shorter still."""
    element = pack("<HH2sHI", 0x0008, KINDS.index("OB"), b"OB", 0, 8) + b"\1" * 8
    item = b"\xfe\xff\0\xe0" + pack("<I", limit - 4) + element
    tag = 0x00080000 | SQ
    data = pack("<HH2sHI", 0x0008, SQ, b"SQ", 0, limit) + item[:limit]
    found, _ = _walk(data, complete=True)
    assert found == {tag: RawElement("SQ", item[:limit], True)}


ODD = st.sampled_from([b"  ", b"\0\0", b"??", b"ZZ", b"-\0", b"xx"])


@given(
    code=ODD,
    way=st.sampled_from(["short", "long"]),
    value=st.binary(max_size=40),
    more=st.booleans(),
)
def test_a_vr_that_is_none_is_read_in_the_way_that_leads_on(
    code: bytes, way: str, value: bytes, more: bool
) -> None:
    """A blank or unknown VR has a length of 16 or 32 bits; the right one is that with an element behind it."""
    lo, tag = KINDS.index("LO"), 0x00080000
    odd = pack("<HH", 8, lo) + code
    odd += pack("<H", len(value)) if way == "short" else pack("<HI", 0, len(value))
    behind = Item(0x00090010, "LO", b"A MAKER ")
    rest = write((behind,), True, True) if more else b""
    first = write((Item(0x00080001, "OD", b"first"),), True, True)
    found, outcome = _walk(first + odd + value + rest, complete=True)
    vr = code.decode() if code.isalpha() else "LO"
    kept = {0x00080001: RawElement("OD", b"first", True), tag | lo: RawElement(vr, value, True)}
    assert found == kept | ({behind.tag: RawElement("LO", b"A MAKER ", True)} if more else {})
    assert outcome == AtEnd()


@given(code=ODD, value=st.binary(max_size=20), maker=st.sampled_from([CREATOR, "ANOTHER ONE"]))
def test_a_private_element_whose_vr_is_none_is_one_of_its_maker(
    code: bytes, value: bytes, maker: str
) -> None:
    """What is wanted of a private block is told by who has reserved it (PS3.5 7.8.1), as of any other element."""
    creator = Item(0x00090010, "LO", maker.encode() + b" " * (len(maker) % 2))
    tag = 0x00091000 | KINDS.index("LO")
    odd = pack("<HH", tag >> 16, tag & 0xFFFF) + code + pack("<H", len(value)) + value
    last = Item(0x00100000 | KINDS.index("IS"), "IS", b"7 ")
    found, _ = _walk(write((creator,), True, True) + odd + write((last,), True, True), complete=True)
    assert set(found) == {creator.tag, last.tag, *([tag] if maker == CREATOR else [])}


@pytest.mark.parametrize("rest", [b"", b"\xfe\xff\x0d\xe0"])
def test_an_item_without_its_end_spoils_a_sequence_of_a_told_length(rest: bytes) -> None:
    """An item of undefined length ends with a delimiter (PS3.5 7.5.1), and not where its sequence does."""
    item = b"\xfe\xff\0\xe0" + pack("<I", ENDLESS) + write((Item(0x00080001, "OD", b"first"),), True, True)
    data = pack("<HH2sHI", 0x0008, SQ, b"SQ", 0, len(item + rest)) + item + rest
    found, outcome = _walk(data, complete=True)
    assert (found, outcome) == ({0x00080000 | SQ: RawElement("SQ", item + rest, True)}, AtEnd())


@given(code=ODD, value=st.binary(max_size=20), long=st.booleans())
def test_what_follows_a_vr_that_is_none_is_waited_for(code: bytes, value: bytes, long: bool) -> None:
    """Only that tells its length, however much of it is there."""
    length = pack("<HI", 0, len(value)) if long else pack("<H", len(value))
    first = write((Item(0x00080001, "OD", b"first"),), True, True)
    behind = write((Item(0x00100000 | KINDS.index("IS"), "IS", b"7 "),), True, True)
    data = first + pack("<HH", 8, KINDS.index("LO")) + code + length + value + behind
    for cut in range(len(data)):
        assert isinstance(_walk(data[:cut])[1], RanOut)
    assert len(_walk(data, complete=True)[0]) == 3


def test_a_vr_that_is_none_and_leads_nowhere_is_damage() -> None:
    """In an item its sequence is stepped over; at the end of an object it may be that of the object."""
    odd = pack("<HH2sH", 8, KINDS.index("LO"), b"??", 2)
    first = write((Item(0x00080001, "OD", b"first"),), True, True)
    assert _walk(first + odd + b"ab", complete=True)[1] == AtEnd()
    assert isinstance(_walk(first + odd + b"abcdefgh", complete=True)[1], Unparsable)
    assert isinstance(_walk(first + odd + b"abcdefgh" + first)[1], RanOut)  # the length may be a long one
    inside = first + odd + b"ab"
    value = _walk(_sequence(0x00080000 | SQ, inside, undefined=False), complete=True)[0][
        0x00080000 | SQ
    ].value
    assert [sorted(item) for item in value if isinstance(item, dict)] == [
        [0x00080001, 0x00080000 | KINDS.index("LO")]
    ]
    spoilt = _sequence(0x00080000 | SQ, inside + b"cdefghij", undefined=False)
    assert isinstance(_walk(spoilt, complete=True)[0][0x00080000 | SQ].value, bytes)
    delimited = _sequence(0x00080000 | SQ, inside, undefined=True)
    assert _walk(delimited, complete=True)[0][0x00080000 | SQ].value == value


def test_an_implicit_element_among_explicit_ones_is_read() -> None:
    """Some writers leave out a VR; its length then has 32 bits."""
    implicit = pack("<HHI", 8, KINDS.index("LO"), 4) + b"text"
    behind = write((Item(0x00100000 | KINDS.index("IS"), "IS", b"7 "),), True, True)
    first = write((Item(0x00080001, "OD", b"first"),), True, True)
    found, _ = _walk(first + implicit + behind, complete=True)
    assert found[0x00080000 | KINDS.index("LO")] == RawElement("LO", b"text", True)
    assert found[0x00100000 | KINDS.index("IS")] == RawElement("IS", b"7 ", True)


@given(items=data_sets(1).filter(len), told=st.booleans())
def test_what_the_first_element_shows_is_believed(items: Items, told: bool) -> None:
    """Explicit VR where implicit was said, and the reverse, in the whole data set."""
    found, _ = _walk(write(items, not told, True), Encoding(told, True), complete=True)
    assert found == wanted(items, not told, True)


@given(items=st.lists(data_sets(1).filter(len), min_size=1, max_size=3), undefined=st.booleans())
def test_items_in_implicit_vr_are_read_among_explicit_ones(items: list[Items], undefined: bool) -> None:
    """Each item shows what it is."""
    content = b""
    for number, one in enumerate(items):
        inside = write(one, bool(number % 2), True)
        content += b"\xfe\xff\0\xe0" + pack("<I", len(inside)) + inside
    end = b"\xfe\xff\xdd\xe0" + bytes(4) if undefined else b""
    head = pack("<HH2sHI", 8, SQ, b"SQ", 0, ENDLESS if undefined else len(content))
    found, _ = _walk(head + content + end, complete=True)
    value = tuple(wanted(one, bool(number % 2), True) for number, one in enumerate(items))
    assert found == {0x00080000 | SQ: RawElement("SQ", value, True)}


@given(items=data_sets(1), encoding=ENCODINGS, written=st.sampled_from(["SQ", "UN"]))
def test_items_of_what_no_list_knows_are_read(
    items: Items, encoding: tuple[bool, bool], written: str
) -> None:
    """The list calls it UN; that its length is undefined tells that it has items (PS3.5 6.2.2)."""
    unknown = Item(0x00080000 | KINDS.index("UN"), "SQ", (items,), undefined=True, written=written)
    found, outcome = _walk(write((unknown,), *encoding), Encoding(*encoding), complete=True)
    assert found == wanted((unknown,), *encoding)
    assert outcome == AtEnd()


@pytest.mark.parametrize("vr", ["OB", "OW"])
@given(encoding=ENCODINGS, parts=st.lists(st.binary(max_size=20), max_size=3), unwanted=st.booleans())
def test_fragments_are_bytes(
    vr: str, encoding: tuple[bool, bool], parts: list[bytes], unwanted: bool
) -> None:
    """What is encapsulated (PS3.5 A.4) and is not the pixel data, as in an icon: its items are no data sets."""
    order = "<" if encoding[1] else ">"
    value = b"".join(pack(order + "HHI", 0xFFFE, 0xE000, len(part)) + part for part in parts)
    item = Item(0x00880000 | unwanted << 8 | KINDS.index(vr), vr, value, undefined=True)
    found, outcome = _walk(write((item,), *encoding), Encoding(*encoding), complete=True)
    assert found == ({} if unwanted else {item.tag: RawElement(vr, value, encoding[1])})
    assert outcome == AtEnd()


@pytest.mark.parametrize("tag", [0x7FE00008, 0x7FE00009, 0x7FE00010, 0x7FE10010, 0xFFFAFFFA, 0xFFFCFFFC])
def test_the_place_of_pixel_data_ends_the_elements(tag: int) -> None:
    """What lies behind it is not read; what lies before it in its group is."""
    table = write((Item(0x7FE00001, "OV", b"12345678"),), True, True)
    data = table + pack("<HH2sHI", tag >> 16, tag & 0xFFFF, b"OB", 0, 5)
    assert _walk(data)[1] == AtPixels(tag, "OB", len(data), 5)


@pytest.mark.parametrize("tag", [0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD])
@pytest.mark.parametrize("explicit", [True, False])
def test_an_item_outside_of_sequences_is_damage(tag: int, explicit: bool) -> None:
    """No delimiter belongs to the root."""
    start = write((Item(0x00080001, "OD", b"first"),), explicit, True)
    assert isinstance(
        _walk(start + pack("<HHI", tag >> 16, tag & 0xFFFF, 0), Encoding(explicit, True))[1], Unparsable
    )


@pytest.mark.parametrize("tag", [0x80000010, 0xFEFEFEFE, 0xFFF80010, 0xFFFBFFFC, 0x80010010, 0xFFFF0010])
@pytest.mark.parametrize("explicit", [True, False])
def test_a_group_that_no_object_has_is_damage(tag: int, explicit: bool) -> None:
    """Behind the pixel data there are signatures, padding and private groups, which are odd."""
    start = write((Item(0x00080001, "OD", b"first"),), explicit, True)
    head = pack("<HH", tag >> 16, tag & 0xFFFF) + (b"OB\0\0" if explicit else b"") + pack("<I", 5)
    outcome = _walk(start + head, Encoding(explicit, True))[1]
    assert isinstance(outcome, AtPixels if tag & 0x10000 else Unparsable)


def test_pixel_data_whose_vr_is_none_is_damage() -> None:
    """Nothing tells where its value begins."""
    start = write((Item(0x00080001, "OD", b"first"),), True, True)
    assert isinstance(_walk(start + pack("<HH2sHI", 0x7FE0, 0x0010, b"??", 0, 5))[1], Unparsable)


@given(rest=st.binary(max_size=7))
@example(rest=b"X")
def test_a_data_set_may_be_followed_by_zeros_and_by_nothing_else(rest: bytes) -> None:
    """Fewer bytes than a head has are padding, or the object is cut."""
    outcome = _walk(write((Item(0x00080001, "OD", b"first"),), True, True) + rest, complete=True)[1]
    expected = Unparsable("it is cut short inside its header") if any(rest) else AtEnd()
    assert outcome == expected


@pytest.mark.parametrize("length", [0x5A5A, 0x4141])
def test_items_of_an_unknown_sequence_are_implicit_unless_they_show_a_vr(length: int) -> None:
    """PS3.5 6.2.2: a length that could be capital letters is no VR that anyone knows."""
    inside = pack("<HHI", 0x0008, KINDS.index("LO"), length) + b"x" * length
    item = b"\xfe\xff\0\xe0" + pack("<I", len(inside)) + inside
    data = pack("<HH2sHI", 0x0008, SQ, b"UN", 0, len(item)) + item
    value = ({0x00080000 | KINDS.index("LO"): RawElement("LO", b"x" * length, True)},)
    assert _walk(data, complete=True)[0] == {0x00080000 | SQ: RawElement("SQ", value, True)}


def test_a_tag_of_zeros_is_padding_or_damage() -> None:
    """Whatever is not zero behind it: nothing can follow it."""
    assert isinstance(_walk(bytes(16))[1], RanOut)
    assert isinstance(_walk(bytes(16) + b"\1")[1], Unparsable)
    assert isinstance(_walk(bytes(16) + b"\1", Encoding(False, True))[1], Unparsable)


@pytest.mark.parametrize(("vr", "length"), [("SQ", 9), ("OB", 9), ("LO", 9), ("US", 5)])
@pytest.mark.parametrize("group", [0x0008, 0x7FE0])
@pytest.mark.parametrize("cut", [0, 2])
def test_an_element_that_is_longer_than_its_item_spoils_the_sequence(
    vr: str, length: int, group: int, cut: int
) -> None:
    """Whether its value or its head is too long for it, or its group number is that of pixels."""
    number = KINDS.index(vr)
    head = pack("<HH2s", group, number, vr.encode())
    head += pack("<HI", 0, length) if vr in ("SQ", "OB") else pack("<H", length)
    inside = (head + b"\1" * 3)[: -3 - cut or None]
    item = b"\xfe\xff\0\xe0" + pack("<I", len(inside)) + inside
    data = pack("<HH2sHI", 8, SQ, b"SQ", 0, len(item)) + item
    behind = write((Item(0x00100000 | KINDS.index("LO"), "LO", b"more"),), True, True)
    for complete in (True, False):
        found, _ = _walk(data + behind, complete=complete)
        assert found[0x00080000 | SQ] == RawElement("SQ", item, True)
        assert len(found) == 2
    assert _walk(data)[0] == {0x00080000 | SQ: RawElement("SQ", item, True)}


def test_a_sequence_that_cannot_be_read_is_waited_for() -> None:
    """Where it ends is known, and what follows it is wanted."""
    data = pack("<HH2sHI", 8, SQ, b"SQ", 0, 50) + b"\1" * 20
    assert _walk(data)[1] == RanOut(62)


@pytest.mark.parametrize("vr", [b"US", b"OW"])
def test_the_head_of_pixel_data_is_as_long_as_its_vr_says(vr: bytes) -> None:
    """Also where the VR is one of another length than pixel data has."""
    start = write((Item(0x00080001, "OD", b"first"),), True, True)
    data = start + pack("<HH2sH", 0x7FE0, 0x0010, vr, 0)
    at = len(start) + (8 if vr == b"US" else 12)
    assert _walk(data)[1] == (AtPixels(0x7FE00010, "US", at, 0) if vr == b"US" else RanOut(at))


def test_elements_with_the_tags_of_pixels_are_read_in_items() -> None:
    """An icon has pixels of its own; what is not wanted is not kept."""
    inside = pack("<HH2sHI", 0x7FE0, KINDS.index("OB"), b"OB", 0, 2) + b"ab"
    inside += pack("<HH2sH", 0x7FE0, KINDS.index("LO"), b"LO", 2) + b"cd"
    inside += pack("<HH2sH", 0x7FE0, 0x100, b"LO", 2) + b"ef"
    found, _ = _walk(_sequence(0x00880000 | SQ, inside, undefined=True), complete=True)
    item = {
        0x7FE00000 | KINDS.index("OB"): RawElement("OB", b"ab", True),
        0x7FE00000 | KINDS.index("LO"): RawElement("LO", b"cd", True),
    }
    assert found == {0x00880000 | SQ: RawElement("SQ", (item,), True)}
    skipped = _sequence(0x00880100 | SQ, inside, undefined=True)
    assert _walk(skipped, complete=True) == ({}, AtEnd())
