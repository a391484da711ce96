"""What the user asked `build-index` for, checked without I/O."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.options import DEFAULT_CONCURRENCY, DEFAULT_ROOT, DEFAULT_TIMEOUT
from dicom_series_preview.core.ask.paths import extension, path_text, series_text
from dicom_series_preview.core.ask.patience import Patience, check_patience
from dicom_series_preview.core.ask.roots import Root, parse_root
from dicom_series_preview.core.ask.series_id import SeriesId, parse_series
from dicom_series_preview.core.faults.request import BadExtension, BadOptions, OutOfRange, RequestError

INDEX_EXTENSION: Final = ".parquet"


@frozen
class IndexOptions:
    """The options of `build-index` as given, unchecked; paths may be path objects."""

    series: str = field(converter=series_text)
    output: str = field(converter=path_text)
    root: str = field(default=DEFAULT_ROOT, converter=path_text)
    limit: int | None = None
    concurrency: int = DEFAULT_CONCURRENCY
    timeout: float = DEFAULT_TIMEOUT


@frozen
class IndexRequest:
    """A valid request for an index of the first `limit` objects in name order, of all without one."""

    series: SeriesId
    root: Root
    path: str
    limit: int | None
    patience: Patience


def check_index(options: IndexOptions) -> Result[IndexRequest, BadOptions]:
    """Check everything that can be checked without I/O; all refusals at once."""
    root = parse_root(options.root)
    series = parse_series(options.series, None if options.root == DEFAULT_ROOT else root.value_or(None))
    refusals: list[RequestError] = [
        *([] if is_successful(series) else [series.failure()]),
        *([] if is_successful(root) else [root.failure()]),
        *check_patience(options.concurrency, options.timeout),
    ]
    if extension(options.output) != INDEX_EXTENSION:
        refusals.append(BadExtension(options.output, (INDEX_EXTENSION,)))
    if options.limit is not None and options.limit < 1:
        refusals.append(OutOfRange("--limit", str(options.limit), "a whole number of at least 1"))
    if refusals:
        return Failure(BadOptions(tuple(refusals)))
    return Success(
        IndexRequest(
            series=series.unwrap(),
            root=root.unwrap(),
            path=options.output,
            limit=options.limit,
            patience=Patience(options.concurrency, options.timeout),
        )
    )
