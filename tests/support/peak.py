"""The command in a process of its own, with the most memory and the processor time that it took."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

# A child's peak begins at that of the process that forked it: a small one starts the command.
_LAUNCHER = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
words = child.stderr.read()
_, status, used = os.wait4(child.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), words.decode("utf-8", "replace"),
                  used.ru_maxrss * 1024, used.ru_utime + used.ru_stime]))
"""

MIB = 2**20
GIB = 2**30


@frozen
class Run:
    """What became of a command: its status and words, peak memory in bytes, and seconds of processor time."""

    status: int
    words: str
    peak: int
    seconds: float


def run(*arguments: str | Path, interpreter: Sequence[str] = ("-m", "dicom_series_preview")) -> Run:
    """Run the command with arguments."""
    command = [sys.executable, *interpreter, *map(str, arguments)]
    done = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCHER, *command], check=True, capture_output=True, timeout=240
    )
    return Run(*json.loads(done.stdout))
