"""Where made objects lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.header.shown import Bench


@pytest.fixture
def bench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, capsys)
