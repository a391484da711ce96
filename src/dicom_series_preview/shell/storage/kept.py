"""What a process keeps open from call to call, for whoever asks the same next: connections to web servers.

Nothing is kept that speaks for somebody: logins and tokens go along with each request anew.
"""

from __future__ import annotations

import os
import time
from collections import deque
from http.client import HTTPConnection
from selectors import EVENT_READ, DefaultSelector
from threading import Lock
from typing import Final, TypeAlias

from attrs import frozen

from dicom_series_preview.core.storage.origins import Origin
from dicom_series_preview.core.storage.proxies import Proxy
from dicom_series_preview.shell.storage.store import LONGEST_IDLE

MOST_IDLE: Final = 64
"""Connections that are kept while nobody uses them, at most: the one that was not used for longest goes."""


@frozen
class Way:
    """How a connection was made: one made otherwise does not stand in for it."""

    origin: Origin
    proxy: Proxy | None
    trusted: tuple[str | None, str | None]
    """The file and the folder of authorities that the environment named."""


_Idle: TypeAlias = tuple[Way, float, HTTPConnection]


class Pool:
    """Idle connections by the way they were made, the latest last, each for so many seconds; from many threads."""

    def __init__(self, longest_idle: float = LONGEST_IDLE) -> None:
        self._longest_idle = longest_idle
        self._idle: deque[_Idle] = deque()
        self._lock = Lock()

    def take(self, way: Way) -> HTTPConnection | None:
        """The connection that was used last, if the server still holds it open."""
        while True:
            with self._lock:
                old = self._too_old()
                found = next((one for one in reversed(self._idle) if one[0] == way), None)
                if found is not None:
                    self._idle.remove(found)
            _close(old)
            if found is None or _is_open(found[2]):
                return None if found is None else found[2]
            found[2].close()

    def keep(self, way: Way, connection: HTTPConnection) -> None:
        """Keep a connection whose last answer was read to its end."""
        with self._lock:
            self._idle.append((way, time.monotonic(), connection))
            old = self._too_old()
        _close(old)

    def forget(self, way: Way) -> None:
        """Close what is idle on this way."""
        with self._lock:
            gone = [one for one in self._idle if one[0] == way]
            for one in gone:
                self._idle.remove(one)
        _close(gone)

    def _too_old(self) -> list[_Idle]:
        """What is too old, or too much, taken out."""
        latest = time.monotonic() - self._longest_idle
        old: list[_Idle] = []
        while self._idle and (len(self._idle) > MOST_IDLE or self._idle[0][1] < latest):
            old.append(self._idle.popleft())
        return old


def _close(connections: list[_Idle]) -> None:
    for _, _, connection in connections:
        connection.close()


def _is_open(connection: HTTPConnection) -> bool:
    """Whether an idle connection can be asked: one with something to read was closed, or speaks unasked."""
    with DefaultSelector() as looked:
        looked.register(connection.sock, EVENT_READ)
        return not looked.select(0)


_POOLS: Final[dict[int, Pool]] = {}


def pool() -> Pool:
    """The pool of this process; one that was forked has its own, and leaves that of its parent alone."""
    return _POOLS.setdefault(os.getpid(), Pool())
