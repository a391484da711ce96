"""Lists of series: the forms people have them in, read and checked whole before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import Root
from dicom_series_preview.core.ask.series_id import DicomUid, SeriesId, SeriesPlace, SeriesUid, parse_series
from dicom_series_preview.core.batch.wanted import Wanted
from dicom_series_preview.core.faults.batch import BadLine, BadList, NoColumn

Columns: TypeAlias = Mapping[str, Sequence[str | None]]
"""A table: columns of one length, by name."""

COLUMNS: Final = (
    "series",
    "series_aws_url",
    "crdc_series_uuid",
    "aws_bucket",
    "SeriesInstanceUID",
    "collection_id",
    "collection",
)
"""The columns of a table that mean something here; others need not be read."""

ENOUGH: Final = 1 << 12
"""Bytes of a file that tell how its text is written."""

_WORD: Final = r"""(?:"[^"]*"|'[^']*'|[^\s"']\S*)"""
_COPY: Final = re.compile(rf"cp\s+(?:-\S+\s+)*({_WORD})\s+{_WORD}")
_COPIES: Final = re.compile(r"cp\s")
_AMONG_WORDS: Final = re.compile(r"\S+\s.*://")
_COPY_READS: Final = "a copy command should read cp s3://bucket/uuid/* <folder>"


def text_encoding(begins: bytes) -> Result[str, str]:
    """How a text is written that begins so, as Python names it; or why it is no text.

    >>> text_encoding("389*".encode("utf-16")).unwrap()
    'utf-16'
    """
    if begins.startswith((b"\xff\xfe", b"\xfe\xff")):  # as PowerShell writes
        return Success("utf-16")
    if begins.startswith(b"\x1f\x8b"):
        return Failure("it is compressed by gzip: unpack it first")
    return Failure("it is no text") if b"\0" in begins else Success("utf-8")


def read_lines(place: str, lines: Iterable[str]) -> Result[tuple[Wanted, ...], BadList]:
    """Read a list with a series, a location, or a copy command of s5cmd a line.

    Blank lines and those that begin with # are passed over.  All others that name no series are refused at once.

    >>> read_lines("list", ["# my cohort", "cp s3://idc-open-data/0a/* .", "389*"]).unwrap()[1].series
    SeriesPrefix(digits='389')
    """
    numbered = ((number, line.lstrip("\ufeff").strip()) for number, line in enumerate(lines, start=1))
    given = ((number, text) for number, text in numbered if text and not text.startswith("#"))
    return _gather(place, "line", ((number, _read_line(text), None) for number, text in given))


def read_columns(place: str, columns: Columns) -> Result[tuple[Wanted, ...], BadList | NoColumn]:
    """Read a table; the first column counts that is there: `series` (a series or a location a row),
    `series_aws_url`, `crdc_series_uuid` (in the bucket that `aws_bucket` tells), `SeriesInstanceUID`.

    A column `collection_id`, or else `collection`, names the collection of each.  Rows are counted from 1.
    """
    name = next((name for name in _READERS if name in columns), None)
    if name is None:
        return Failure(NoColumn(place, tuple(columns)))
    texts = [text or "" for text in columns[name]]
    read = map(_READERS[name], texts)
    if name == "crdc_series_uuid" and "aws_bucket" in columns:
        read = map(_in_bucket, texts, columns["aws_bucket"])
    tags = columns.get("collection_id", columns.get("collection", [None] * len(texts)))
    return _gather(
        place, "row", ((n, one, tag) for n, (one, tag) in enumerate(zip(read, tags, strict=True), 1))
    )


def _gather(
    place: str, unit: str, read: Iterable[tuple[int, Result[SeriesId, str], str | None]]
) -> Result[tuple[Wanted, ...], BadList]:
    """All series, or all that is wrong; equal roots and collections are held once."""
    wanted: list[Wanted] = []
    bad: list[BadLine] = []
    roots: dict[Root, Root] = {}
    tags: dict[str, str] = {}
    for number, result, tag in read:
        if is_successful(result):
            series = result.unwrap()
            if isinstance(series, SeriesPlace):
                series = SeriesPlace(roots.setdefault(series.root, series.root), series.folder)
            wanted.append(Wanted(series, tags.setdefault(tag, tag) if tag else None))
        else:
            bad.append(BadLine(number, result.failure()))
    return Failure(BadList(place, unit, tuple(bad))) if bad else Success(tuple(wanted))


def _read_line(text: str) -> Result[SeriesId, str]:
    """A series, a location, or a copy command."""
    if not _COPIES.match(text):
        return _read_series(text)
    copied = _COPY.fullmatch(text)
    source = "" if copied is None else copied[1].strip("\"'")
    return _read_series(source) if "/" in source else Failure(f"{text!r} names no folder: {_COPY_READS}.")


def _read_series(text: str) -> Result[SeriesId, str]:
    """A series, or a location, of all that is in a folder too."""
    if _AMONG_WORDS.match(text):
        return Failure(f"{text!r} has a location among other words: {_COPY_READS}.")
    return parse_series(text).alt(str)


def _read_uuid(text: str) -> Result[SeriesId, str]:
    return parse_series(text).alt(str).bind(lambda series: _must_be(SeriesUid, "series uuid", text, series))


def _read_uid(text: str) -> Result[SeriesId, str]:
    return (
        parse_series(text).alt(str).bind(lambda series: _must_be(DicomUid, "SeriesInstanceUID", text, series))
    )


def _must_be(kind: type[SeriesId], name: str, text: str, series: SeriesId) -> Result[SeriesId, str]:
    return Success(series) if isinstance(series, kind) else Failure(f"{text!r} is no {name}.")


def _in_bucket(text: str, bucket: str | None) -> Result[SeriesId, str]:
    return _read_uuid(text).bind(lambda _: parse_series(f"s3://{bucket or ''}/{text.strip()}").alt(str))


_READERS: Final = {
    "series": _read_series,
    "series_aws_url": _read_series,
    "crdc_series_uuid": _read_uuid,
    "SeriesInstanceUID": _read_uid,
}
