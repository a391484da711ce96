"""cyclopts: the command `build-index`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from dicom_series_preview.core.ask.index_request import IndexOptions, check_index
from dicom_series_preview.core.ask.options import DEFAULT_CONCURRENCY, DEFAULT_ROOT, DEFAULT_TIMEOUT
from dicom_series_preview.shell.cli.app import app
from dicom_series_preview.shell.cli.arguments import all_wrong, whole
from dicom_series_preview.shell.cli.messages import finish, log, log_to_stderr, refuse, silent_libraries
from dicom_series_preview.shell.cli.options import (
    STORAGE,
    Concurrency,
    Root,
    Series,
    Timeout,
    Verbose,
    missing_of,
    number,
)


def build_index(
    seriesuid: Series = None,
    output: Annotated[
        str | None, Parameter(name="OUTPUT", help="The Parquet file to write: .parquet. [required]")
    ] = None,
    /,
    *,
    root: Root = DEFAULT_ROOT,
    limit: Annotated[
        int | None,
        number(STORAGE, "Only the first so many objects, in the order of their names.", whole),
    ] = None,
    concurrency: Concurrency = DEFAULT_CONCURRENCY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    verbose: Verbose = False,
) -> int:
    """Write the headers of a series as a typed Parquet table, in reading order."""
    log_to_stderr(verbose)
    options = IndexOptions(
        series=seriesuid or "",
        output=output or "",
        root=root,
        limit=limit,
        concurrency=concurrency,
        timeout=timeout,
    )
    checked = check_index(options)
    wrong = all_wrong(app, missing_of(SERIESUID=seriesuid, OUTPUT=output), checked)
    if wrong:
        return refuse(wrong)
    from dicom_series_preview.shell.progress import progress_bar
    from dicom_series_preview.shell.run.build_index import write_index

    with silent_libraries(), progress_bar(log.log) as progress:
        result = write_index(checked.unwrap(), progress)
    return finish(result)
