"""cyclopts: the command `gallery`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from returns.pipeline import is_successful

from dicom_series_preview.shell.cli.app import app
from dicom_series_preview.shell.cli.arguments import all_wrong
from dicom_series_preview.shell.cli.messages import log_to_stderr, refuse
from dicom_series_preview.shell.cli.options import missing_of


def gallery(
    outdir: Annotated[
        str | None, Parameter(name="OUTDIR", help="The folder that a batch has filled. [required]")
    ] = None,
    /,
    *,
    verbose: Annotated[
        bool, Parameter(name=("--verbose", "-v"), help="Tell on stderr what a defect is.")
    ] = False,
) -> int:
    """Write a page to look at the series of a batch: OUTDIR/index.html."""
    log_to_stderr(verbose)
    wrong = all_wrong(app, missing_of(OUTDIR=outdir or None))
    if wrong or not outdir:
        return refuse(wrong)
    return write_page(outdir)


def write_page(outdir: str) -> int:
    """Write the page of an output folder; the exit status."""
    # Imported only now: what a wrong argument costs should be a moment.
    from dicom_series_preview.shell.page.gallery import write_gallery

    written = write_gallery(outdir)
    return 0 if is_successful(written) else refuse([str(written.failure())])
