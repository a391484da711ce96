"""What the command shows and says of a few made objects, directly and by way of an index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import frozen
from numpy.typing import NDArray
from PIL import Image

from dicom_series_preview.shell.cli.app import run_command
from tests.support.dicom import make_object

PLAIN: dict[str, Any] = {"RescaleSlope": None, "RescaleIntercept": None, "PixelSpacing": None}
"""Stored values are what is windowed, and pixels are square."""
GREY: dict[str, Any] = {**PLAIN, "WindowCenter": 128, "WindowWidth": 256}
"""With 8 bits, stored values are grey levels too."""
STEPS = (0, 32, 64, 96, 128, 160, 192, 255)
SIDE = 16


def columns(values: Sequence[int] = STEPS, dtype: str = "u1") -> NDArray[Any]:
    """A picture of columns of one value each."""
    return np.repeat(np.repeat(np.array([values], dtype), SIDE, axis=0), SIDE, axis=1)


def flat(*values: int) -> NDArray[Any]:
    """Pictures of one value each; a single one is no stack."""
    stack = np.repeat(np.array(values, "u1"), SIDE * SIDE).reshape(len(values), SIDE, SIDE)
    return stack[0] if len(values) == 1 else stack


@frozen
class Shown:
    """What came of a run: the words on stderr, and the grey in the middle of each column or tile."""

    status: int
    words: str
    greys: tuple[int, ...]
    size: tuple[int, int]
    """Width and height."""

    @property
    def warnings(self) -> list[str]:
        return sorted(line for line in self.words.splitlines() if line.startswith("warning: "))


class Bench:
    """A folder of made objects that commands are run on, in this process."""

    def __init__(self, path: Path, capture: Any) -> None:
        self._path, self._capture = path, capture
        self._folder = path / "series"
        self._folder.mkdir()

    def put(self, *objects: bytes) -> None:
        for number, content in enumerate(objects):
            (self._folder / f"{number}.dcm").write_bytes(content)

    def _run(self, *words: str) -> tuple[int, str]:
        self._capture.readouterr()
        status = run_command(words)
        return status, self._capture.readouterr().err

    def index(self) -> Shown:
        """What `build-index` says."""
        status, words = self._run("build-index", str(self._folder), str(self._path / "series.parquet"))
        return Shown(status, words, (), (0, 0))

    def show(self, *options: str, by_index: bool = False) -> Shown:
        """What a preview with these options shows and says."""
        out = self._path / "shown.webp"
        index = ["--index", str(self._path / "series.parquet")] if by_index else []
        out.unlink(missing_ok=True)
        status, words = self._run(str(self._folder), str(out), *index, *options)
        if not out.exists():
            return Shown(status, words, (), (0, 0))
        with Image.open(out) as image:
            grey = np.asarray(image.convert("L"))
        middle = grey[grey.shape[0] // 2, SIDE // 2 :: SIDE]
        return Shown(status, words, tuple(int(value) for value in middle), (grey.shape[1], grey.shape[0]))

    def show_everywhere(self, *options: str) -> Shown:
        """The same directly and by way of an index: one picture, and the same warnings three times."""
        directly, index = self.show(*options), self.index()
        through = self.show(*options, by_index=True)
        assert directly.status == index.status == through.status == 0, directly.words + index.words
        assert directly.warnings == index.warnings, (directly.words, index.words)
        assert through.warnings == index.warnings, (through.words, index.words)
        assert (directly.greys, directly.size) == (through.greys, through.size)
        return directly

    def columns(self, made: bytes, count: int = len(STEPS)) -> Shown:
        """One object that shows columns."""
        self.put(made)
        return self.show_everywhere("--position", "0.5", "--image-width", str(SIDE * count), "-q", "100")

    def slices(self, *objects: bytes, count: int = 0) -> Shown:
        """Objects that show one grey each, or one that shows `count`."""
        self.put(*objects)
        return self.show_everywhere(
            *("--tile-width", str(count or len(objects)), "--tile-height", "1", "--image-width", str(SIDE)),
            *("--window-center", "127.5", "--window-width", "255", "-q", "100"),
        )


def near(*greys: int) -> Any:
    """Grey levels, of which a lossy picture may be a little off."""
    return pytest.approx(greys, abs=3)


def one(pixels: NDArray[Any], **elements: Any) -> bytes:
    """One object without a place, whose stored values are its grey levels."""
    return make_object(pixels=pixels, position=None, orientation=None, **{**GREY, **elements})
