"""Identifiers as people type them, right and wrong."""

from __future__ import annotations

import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import GcsRoot, HttpRoot, LocalRoot, S3Root
from dicom_series_preview.core.ask.series_id import (
    DicomUid,
    SeriesId,
    SeriesPlace,
    SeriesPrefix,
    SeriesUid,
    folder_uid,
    parse_series,
)

UUID = "38902e14-b11f-4548-910e-771ee757dc82"


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("38902e14b11f4548910e771ee757dc82", SeriesUid(UUID)),
        ("38902E14-B11F-4548-910E-771EE757DC82", SeriesUid(UUID)),
        (f"  {UUID}\n", SeriesUid(UUID)),
        ("12345678901234567890123456789012", SeriesUid("12345678-9012-3456-7890-123456789012")),
        ("389*", SeriesPrefix("389")),
        ("F*", SeriesPrefix("f")),
        ("38902e14*", SeriesPrefix("38902e14")),
        ("38902e14-*", SeriesPrefix("38902e14")),
        ("38902e14-b11f-45*", SeriesPrefix("38902e14b11f45")),
        ("38902e14b11f45*", SeriesPrefix("38902e14b11f45")),
        (f"{UUID}*", SeriesPrefix(UUID.replace("-", ""))),
        ("1.2.840.113619.2.55.3", DicomUid("1.2.840.113619.2.55.3")),
        (f"s3://bucket/path/{UUID}", SeriesPlace(S3Root("bucket", "path"), UUID)),
        (f"s3://bucket/{UUID}/", SeriesPlace(S3Root("bucket"), UUID)),
        ("gs://bucket/scans/head ct", SeriesPlace(GcsRoot("bucket", "scans"), "head ct")),
        ("https://example.org/my%20scans/1", SeriesPlace(HttpRoot("https", "example.org", "my scans"), "1")),
        ("file:///data/scans/1", SeriesPlace(LocalRoot("/data/scans"), "1")),
        ("/data/scans/1/", SeriesPlace(LocalRoot("/data/scans"), "1")),
        ("/scan", SeriesPlace(LocalRoot("/"), "scan")),
        ("./scan", SeriesPlace(LocalRoot("."), "scan")),
        ("../scan", SeriesPlace(LocalRoot(".."), "scan")),
        ("data/scan", SeriesPlace(LocalRoot("data"), "scan")),
        (".", SeriesPlace(LocalRoot("."), "")),
        ("../..", SeriesPlace(LocalRoot("../.."), "")),
        ("~/scan", SeriesPlace(LocalRoot("~"), "scan")),
    ],
)
def test_accepted_forms(text: str, series: SeriesId) -> None:
    assert parse_series(text).unwrap() == series


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("*", "at least one hexadecimal digit"),
        ("-*", "at least one hexadecimal digit"),
        ("3*8", "the * comes once, and last"),
        ("38**", "the * comes once, and last"),
        ("*38", "the * comes once, and last"),
        ("38902g14*", "'g' is no hexadecimal digit"),
        ("series_1", "'s' is no hexadecimal digit"),
        ("38902e14", "it has 8 hexadecimal digits, and a prefix ends in *"),
        (f"{UUID}0", "it has 33 hexadecimal digits"),
        (f"{UUID}0*", "it has 33 hexadecimal digits"),
        ("3890-2e14*", "hyphens are misplaced"),
        ("38902e14b11f-4548*", "hyphens are misplaced"),
        ("38902e14--b11f*", "hyphens are misplaced"),
        ("3890-*", "hyphens are misplaced"),
        ("38902e14-b11f-4548-910e771ee757dc82", "hyphens are misplaced"),
        (f"{UUID}-", "hyphens are misplaced"),
        (f"{UUID[:-1]}", "it has 31 hexadecimal digits"),
        ("1..2", "numbers joined by single dots"),
        ("1.2.", "numbers joined by single dots"),
        (".1.2", "numbers joined by single dots"),
        ("1." + "2" * 63, "at most 64 characters, and this has 65"),
        ("s3://bucket", "a root, not a series folder"),
        ("s3://bucket/", "a root, not a series folder"),
        ("https://example.org/", "a root, not a series folder"),
        ("/", "a root, not a series folder"),
        ("s3://bucket/389*", "--root s3://bucket"),
        ("./389*", "--root ."),
        ("ftp://example.org/1", "ftp://"),
        ("s3:/bucket/1", "two slashes"),
        ("https://example.org/scan?id=1", "no ? or # part"),
    ],
)
def test_refused_forms_say_which_rule_they_break(text: str, words: str) -> None:
    parsed = parse_series(text)
    assert not is_successful(parsed)
    sentence = str(parsed.failure())
    assert words in sentence
    assert repr(text) in sentence


@pytest.mark.parametrize("name", [UUID, UUID.upper(), UUID.replace("-", "")])
def test_folders_named_for_a_series(name: str) -> None:
    assert folder_uid(name) == SeriesUid(UUID)


@pytest.mark.parametrize(
    "name",
    ["", "1.2.3", UUID[:-1], f"{UUID}0", UUID.replace("-", "_"), f"g{UUID[1:]}", "-" * 36, f"-{UUID[1:]}"],
)
def test_folders_named_otherwise(name: str) -> None:
    assert folder_uid(name) is None
