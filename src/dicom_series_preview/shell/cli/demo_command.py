"""cyclopts: the command `demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import quote
from typing import Annotated

from cyclopts import Parameter
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.shell.cli.app import app, show
from dicom_series_preview.shell.cli.arguments import all_wrong
from dicom_series_preview.shell.cli.messages import finish, log_to_stderr, refuse
from dicom_series_preview.shell.cli.options import Verbose


def demo(
    folder: Annotated[
        str, Parameter(name="FOLDER", help="The folder to write the series and the picture to.")
    ],
    /,
    *,
    verbose: Verbose = False,
) -> int:
    """Write a synthetic CT series and preview it; needs no network."""
    log_to_stderr(verbose)
    wrong = all_wrong(app, ())
    if wrong:
        return refuse(wrong)
    from dicom_series_preview.shell.run.demo import write_demo

    written = write_demo(Path(folder))
    if not is_successful(written):
        return finish(written)
    series, output = written.unwrap(), str(Path(folder) / "demo.webp")
    status = show(Options(series, output, folder))
    if status == 0:
        command = ("dicom-series-preview", series, output, "--root", folder)
        sys.stdout.write(" ".join(quote(word) for word in command) + "\n")
    return status
