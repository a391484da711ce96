"""Laws of multipart bodies: parts come out as they went in, whatever is in them, or the body is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.dicomweb.answers import BadAnswer
from dicom_series_preview.core.dicomweb.media_types import MediaType
from dicom_series_preview.core.dicomweb.multipart import Part, read_parts

_END = "\r\n"
# Boundaries of special characters of patterns among others (RFC 2046 5.1.1); Orthanc's have 73 characters.
_BOUNDARIES = st.one_of(
    st.just("b"), st.just("x" * 200), st.text("abZ09'()+_,-./:=?*$[", min_size=1, max_size=73)
)
_TYPES = {
    "image/jpeg; transfer-syntax=1.2": MediaType("image/jpeg", {"transfer-syntax": "1.2"}),
    "application/dicom": MediaType("application/dicom"),
    "": MediaType(""),
}
_DATA = st.one_of(
    st.binary(max_size=20), st.sampled_from([b"", b"\r\n", b"\r\n\r\n", b"--", b"\r\n--", b"\n--b-", b"b"])
)


def _body(boundary: str, parts: Sequence[tuple[str, bytes]], *, told: bool, before: bytes = b"") -> bytes:
    """A body as a server writes it; `told`: each part tells its length."""
    written = before
    for number, (kind, data) in enumerate(parts):
        lines = [
            f"{_END if number or before else ''}--{boundary}",
            *([f"Content-Type: {kind}"] if kind else []),
        ]
        lines += [f"Content-Length: {len(data)}"] if told else []
        written += (_END.join(lines) + _END + _END).encode("latin-1") + data
    return written + f"{_END}--{boundary}--{_END}".encode("latin-1")


def _header(boundary: str, *, lost: bool = False) -> str:
    quoted = boundary.replace("\\", "\\\\").replace('"', '\\"')
    return 'multipart/related; type="x/y"' + ("" if lost else f'; boundary="{quoted}"')


_PARTS = st.lists(st.tuples(st.sampled_from(sorted(_TYPES)), _DATA), min_size=1, max_size=4)


@given(_BOUNDARIES, _PARTS, st.booleans(), st.sampled_from([b"", b"a preamble"]))
@example("b", [("", b"")], False, b"")
@example("b", [("", b""), ("", b"")], True, b"")
def test_parts_come_out_as_they_went_in(
    boundary: str, parts: list[tuple[str, bytes]], told: bool, before: bytes
) -> None:
    """Whether they tell their lengths or not, with a preamble or without (RFC 2046 5.1.1)."""
    assume(not any(b"--" + boundary.encode() in b"\r\n" + data for _, data in parts))
    body = _body(boundary, parts, told=told, before=before)
    found = read_parts(_header(boundary), body).unwrap()
    assert found == tuple(Part(_TYPES[kind], data) for kind, data in parts)


@given(_BOUNDARIES.filter(lambda text: text == text.strip()), _PARTS)
@example("--of-the-tests--", [("", b"x")])
def test_a_lost_boundary_is_that_of_the_first_line(boundary: str, parts: list[tuple[str, bytes]]) -> None:
    """Some servers leave the parameter out: what comes first is then no pixel but the head of a part."""
    body = _body(boundary, parts, told=True)
    found = read_parts(_header(boundary, lost=True), body).unwrap()
    assert [part.data for part in found] == [data for _, data in parts]


@given(_BOUNDARIES, st.lists(_DATA, min_size=1, max_size=3), st.data())
def test_a_part_that_tells_its_length_may_hold_the_boundary(
    boundary: str, pieces: list[bytes], data: st.DataObject
) -> None:
    """Pixels can be any bytes, those of a delimiter or of a whole body like this one too."""
    delimiter = f"\r\n--{boundary}".encode()
    glue = data.draw(
        st.sampled_from([delimiter, delimiter + b"\r\n", delimiter + b"--\r\n", delimiter + b"--"])
    )
    whole = glue.join([*pieces, b""])
    found = read_parts(_header(boundary), _body(boundary, [("", whole), ("", b"next")], told=True)).unwrap()
    assert [part.data for part in found] == [whole, b"next"]


@given(_BOUNDARIES, _DATA, st.sampled_from(["a", "é", "--x", " x", "-"]))
@example("b", b"", "-")
def test_a_line_that_only_begins_like_a_delimiter_is_data(boundary: str, data: bytes, behind: str) -> None:
    """A delimiter is the boundary with nothing but blanks or two hyphens behind it (RFC 2046 5.1.1)."""
    assume(f"--{boundary}".encode() not in data)
    assume(behind != "--x")
    near = data + f"\r\n--{boundary}{behind}".encode() + b"\r\n"
    found = read_parts(_header(boundary), _body(boundary, [("", near)], told=False)).unwrap()
    assert [part.data for part in found] == [near]


@given(_BOUNDARIES, _PARTS, st.booleans(), st.data())
def test_a_body_cut_short_is_refused(
    boundary: str, parts: list[tuple[str, bytes]], told: bool, data: st.DataObject
) -> None:
    """Chunked answers end without a word when a server gives up: the last delimiter has to be there."""
    assume(not any(b"--" + boundary.encode() in b"\r\n" + one for _, one in parts))
    body = _body(boundary, parts, told=told)
    cut = data.draw(st.integers(0, len(body) - len("\r\n") - 1))
    assert isinstance(read_parts(_header(boundary), body[:cut]).failure(), BadAnswer)


@given(st.binary(max_size=30), st.integers(-3, 40))
@example(b"abc", 4)
@example(b"abc", 2)
def test_a_length_that_does_not_fit_is_refused(data: bytes, length: int) -> None:
    """Neither shorter nor longer than what lies between the delimiters."""
    assume(b"--b" not in data)
    body = b"--b\r\nContent-Length: %d\r\n\r\n%s\r\n--b--\r\n" % (length, data)
    found = read_parts("multipart/related; boundary=b", body)
    expected = (Part(MediaType(""), data),) if length == len(data) or length < 0 else None
    assert found.value_or(None) == expected


@given(
    st.sampled_from(["application/octet-stream", "image/jpeg; transfer-syntax=1.2", "", "text/html"]),
    st.binary(),
)
def test_what_is_not_multipart_is_one_part(content_type: str, body: bytes) -> None:
    """Some servers send a single object or frame as the body itself."""
    (part,) = read_parts(content_type, body).unwrap()
    assert part.data == body


@given(
    st.sampled_from(["multipart/related", "multipart/related; boundary=b", "multipart/mixed"]), st.binary()
)
@example("multipart/related", b"--\r\n")
@example("multipart/related; boundary=b", b"--b\r\nContent-Length: 1" + b"\r\n" * 9)
@example("multipart/related; boundary=b", b"--b\r\n: :\r\n\xff\r\n\r\n\r\n--b--")
def test_any_bytes_are_parts_or_refused(content_type: str, body: bytes) -> None:
    """And never an exception."""
    found = read_parts(content_type, body)
    assert is_successful(found) or found.failure().problem


@pytest.mark.parametrize(
    ("content_type", "body", "problem"),
    [
        ("multipart/related", b"no line of it is one\r\n", "its parts have no boundary"),
        ("multipart/related", b"--" + b"x" * 201 + b"\r\n\r\n", "its parts have no boundary"),
        ("multipart/related; boundary=b", b"--c\r\n\r\nx\r\n--c--\r\n", "its boundary does not occur in it"),
        ("multipart/related; boundary=b", b"--b\r\nA: b\r\n--b--\r\n", "part 1 has no end of its head"),
        (
            "multipart/related; boundary=b",
            b"--b\r\nA: %s\r\n\r\n\r\n--b--" % (b"x" * 8193),
            "part 1 has no end of its head",
        ),
        (
            "multipart/related; boundary=b",
            b"--b\r\n\r\nx\r\n--b\r\n\r\ny",
            "part 2 is cut short, or is not as long as it says",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong(content_type: str, body: bytes, problem: str) -> None:
    """Of the answer, which is "it"."""
    assert read_parts(content_type, body).failure() == BadAnswer(problem)


@given(
    st.sampled_from(["Content-Type", "content-type", "CONTENT-TYPE"]),
    st.sampled_from([" ", "", "\t", "\r\n "]),
)
def test_fields_are_read_whatever_their_case_and_folding(name: str, blank: str) -> None:
    """RFC 5322 2.2.3; a line that is no field is passed over, and the first colon ends a field's name."""
    kind = f'image/jls;{blank}transfer-syntax="1:2"'
    body = f"--b\r\nnothing\r\n{name}:{blank}{kind}\r\n\r\nx\r\n--b--".encode()
    (part,) = read_parts("multipart/related; boundary=b", body).unwrap()
    assert part == Part(MediaType("image/jls", {"transfer-syntax": "1:2"}), b"x")


@given(st.integers(0, 3))
def test_an_empty_list_of_parts_is_one(blanks: int) -> None:
    """A body of its last delimiter alone holds nothing; what follows it is no part of it."""
    assert (
        read_parts("multipart/related; boundary=b", b"--b--" + b"\r\n" * blanks + b"--b\r\n\r\nx").unwrap()
        == ()
    )
