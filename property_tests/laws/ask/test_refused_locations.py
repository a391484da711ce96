"""Laws of locations and identifiers that are refused, each in words that say which rule they break."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import LocalRoot, parse_root
from dicom_series_preview.core.ask.series_id import parse_series
from dicom_series_preview.core.faults.request import BadRoot, BadSeriesId
from property_tests.strategies_location import buckets

controls = st.sampled_from("\x00\x01\n\x1f\x7f")


@pytest.mark.parametrize(
    "form",
    [
        *("s3://bucket/a{}b", "gs://bucket/a{}b", "https://host.example/a%{:02x}b"),
        *("file:///a%{:02x}b", "file:/a%{:02x}b"),
    ],
)
@given(control=controls)
def test_names_hold_no_control_characters(form: str, control: str) -> None:
    """A control character in a path, written out or escaped, is refused."""
    text = form.format(ord(control)) if "%" in form else form.format(control)
    assert parse_root(text).failure() == BadRoot(text, "it holds a control character")


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
@given(bucket=buckets, strange=st.sampled_from("%;!$'()*+,=\"<>\\^`{|}~"), at=st.integers(0, 5))
def test_buckets_have_plain_names(scheme: str, bucket: str, strange: str, at: int) -> None:
    """Punctuation other than dots, hyphens and underscores makes no bucket's name."""
    name = bucket[:at] + strange + bucket[at:]
    found = parse_root(f"{scheme}://{name}/x").failure()
    assert found == BadRoot(f"{scheme}://{name}/x", f"{name!r} is no bucket name")
    assert parse_root(f"{scheme}:///x").failure() == BadRoot(f"{scheme}:///x", "it names no bucket")


@pytest.mark.parametrize(
    "host", ["s3.amazonaws.com", "storage.googleapis.com", "account.blob.core.windows.net"]
)
@given(bucket=buckets, strange=st.sampled_from("!$'()*+,;=:@"))
def test_buckets_have_plain_names_in_public_addresses_too(host: str, bucket: str, strange: str) -> None:
    """The https address of a bucket is held to the rules of the bucket."""
    text, none = f"https://{host}/{bucket}{strange}/x", f"https://{host}/"
    assert parse_root(text).failure() == BadRoot(text, f"{bucket + strange!r} is no bucket name")
    assert parse_root(none).failure() == BadRoot(none, "it names no bucket")


@pytest.mark.parametrize("text", ["http:///x", "https://", "http://?x", "https://a b/x", "http://a%20b/"])
def test_an_address_names_a_host(text: str) -> None:
    """Without a host, or with blanks in it, an address is none."""
    assert parse_root(text).failure() == BadRoot(text, "it names no host")


@given(port=st.one_of(st.integers(65536, 10**6).map(str), st.text("abc", min_size=1)))
def test_an_address_has_a_real_port(port: str) -> None:
    """A port that is no number, or beyond 65535, is refused."""
    text = f"http://host.example:{port}/x"
    found = parse_root(text).failure()
    assert found.text == text
    assert re.match(r"it is no address: .*port", found.problem, re.IGNORECASE)


@given(host=st.from_regex(r"[a-z]{1,8}", fullmatch=True))
def test_a_file_address_is_on_this_machine(host: str) -> None:
    """file:// is followed by an absolute path: a host between them is refused, unless it is this one."""
    assume(host != "localhost")
    text = f"file://{host}/data"
    problem = "a file:// address has three slashes before its absolute path"
    assert parse_root(text).failure() == BadRoot(text, problem)
    assert parse_root("file://localhost/data").unwrap() == LocalRoot("/data")


@given(name=st.text("abc %20", min_size=1, max_size=6).filter(lambda name: name.strip() == name))
def test_a_file_address_may_have_one_slash(name: str) -> None:
    """file:/path is the same as file:///path."""
    assert parse_root(f"file:/{name}").value_or(None) == parse_root(f"file:///{name}").value_or(None)


@given(scheme=st.from_regex(r"[a-z][a-z0-9+.-]{1,8}", fullmatch=True), rest=st.text("abc/"))
def test_unknown_schemes_are_refused(scheme: str, rest: str) -> None:
    """What looks like an address of another kind is no folder's name."""
    assume(scheme not in ("s3", "gs", "az", "http", "https", "file"))
    text = f"{scheme}://{rest}"
    assert parse_root(text).failure() == BadRoot(text, f"{scheme}:// is no kind of storage known here")


@given(blanks=st.text(" \t\n", max_size=3))
def test_blanks_alone_are_no_root(blanks: str) -> None:
    """Where nothing is given, that is what is said."""
    assert parse_root(blanks).failure() == BadRoot(blanks, "it is empty")


@pytest.mark.parametrize("scheme", ["s3", "gs", "az", "http", "https"])
@given(rest=st.text("abc", min_size=1))
def test_other_schemes_have_two_slashes(scheme: str, rest: str) -> None:
    """A scheme with one slash is taken for a slip, not for a folder."""
    text = f"{scheme}:/{rest}"
    assert parse_root(text).failure() == BadRoot(text, f"two slashes come after {scheme}:")


@given(parts=st.lists(st.text("0123456789", max_size=3), min_size=2, max_size=6))
def test_a_uid_is_numbers_between_single_dots(parts: list[str]) -> None:
    """Digits and dots are a DICOM UID if every number has a digit (PS3.5 9.1)."""
    text = ".".join(parts)
    assume(text not in (".", ".."))
    found = parse_series(text)
    assert is_successful(found) == all(parts)
    assume(not all(parts))
    assert found.failure() == BadSeriesId(text, "a DICOM UID is numbers joined by single dots")


@pytest.mark.parametrize("text", ["s3://", "s3:/bucket/x", "http:///x", "file://host/x"])
def test_a_bad_location_of_a_series_says_what_is_wrong_with_it(text: str) -> None:
    """A series given by a location that is no root is refused for the root's reason."""
    assert parse_series(text).failure() == BadSeriesId(text, parse_root(text).failure().problem)
