"""Laws of rows in XML: texts are built first, written as elements, and read back."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from dicom_series_preview.core.storage.xml_rows import LONGEST_TEXT, read_rows

texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=20)
FIELDS = frozenset(("a", "b", "t"))


def written(rows: list[dict[str, str]], told: str) -> bytes:
    inner = "".join(
        "<row>"
        + "".join(f"<x><{name}>{escape(text)}</{name}></x><no>z</no>" for name, text in row.items())
        + "</row>"
        for row in rows
    )
    return f"<list>zz<t>{escape(told)}</t>{inner}<t>later</t></list>".encode()


rows_of = st.lists(st.dictionaries(st.sampled_from(["a", "b"]), texts), max_size=5)


@given(rows=rows_of, told=texts)
def test_rows_are_read_back(rows: list[dict[str, str]], told: str) -> None:
    """The fields that are wanted, wherever in a row they stand, and those beside the rows."""
    found = read_rows(written(rows, told), frozenset(("row",)), FIELDS, 5).unwrap()
    assert (found.root, list(map(dict, found.rows)), found.is_whole) == ("list", rows, True)
    assert found.told == {"t": told}


@given(rows=rows_of.filter(bool), most=st.integers(0, 4))
def test_no_more_rows_are_read_than_are_wanted(rows: list[dict[str, str]], most: int) -> None:
    """And it is told whether there were more."""
    found = read_rows(written(rows, ""), frozenset(("row",)), FIELDS, most).unwrap()
    assert list(map(dict, found.rows)) == rows[:most]
    assert found.is_whole == (len(rows) <= most)


def test_the_first_of_several_fields_counts() -> None:
    """Properties may hold others of the same name."""
    xml = b"<list><row><a>1</a><a>2</a></row></list>"
    assert read_rows(xml, frozenset(("row",)), FIELDS, 5).unwrap().rows == ({"a": "1"},)


def test_names_have_their_namespace() -> None:
    """Written before the name, with a blank."""
    xml = b"<n:list xmlns:n='urn:x'><n:row><n:a>1</n:a><a>2</a></n:row></n:list>"
    found = read_rows(xml, frozenset(("urn:x row",)), frozenset(("urn:x a",)), 5).unwrap()
    assert (found.root, found.rows) == ("urn:x list", ({"urn:x a": "1"},))


@pytest.mark.parametrize("xml", [b"<!DOCTYPE x><list/>", b'<!DOCTYPE x [<!ENTITY a "b">]><list>&a;</list>'])
def test_a_document_type_is_refused(xml: bytes) -> None:
    """Where entities could be declared."""
    assert (
        read_rows(xml, frozenset(("row",)), FIELDS, 5).failure()
        == "XML with a document type, which is not read"
    )


@given(extra=st.integers(1, 9))
def test_a_text_is_no_longer_than_any_name(extra: int) -> None:
    """One character more than that is refused, and only of a field that is wanted."""
    long = "x" * LONGEST_TEXT
    fits, misses = f"<list><a>{long}</a></list>", f"<list><a>{long}{'y' * extra}</a></list>"
    assert read_rows(fits.encode(), frozenset(("row",)), FIELDS, 5).unwrap().told == {"a": long}
    assert str(LONGEST_TEXT) in read_rows(misses.encode(), frozenset(("row",)), FIELDS, 5).failure()
    other = f"<list><no>{long}{long}</no></list>"
    assert read_rows(other.encode(), frozenset(("row",)), FIELDS, 5).unwrap().told == {}


@given(before=texts, cut=st.integers(1, 6))
def test_what_cannot_be_read_is_quoted(before: str, cut: int) -> None:
    """XML that breaks off, and a character that XML has not."""
    whole = written([], before)
    assert "cannot be read" in read_rows(whole[:-cut], frozenset(("row",)), FIELDS, 5).failure()
    assert "k&#1;ey" in read_rows(b"<list><a>k&#1;ey</a></list>", frozenset(("row",)), FIELDS, 5).failure()
    # What is quoted is a piece around the place.
    assert (
        len(read_rows(b"<a>" * 9000 + b"&#1;" + b"<a>" * 9000, frozenset(("row",)), FIELDS, 5).failure())
        < 300
    )


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing is raised."""
    assert read_rows(data, frozenset(("row",)), FIELDS, 5).map(lambda _: "").swap().map(bool).value_or(True)


@given(
    encoding=st.sampled_from(["utf-7", "hex", "idna", "undefined", "big5", "no-such", "punycode"])
    | st.from_regex("[A-Za-z][A-Za-z0-9._-]{0,20}", fullmatch=True)
)
def test_an_encoding_that_is_named_is_known_or_refused(encoding: str) -> None:
    """XML may name any (XML 1.0, 4.3.3), also what Python knows for something else."""
    xml = f'<?xml version="1.0" encoding="{encoding}"?><list><a>x</a></list>'.encode()
    read = read_rows(xml, frozenset(("row",)), FIELDS, 5)
    assert read.map(lambda rows: rows.told == {"a": "x"}).lash(lambda words: Success(bool(words))).unwrap()
