"""cyclopts: the command `batch`, which takes the options of a preview beside its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from inspect import Parameter as Argument
from inspect import Signature, signature
from typing import Annotated, Any, Final, get_type_hints

from attrs import fields
from cyclopts import Group, Parameter
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.batch.request import (
    DEFAULT_CONCURRENCY,
    DEFAULT_FORMAT,
    DEFAULT_RETRIES,
    DEFAULT_SERIES_TIMEOUT,
    DEFAULT_WORKER_MEMORY,
    BatchOptions,
    BatchRequest,
    check_batch,
)
from dicom_series_preview.core.batch.tally import summary
from dicom_series_preview.shell.cli.app import app, preview
from dicom_series_preview.shell.cli.arguments import all_wrong, real, whole
from dicom_series_preview.shell.cli.gallery_command import write_page
from dicom_series_preview.shell.cli.messages import log_to_stderr, refuse
from dicom_series_preview.shell.cli.options import missing_of

_BATCH: Final = Group("Batch Options", sort_key=0)


def _option(text: str, converter: Any = None) -> Parameter:
    return Parameter(group=_BATCH, help=text, converter=converter)


def _command() -> Callable[..., int]:
    """The command, with all options of `preview` that say how a picture looks and how it is fetched."""
    known = {field.name for field in fields(Options)} - {"series", "output", "index", "format", "map"} | {
        "verbose"
    }
    theirs = [
        argument.replace(default=DEFAULT_CONCURRENCY) if argument.name == "concurrency" else argument
        for argument in _arguments(preview)
        if argument.name in known
    ]
    every = [*_arguments(_which), *_arguments(_how), *theirs]

    def batch(series: str | None = None, outdir: str | None = None, /, **given: Any) -> int:
        """See many series: a picture of each, and a table of what became of them."""
        return _batch(series, outdir, given)

    batch.__signature__ = Signature(every)  # type: ignore[attr-defined]
    batch.__annotations__ = {argument.name: argument.annotation for argument in every}
    return batch


def _arguments(command: Callable[..., Any]) -> list[Argument]:
    hints = get_type_hints(command, include_extras=True)
    return [
        argument.replace(annotation=hints[name]) for name, argument in signature(command).parameters.items()
    ]


def _which(
    series: Annotated[
        str | None,
        Parameter(
            name="SERIES",
            help="The list: a text file with a series, a location or a copy command of s5cmd a line, or - for "
            "standard input; or a .parquet, .csv or .tsv table with a column series, series_aws_url, "
            "crdc_series_uuid or SeriesInstanceUID. Left out with --study, --collection or --all.",
        ),
    ] = None,
    outdir: Annotated[
        str | None,
        Parameter(name="OUTDIR", help="The folder to fill; it is made if it is not there. [required]"),
    ] = None,
    /,
    *,
    study: Annotated[
        str | None, _option("All series of this StudyInstanceUID of the Imaging Data Commons (extra idc).")
    ] = None,
    collection: Annotated[
        str | None, _option("All series of this collection of the Imaging Data Commons (extra idc).")
    ] = None,
    all: Annotated[bool, _option("All folders in --root.")] = False,  # noqa: A002
) -> None:
    """Which series a batch is about, and where it goes."""


def _how(
    *,
    format: Annotated[str, _option("Format of the pictures: webp, jpeg or png.")] = DEFAULT_FORMAT,  # noqa: A002
    map: Annotated[  # noqa: A002
        bool, _option("Write what stands where on each picture, as .json beside it.")
    ] = False,
    with_index: Annotated[bool, _option("Write the index of each series beside its picture.")] = False,
    index: Annotated[
        str | None,
        _option("Use the indexes in the OUTDIR of an earlier batch instead of listing and reading headers."),
    ] = None,
    workers: Annotated[
        int | None, _option("Processes of this machine. [default: as many as processors]", whole)
    ] = None,
    scheduler: Annotated[
        str | None, _option("Work on the Dask cluster with this address, e.g. tcp://host:8786 (extra dask).")
    ] = None,
    shard: Annotated[
        str | None, _option("I/N: do share I of N, as one of N jobs that fill the same OUTDIR.")
    ] = None,
    series_timeout: Annotated[
        float, _option("Seconds that a series may take.", real)
    ] = DEFAULT_SERIES_TIMEOUT,
    worker_memory: Annotated[
        float, _option("GiB of memory that a worker may take.", real)
    ] = DEFAULT_WORKER_MEMORY,
    retries: Annotated[
        int, _option("How often what failed in passing is tried again, after all others.", whole)
    ] = DEFAULT_RETRIES,
    retry_failed: Annotated[
        bool, _option("Try again what ended without a picture in an earlier run.")
    ] = False,
    gallery: Annotated[bool, _option("At the end write OUTDIR/index.html, a page to look at.")] = False,
    overwrite: Annotated[bool, _option("Make everything again, with these options.")] = False,
    dry_run: Annotated[bool, _option("Check the list and count what is to do; write nothing.")] = False,
) -> None:
    """What is made of them, and how the work is done."""


def _batch(series: str | None, outdir: str | None, given: dict[str, Any]) -> int:
    log_to_stderr(given.pop("verbose", False))
    with_page = given.pop("gallery", False)
    names = {field.name for field in fields(BatchOptions)}
    own = {name: given.pop(name) for name in list(given) if name in names}
    if outdir is None and own.keys() & {"study", "collection", "all"}:
        series, outdir = None, series
    options = BatchOptions(
        outdir or "", Options("", "", **{"concurrency": DEFAULT_CONCURRENCY, **given}), series, **own
    )
    checked = check_batch(options)
    listed = "" if options.study or options.collection or options.all else series
    wrong = all_wrong(app, missing_of(SERIES=listed, OUTDIR=outdir), checked)
    return refuse(wrong) if wrong else _run(checked.unwrap(), with_page)


def _run(request: BatchRequest, with_page: bool) -> int:
    # Imported only now: what a wrong argument costs should be a moment.
    from time import monotonic

    from dicom_series_preview.shell.batch.run import run_batch
    from dicom_series_preview.shell.batch.show import showing

    began = monotonic()
    result = run_batch(request, showing)
    if not is_successful(result):
        return refuse(str(result.failure()).splitlines())
    report = result.unwrap()
    twice = report.named - report.listed
    if twice:
        sys.stderr.write(f"{twice} of {report.named} series are named more than once; each is made once.\n")
    tally = report.tally
    if request.options.dry_run:
        sys.stdout.write(
            f"{tally.total} series: {tally.left} to do, {tally.skipped} made, {tally.refused} failed.\n"
        )
        return 0
    sys.stdout.write(f"{summary(tally, monotonic() - began)}\n")
    if tally.failed or tally.killed or tally.timed_out or tally.refused:
        results = os.path.join(request.options.outdir, "results")
        sys.stderr.write(
            f"Why stands in the column words of {results}, and on the page that gallery writes.\n"
        )
    status = 0 if tally.is_complete else 1
    return max(status, write_page(request.options.outdir)) if with_page else status


batch = _command()
