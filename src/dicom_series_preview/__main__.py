"""`python -m dicom_series_preview`, and the console command."""

# Little is imported here, and late: whatever comes before the first lines of `main` hears no signal.
from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process: with status 0, or 1 whatever went wrong."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows knows no SIGHUP
            signal.signal(getattr(signal, name), _interrupt)
    status = 1
    try:
        status = _guarded()
        sys.stdout.flush()
    except OSError:  # standard output is full or closed, or standard error is: there is nowhere to say so
        status = 1
    finally:
        _end(status)


def _guarded() -> int:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started the process
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  open to the end
    try:
        return _run(sys.argv[1:])
    except KeyboardInterrupt:
        _say_interrupted()
    except MemoryError:
        sys.stderr.write("error: there is not enough memory: use fewer tiles or a smaller --image-width.\n")
    except (SystemExit, BrokenPipeError):  # nobody reads standard output any more
        return 1
    except OSError as error:
        if error.filename is not None:  # not a standard stream
            _tell_defect(error)
    except BaseException as error:  # noqa: BLE001  it is not swallowed: it is shown, with -v as Python would
        _tell_defect(error)
    return 1


def _tell_defect(error: BaseException) -> None:
    if any(word == "--verbose" or word.startswith("-v") for word in sys.argv[1:]):
        sys.excepthook(type(error), error, error.__traceback__)
    elif isinstance(error, ModuleNotFoundError):  # somebody took it away, to have a smaller installation
        sys.stderr.write(
            f"error: {error.name} is missing, which this needs: install dicom-series-preview again, with it.\n"
        )
    else:
        sys.stderr.write(
            f"error: a defect of this program ({type(error).__name__}: {error}); -v shows where.\n"
        )


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:  # answered without loading anything
        from dicom_series_preview.version import __version__

        sys.stdout.write(f"{__version__}\n")
        return 0
    import gc

    # What is loaded stays to the end: to look through it again and again took 5 % of a run.
    gc.set_threshold(100_000)
    # numpy starts threads for linear algebra, of which there is none here: they took a fifth of a run.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dicom_series_preview.shell.cli.app import run_command

    return run_command(arguments)


def _interrupt(_signum: int, frame: FrameType | None) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # once is enough
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    while frame is not None:
        # What is raised within an import may be swallowed there, and nothing is written yet that must be removed.
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            _say_interrupted()
            _end(1)
        frame = frame.f_back
    raise KeyboardInterrupt


def _say_interrupted() -> None:
    if sys.stderr is not None:
        sys.stderr.write("\nInterrupted.\n" if sys.stderr.isatty() else "Interrupted.\n")


def _end(status: int) -> NoReturn:
    """Threads may still wait for a server: the process does not wait for them."""
    try:
        sys.stderr.flush()
    except OSError:
        pass  # it is full or closed, and so be it
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
