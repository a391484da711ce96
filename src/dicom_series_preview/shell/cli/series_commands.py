"""cyclopts: the commands `info` and `headers`, whose results go to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from logging import INFO
from typing import Annotated

from cyclopts import Parameter
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import DEFAULT_CONCURRENCY, DEFAULT_ROOT, DEFAULT_TIMEOUT, Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.ask.tags import TagPattern, check_tags
from dicom_series_preview.shell.cli.app import app
from dicom_series_preview.shell.cli.arguments import all_wrong, real, whole
from dicom_series_preview.shell.cli.messages import (
    finish,
    log,
    log_to_stderr,
    paragraph,
    refuse,
    silent_libraries,
)
from dicom_series_preview.shell.cli.options import (
    RANGE,
    STORAGE,
    Concurrency,
    IndexedRoot,
    Root,
    Series,
    Timeout,
    Verbose,
    missing_of,
    number,
)


def info(
    seriesuid: Series = None,
    /,
    *,
    json: Annotated[bool, Parameter(help="JSON, as docs/info.md describes it, instead of text.")] = False,
    root: IndexedRoot = None,
    index: Annotated[
        str | None,
        Parameter(group=STORAGE, help="Tell what this index knows; no object is read."),
    ] = None,
    concurrency: Concurrency = DEFAULT_CONCURRENCY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    verbose: Verbose = False,
) -> int:
    """Tell what a series is: its objects, stacks and windows, and what is odd about it."""
    log_to_stderr(verbose)
    options = Options(seriesuid or "", root=root, index=index, concurrency=concurrency, timeout=timeout)
    checked = check_preview(options)
    wrong = all_wrong(app, missing_of(SERIESUID=seriesuid), checked)
    if wrong:
        return refuse(wrong)
    # Imported only now: what a wrong argument costs should be a moment.
    from dicom_series_preview.core.header.dicom_json import show_json
    from dicom_series_preview.core.order.info import as_json, as_lines
    from dicom_series_preview.shell.progress import progress_bar
    from dicom_series_preview.shell.run.info import series_told

    # What is odd is part of the result: it is told there.
    with silent_libraries(), progress_bar(lambda _, text: log.log(INFO, text)) as progress:
        told = series_told(checked.unwrap(), progress)
    if is_successful(told):
        series = told.unwrap()
        if json:
            _print([show_json(as_json(series))])
        else:
            _print(map(paragraph, as_lines(series)), sys.stdout.encoding)
    return finish(told)


def headers(
    seriesuid: Series = None,
    /,
    *,
    tag: Annotated[
        list[str] | None,
        Parameter(
            help="Only this element: a keyword, a tag as gggg,eeee, or a pattern of either with * and ?; "
            "several times for several.",
        ),
    ] = None,
    position: Annotated[
        float | None,
        number(RANGE, "Only the object whose slice is at this position, from 0 to 1.", real),
    ] = None,
    slice_offset: Annotated[
        int | None,
        number(RANGE, "Go so many slices on from --position, or back. [default: 0]", whole),
    ] = None,
    root: Root = DEFAULT_ROOT,
    concurrency: Concurrency = DEFAULT_CONCURRENCY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    verbose: Verbose = False,
) -> int:
    """Print the headers of a series in the DICOM JSON model, in reading order."""
    log_to_stderr(verbose)
    options = Options(
        seriesuid or "",
        root=root,
        position=position,
        slice_offset=slice_offset,
        concurrency=concurrency,
        timeout=timeout,
    )
    checked, patterns = check_preview(options), check_tags(tag or ())
    wrong = all_wrong(app, missing_of(SERIESUID=seriesuid), checked, patterns)
    return refuse(wrong) if wrong else _print_headers(checked.unwrap(), patterns.unwrap())


def _print_headers(request: Preview, patterns: Sequence[TagPattern]) -> int:
    from dicom_series_preview.shell.progress import progress_bar
    from dicom_series_preview.shell.run.headers import series_headers

    with silent_libraries(), progress_bar(log.log) as progress:
        read = series_headers(request, patterns, progress)
    if is_successful(read):
        _print(_array(read.unwrap()))
    return finish(read)


def _array(objects: Sequence[str]) -> Iterable[str]:
    """A JSON array, an object a line."""
    yield "["
    yield from (text + ("," if i < len(objects) else "") for i, text in enumerate(objects, start=1))
    yield "]"


def _print(lines: Iterable[str], encoding: str = "utf-8") -> None:
    """Lines on standard output.  What has no place in an encoding is escaped; JSON is UTF-8 wherever it goes."""
    for line in lines:
        sys.stdout.buffer.write(f"{line}\n".encode(encoding, "backslashreplace"))
    sys.stdout.buffer.flush()
