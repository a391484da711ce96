"""Laws of a request for an index: what is right becomes an `IndexRequest`, what is wrong is refused at once."""

from __future__ import annotations

from math import nan

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.index_request import IndexOptions, IndexRequest, check_index
from dicom_series_preview.core.ask.patience import Patience
from dicom_series_preview.core.ask.roots import parse_root
from dicom_series_preview.core.ask.series_id import parse_series
from dicom_series_preview.core.faults.request import (
    BadExtension,
    BadRoot,
    BadSeriesId,
    OutOfRange,
    RequestError,
)

UID = "38902e14-b11f-4548-910e-771ee757dc82"
PLAIN = IndexOptions(UID, "out.parquet")


def _refusals(options: IndexOptions) -> tuple[RequestError, ...]:
    return check_index(options).failure().refusals


def test_the_defaults_take_the_whole_series() -> None:
    """Series and output alone: all objects, from the public bucket, with the usual patience."""
    root = parse_root("s3://idc-open-data").unwrap()
    expected = IndexRequest(parse_series(UID).unwrap(), root, "out.parquet", None, Patience(64, 20.0))
    assert check_index(PLAIN).unwrap() == expected


@given(
    limit=st.one_of(st.none(), st.integers(1, 10**6)),
    concurrency=st.integers(1, 1024),
    timeout=st.floats(1e-3, 1e6),
    stem=st.text("ab./", min_size=1).filter(lambda stem: not stem.endswith("/")),
    ending=st.sampled_from(("parquet", "Parquet", "PARQUET")),
)
def test_what_is_right_is_taken_over(
    limit: int | None, concurrency: int, timeout: float, stem: str, ending: str
) -> None:
    """Every option of a valid request is in it as it was given."""
    path = f"{stem}.{ending}"
    options = IndexOptions(UID, path, "/data", limit, concurrency, timeout)
    root = parse_root("/data").unwrap()
    expected = IndexRequest(parse_series(UID).unwrap(), root, path, limit, Patience(concurrency, timeout))
    assert check_index(options).unwrap() == expected


@given(name=st.text("ghij", min_size=1, max_size=6), root=st.sampled_from(["/data/ct", "s3://mine/ct"]))
def test_a_name_that_is_no_series_may_be_a_folder_of_the_root(name: str, root: str) -> None:
    """A refused identifier is read where it would lie: its path is told."""
    (refusal,) = _refusals(IndexOptions(name, "out.parquet", root))
    assert f"{root}/{name}" in str(refusal)
    assert f"idc-open-data/{name}" not in str(_refusals(IndexOptions(name, "out.parquet"))[0])


@given(limit=st.integers(-(10**6), 0))
def test_a_limit_is_at_least_1(limit: int) -> None:
    """An index of no objects is refused."""
    refusal = OutOfRange("--limit", str(limit), "a whole number of at least 1")
    assert _refusals(evolve(PLAIN, limit=limit)) == (refusal,)


@pytest.mark.parametrize("path", ["a.webp", "parquet", ".parquet", "a.parquet/b", "a.parquet.gz", ""])
def test_an_index_is_a_parquet_file(path: str) -> None:
    """Any other extension is refused."""
    assert _refusals(evolve(PLAIN, output=path)) == (BadExtension(path, (".parquet",)),)


@given(
    series=st.sampled_from((UID, "xyz")),
    output=st.sampled_from(("a.parquet", "a.png")),
    root=st.sampled_from(("/data", "ftp://x")),
    limit=st.sampled_from((None, 1, 0)),
    concurrency=st.integers(0, 1),
    timeout=st.sampled_from((1.0, nan)),
)
def test_everything_wrong_is_named_at_once(
    series: str, output: str, root: str, limit: int | None, concurrency: int, timeout: float
) -> None:
    """Each broken rule is refused by itself, and together they are all named, none made up."""
    expected = [
        kind
        for broken, kind in (
            (series == "xyz", BadSeriesId),
            (root == "ftp://x", BadRoot),
            (concurrency == 0, OutOfRange),
            (timeout != timeout, OutOfRange),
            (output == "a.png", BadExtension),
            (limit == 0, OutOfRange),
        )
        if broken
    ]
    found = check_index(IndexOptions(series, output, root, limit, concurrency, timeout))
    assert is_successful(found) == (not expected)
    refusals = () if is_successful(found) else found.failure().refusals
    assert sorted(type(refusal).__name__ for refusal in refusals) == sorted(
        kind.__name__ for kind in expected
    )
