"""Laws of ranges: whatever a server makes of one, the bytes that are taken are those that were asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom_series_preview.core.storage.ranges import Body, read_body, told_size

objects = st.binary(max_size=200)
starts = st.integers(0, 220)
lengths = st.none() | st.integers(1, 100)


def taken(body: bytes, wanted: Body) -> bytes:
    """What a reader takes of a body that comes to its end."""
    return body[wanted.skip : wanted.stop]


def stop_of(start: int, length: int | None) -> int | None:
    return None if length is None else start + length


@given(data=objects, start=starts, length=lengths, told=st.booleans())
def test_a_whole_answer_is_cut_to_the_range(data: bytes, start: int, length: int | None, told: bool) -> None:
    """A server that ignores ranges sends all, with or without its length."""
    stop = stop_of(start, length)
    body = read_body(200, start, stop, len(data) if told else None, "").unwrap()
    assert taken(data, body) == data[start:stop]
    assert body.size == (len(data) if told else None)
    assert body.wanted == (len(data[start:stop]) if told else None)


@given(
    data=st.binary(min_size=1, max_size=200),
    length=lengths,
    told=st.booleans(),
    sized=st.booleans(),
    drawn=st.data(),
)
def test_a_partial_answer_is_the_range(
    data: bytes, length: int | None, told: bool, sized: bool, drawn: st.DataObject
) -> None:
    """The range may end before it was asked to, at the end of the object alone."""
    start = drawn.draw(st.integers(0, len(data) - 1))
    stop = stop_of(start, length)
    part = data[start:stop]
    where = f"bytes {start}-{start + len(part) - 1}/{len(data) if sized else '*'}"
    body = read_body(206, start, stop, len(part) if told else None, where).unwrap()
    assert taken(part, body) == part
    assert body.size == (len(data) if sized else None)
    assert body.wanted == (len(part) if sized or told else None)


@given(start=st.integers(0, 100), length=st.integers(2, 50), missing=st.integers(1, 49))
def test_a_range_that_is_shorter_than_the_object_allows_is_too_short(
    start: int, length: int, missing: int
) -> None:
    """What is wanted follows from the size of the object, not from what the server chose to send."""
    where = f"bytes {start}-{start + length - 1}/{start + length + 7}"
    body = read_body(206, start, start + length, max(0, length - missing), where).unwrap()
    assert body.wanted == length


@given(start=st.integers(0, 1000), other=st.integers(0, 1000), length=lengths)
def test_another_range_is_refused(start: int, other: int, length: int | None) -> None:
    """The range of an answer begins where it was asked to."""
    where = f"bytes {other + (other >= start)}-5000/9999"
    assert "another range" in read_body(206, start, stop_of(start, length), None, where).failure()


@pytest.mark.parametrize("where", ["", "bytes", "bytes */100", "items 0-9/100", "bytes 0-9", "bytes 0-9/-1"])
def test_a_partial_answer_says_which_part_it_is(where: str) -> None:
    """Without a range that can be read it is refused."""
    assert "another range" in read_body(206, 0, 10, 10, where).failure()


@given(size=st.integers(0, 10**18 - 1))
def test_a_size_is_told_with_and_without_a_range(size: int) -> None:
    """As answers 206 and 416 have it (RFC 9110 14.4)."""
    assert told_size(f"bytes 0-9/{size}") == told_size(f"bytes */{size}") == size
    assert told_size("bytes 0-9/*") is None
    assert told_size("") is None


def test_a_size_that_ends_before_the_range_wants_nothing() -> None:
    """A server may say that an object ends before what it sends of it."""
    assert read_body(206, 10, None, 5, "bytes 10-14/3").unwrap() == Body(0, None, 0, 3)
