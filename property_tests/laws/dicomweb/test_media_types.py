"""Laws of media types: what was written is read, in whatever way it was written."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicom_series_preview.core.dicomweb.media_types import MediaType, read_media_type, transfer_syntax

_TOKENS = st.text("abcXYZ019-._+!#$%&'*^`|~", min_size=1, max_size=8)
_NAMES = st.sampled_from(
    ["multipart/related", "Image/JPEG", "application/dicom+json", "application/octet-stream"]
)
_BLANKS = st.sampled_from(["", " ", "\t ", "\r\n "])
_UIDS = st.lists(st.integers(0, 10**9), min_size=2, max_size=5).map(
    lambda numbers: ".".join(map(str, numbers))
)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(
    _NAMES,
    st.dictionaries(
        _TOKENS.map(str.lower),
        st.one_of(_TOKENS.map(lambda t: (t, t)), st.text(max_size=9).map(lambda t: (t, _quoted(t)))),
        max_size=4,
    ),
    _BLANKS,
    st.booleans(),
)
@example("multipart/related", {"boundary": ('a"b\\;c', _quoted('a"b\\;c'))}, "", False)
def test_what_was_written_is_read(
    name: str, parameters: dict[str, tuple[str, str]], blank: str, shouted: bool
) -> None:
    """Names are read without regard to case; values are tokens or quoted strings (RFC 9110 5.6.6)."""
    written = "".join(
        f"{blank};{blank}{key.upper() if shouted else key}{blank}={blank}{value}{blank}"
        for key, (_, value) in parameters.items()
    )
    found = read_media_type(blank + name + blank + written)
    assert found == MediaType(name.lower(), {key: plain for key, (plain, _) in parameters.items()})


@given(_NAMES, _TOKENS, _TOKENS, _TOKENS)
@example("image/jpeg", "q", "1", "2")
def test_of_two_parameters_of_one_name_the_first_counts(name: str, key: str, first: str, second: str) -> None:
    """And empty ones between semicolons do not count at all."""
    found = read_media_type(f"{name};;{key}={first}; ;{key.upper()}={second};")
    assert found.parameters == {key.lower(): first}


@given(st.text(max_size=40))
@example('multipart/related; boundary="open')
@example("a/b; x=1 junk; y=2")
def test_any_text_is_read_as_something(text: str) -> None:
    """What cannot be read ends it."""
    found = read_media_type(text)
    assert found.name == found.name.lower()
    assert set(found.parameters) == {key.lower() for key in found.parameters}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b; x=1 junk; y=2", MediaType("a/b")),
        ("a/b; x=1; =2; y=3", MediaType("a/b", {"x": "1"})),
        ('a/b; x=1; y="open', MediaType("a/b", {"x": "1"})),
        ("a b; x=1", MediaType("")),
        ("", MediaType("")),
        (";boundary=x", MediaType("")),
    ],
)
def test_what_cannot_be_read_ends_it(text: str, expected: MediaType) -> None:
    """Parameters before it count."""
    assert read_media_type(text) == expected


@given(_UIDS, _UIDS)
def test_a_transfer_syntax_is_named_by_the_type_or_within_it(uid: str, other: str) -> None:
    """As a parameter (PS3.18 8.7.3.5), or in the quotes of `type`, where some servers write it."""
    beside = read_media_type(
        f'multipart/related; type="image/jpeg; transfer-syntax={other}"; transfer-syntax={uid}'
    )
    within = read_media_type(f'multipart/related; type="image/jpeg; transfer-syntax={uid}"; boundary=b')
    alone = read_media_type(f"image/jpeg; Transfer-Syntax={uid}")
    assert [transfer_syntax(one) for one in (beside, within, alone)] == [uid] * 3


@pytest.mark.parametrize("told", ["", "*", "1", "1.2.", "a.b", '"1.2 3"'])
def test_what_is_no_uid_names_no_transfer_syntax(told: str) -> None:
    """A server that repeats the * of the question tells nothing."""
    assert transfer_syntax(read_media_type(f"image/jpeg; transfer-syntax={told}")) is None
    assert transfer_syntax(read_media_type(f'a/b; type="image/jpeg; transfer-syntax={told}"')) is None
    assert (
        transfer_syntax(read_media_type(f'a/b; transfer-syntax={told}; type="c/d; transfer-syntax=1.2"'))
        == "1.2"
    )
