"""What a worker process is: a group of its own, with few arenas, that ends with the process that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from contextlib import suppress
from functools import cache
from time import sleep
from typing import Final, NoReturn, TextIO

_MALLOC: Final = {
    -8: 2,  # M_ARENA_MAX: threads that come and go leave arenas behind, which never shrink
    -3: 1 << 20,  # M_MMAP_THRESHOLD, in bytes: what is larger is given back when it is free
    -1: 1 << 20,  # M_TRIM_THRESHOLD
}
"""Settings of glibc (`mallopt`) by which a worker that makes thousands of pictures stays as large as one."""

_NAP: Final = 0.5  # s between two looks at the parent


def settle_in(parent: int) -> None:
    """Prepare this process to be a worker of the process `parent`: run once, before its first task."""
    with suppress(OSError, AttributeError):
        os.setpgid(0, 0)  # what it starts can be ended with it, and Ctrl-C is for the parent alone
    with suppress(OSError, AttributeError):
        for setting, value in _MALLOC.items():
            ctypes.CDLL(None).mallopt(setting, value)
    os.dup2(nowhere().fileno(), 2)  # decoders print on damaged pixels
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


@cache
def nowhere() -> TextIO:
    """A file that swallows what is written to it, open to the end."""
    return open(os.devnull, "w")


def end_process() -> NoReturn:
    """End this process at once, and what it has started if it is a worker that has settled in."""
    with suppress(OSError, AttributeError):
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    os._exit(1)


def memory_in_use() -> int:
    """The resident memory of this process in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        sleep(_NAP)
    end_process()
