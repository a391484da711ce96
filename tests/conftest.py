"""Servers that are dear to start: one of each kind for all tests of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.support.orthanc import Orthanc, orthanc


@pytest.fixture(scope="session")
def orthanc_of() -> Iterator[Callable[[str], Orthanc]]:
    """Gives the server with metadata of a mode, empty: real series share UIDs, and it keeps what came first."""
    with ExitStack() as running:

        @cache
        def started(mode: str) -> Orthanc:
            return running.enter_context(orthanc(mode))

        def emptied(mode: str) -> Orthanc:
            server = started(mode)
            server.empty()
            return server

        yield emptied
