"""cyclopts: the command `--install-completion`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal, cast, get_args

from cyclopts import Parameter

from dicom_series_preview.core.faults.fault import CannotWrite
from dicom_series_preview.core.faults.request import OutOfRange
from dicom_series_preview.shell.cli.app import app
from dicom_series_preview.shell.cli.arguments import all_wrong
from dicom_series_preview.shell.cli.messages import refuse

_Shell = Literal["bash", "zsh", "fish", "powershell"]
_SHELLS: Final = get_args(_Shell)


def install_completion(
    *,
    shell: Annotated[
        str | None, Parameter(help=f"One of {', '.join(_SHELLS)}. [default: the shell at work]")
    ] = None,
    output: Annotated[
        str | None,
        Parameter(name=("--output", "-o"), help="The file to write. [default: where the shell looks for it]"),
    ] = None,
) -> int:
    """Teach the shell to complete this command."""
    messages = all_wrong(app, ())
    if shell is not None and shell not in _SHELLS:
        messages.append(str(OutOfRange("--shell", shell, f"one of {', '.join(_SHELLS)}")))
    if messages:
        return refuse(messages)
    from cyclopts.completion.detect import ShellDetectionError

    try:
        written = install(cast("_Shell | None", shell), None if output is None else Path(output))
    except ShellDetectionError:
        return refuse(["It is not known which shell this is: give --shell."])
    except OSError as error:
        path = output or str(error.filename or "The completion")
        return refuse([str(CannotWrite(path, error.strerror or str(error)))])
    sys.stdout.write(f"{written}\nStart a new shell to use it.\n")
    return 0


def install(shell: _Shell | None, output: Path | None) -> Path:
    """Write what the shell needs, and have it read that when it starts; the file."""
    return app.install_completion(shell=shell, output=output)
