"""Laws of heads that are out of the ordinary (PS3.5 7.1): the next element proves them right."""

from __future__ import annotations

from struct import pack

from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.header.element_heads import Head, head_of, is_explicit, one_way
from dicom_series_preview.core.header.raw import VRS

TAG = 0x00080060
FAR = 10**6
orders = st.booleans()
before = st.integers(0, 5)


def _tag(tag: int, little: bool) -> bytes:
    return pack("<HH" if little else ">HH", tag >> 16, tag & 0xFFFF)


def _written(code: bytes, length: int, wide: bool, little: bool) -> bytes:
    """Tag, VR (none where `code` is empty) and length: of 32 bits where there is no VR, or where it is wide."""
    order = "<" if little else ">"
    if not code:
        return _tag(TAG, little) + pack(order + "I", length)
    if wide:
        return _tag(TAG, little) + code + b"\0\0" + pack(order + "I", length)
    return _tag(TAG, little) + code + pack(order + "H", length)


@given(code=st.sampled_from(sorted(VRS)), length=st.integers(0, 0xFFFF), little=orders, at=before)
def test_a_head_is_as_long_as_its_vr_says(code: bytes, length: int, little: bool, at: int) -> None:
    """PS3.5 tables 7.1-1 and 7.1-2: 12 bytes or 8; it is asked for as many as there must be, and no more."""
    vr, wide = VRS[code]
    head = bytes(at) + _written(code, length, wide, little)
    assert head_of(head, at, code, little) == Head(vr, len(head), length)
    assert len(head) == at + (12 if wide else 8)
    for cut in range(at + 8, len(head)):
        assert head_of(head[:cut], at, code, little) == len(head)
    bare = bytes(at) + _written(b"", length, False, little)
    assert head_of(bare, at, b"", little) == Head("", at + 8, length)


@given(
    code=st.sampled_from([*sorted(VRS), b"ZZ", b"A[", b"@Z", b"Zz", b"  "])
    | st.binary(min_size=2, max_size=2),
    expected=st.booleans(),
    at=before,
)
def test_letters_may_be_a_vr_where_one_is_expected(code: bytes, expected: bool, at: int) -> None:
    """Those of the standard are one anywhere; where they have not come yet, what is expected is believed."""
    letters = all(b"A"[0] <= letter <= b"Z"[0] for letter in code)
    data = bytes(at) + _tag(TAG, True) + code + bytes(6)
    assert is_explicit(data, at, expected) == (code in VRS or (expected and letters))
    assert is_explicit(data[: at + 5], at, expected) == expected


HEADS = st.sampled_from([(b"", False), (b"ZZ", False), (b"ZZ", True), (b"\0\0", False), (b"\0\0", True)])
"""A VR that is missing, unknown or blank, and whether its length has 32 bits."""
FOLLOWING = st.sampled_from([(0x00080061, b"CS\2\0"), (0x00100010, b"PN\2\0"), (0xFFFEE00D, bytes(4))])
"""What can follow: an element with a later tag and a VR, or the end of the item."""


@given(head=HEADS, length=st.integers(16, 60), following=FOLLOWING, little=orders, at=before)
def test_a_head_without_a_vr_is_the_one_that_leads_on(
    head: tuple[bytes, bool], length: int, following: tuple[int, bytes], little: bool, at: int
) -> None:
    """A value of zeros leads nowhere but behind itself, where an element follows, or where the data set ends."""
    code, wide = head
    begun = bytes(at) + _written(code, length, wide, little)
    end = len(begun) + length
    expected = Head("ZZ" if code == b"ZZ" else "", len(begun), length)
    behind = _tag(following[0], little) + following[1]
    whole = begun + bytes(length) + behind
    assert one_way(whole, at, code or whole[at + 4 : at + 6], little, FAR, False) == expected
    ended = whole[:end]
    assert one_way(ended, at, code or ended[at + 4 : at + 6], little, end, True) == expected
    assert one_way(ended, at, code or ended[at + 4 : at + 6], little, end - 1, True) is None
    earlier = ended + _tag(TAG, little) + b"CS\2\0"
    assert one_way(earlier, at, code or whole[at + 4 : at + 6], little, FAR, True) is None
    nothing = ended + _tag(following[0] & 0xFFFF0FFF, little) + b"zz\2\0"
    assert one_way(nothing, at, code or whole[at + 4 : at + 6], little, FAR, True) is None


@given(head=HEADS, length=st.integers(16, 60), following=FOLLOWING, little=orders, at=before)
def test_no_more_is_asked_for_than_it_takes_to_tell(
    head: tuple[bytes, bool], length: int, following: tuple[int, bytes], little: bool, at: int
) -> None:
    """First the longest head there is, then the tag and the VR that follow; cut before those, nothing is told."""
    code, wide = head
    begun = bytes(at) + _written(code, length, wide, little)
    needed = len(begun) + length + 6
    whole = begun + bytes(length) + _tag(following[0], little) + following[1]
    seen = code or whole[at + 4 : at + 6]
    for cut in range(at + 8, needed):
        asked = one_way(whole[:cut], at, seen, little, FAR, False)
        assert isinstance(asked, int)
        assert asked == at + 12 if cut < at + 12 else cut < asked <= needed
        assert one_way(whole[:cut], at, seen, little, FAR, True) is None
    assert isinstance(one_way(whole[:needed], at, seen, little, FAR, False), Head)
