"""`python -m dicom_series_preview`, and the console command."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from dicom_series_preview import __version__


def main() -> NoReturn:
    """Run the command line and end the process: with status 0, or 1 whatever went wrong."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        status = _run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads may still wait for a server: the process does not wait for them.
    os._exit(status)


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:  # answered without loading anything
        sys.stdout.write(f"{__version__}\n")
        return 0
    from dicom_series_preview.shell.cli import run_command

    return run_command(arguments)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
