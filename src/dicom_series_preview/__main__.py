"""`python -m dicom_series_preview`, and the console command."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from dicom_series_preview.version import __version__


def main() -> NoReturn:
    """Run the command line and end the process: with status 0, or 1 whatever went wrong."""
    status = 1
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started the process
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  open to the end
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        status = _run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stderr.write("\nInterrupted.\n" if sys.stderr.isatty() else "Interrupted.\n")
        status = 1
    except BrokenPipeError:  # nobody reads standard output any more
        status = 1
    except MemoryError:
        sys.stderr.write("error: there is not enough memory: use fewer tiles or a smaller --image-width.\n")
        status = 1
    except BaseException as error:  # noqa: BLE001  it is not swallowed: it is shown, with -v as Python would
        if any(word == "--verbose" or word.startswith("-v") for word in sys.argv[1:]):
            sys.excepthook(*sys.exc_info())
        else:
            kind = type(error).__name__
            sys.stderr.write(f"error: a defect of this program ({kind}: {error}); -v shows where.\n")
        status = 1
    finally:
        # Threads may still wait for a server: the process does not wait for them.
        sys.stderr.flush()
        os._exit(status)


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:  # answered without loading anything
        sys.stdout.write(f"{__version__}\n")
        return 0
    from dicom_series_preview.shell.cli.app import run_command

    return run_command(arguments)


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
