"""The command in this process: for all that is not about processes, their streams and their ends."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import partial
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from dicom_series_preview.shell.cli.app import run_command
from dicom_series_preview.shell.storage.store import Network
from tests.command.process import Ran, environment
from tests.support.restored import restored


def run(*arguments: str | Path, folder: Path | None = None, env: Mapping[str, str] | None = None) -> Ran:
    """As `run_process`, at a tenth of the cost; and a request that failed is soon made again."""
    network = partial(Network, longest_pause=0.05)
    out, err = TextIOWrapper(BytesIO(), "utf-8"), StringIO()
    with (
        patch.dict(os.environ, environment(env), clear=True),
        patch("dicom_series_preview.shell.storage.store.Network", network),
        chdir(folder or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
        restored(),
    ):
        status = run_command([*map(str, arguments)])
    out.flush()
    return Ran(status, out.buffer.getvalue().decode(errors="replace"), err.getvalue())
