"""One damaged object, or index, through the command; what comes of it is a refusal in words or a picture."""

from __future__ import annotations

import contextlib
import io
import logging
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from attrs import evolve, frozen
from PIL import Image
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.patience import Patience
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.faults.storage import NotFound, StoreFault
from dicom_series_preview.core.storage.entries import Chunk, Entry
from dicom_series_preview.shell.cli.app import run_command
from dicom_series_preview.shell.cli.messages import paragraph
from dicom_series_preview.shell.dicom import codec_gdcm
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.draw import draw
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.storage.locate import Located
from tests.fuzz.elements import damaged_header
from tests.fuzz.frames import damaged_pixels
from tests.fuzz.nodes import META, write
from tests.fuzz.seeds import Seed
from tests.fuzz.servers import answer_case, listing_case
from tests.fuzz.tables import damaged_file, damaged_table
from tests.fuzz.words import Wrong, check_words
from tests.support.dicom import uuid_for

SERIES: Final = uuid_for("fuzz")
_VIEWS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {},
    {"tile_width": 2, "image_width": 32},
    {"tile_width": 3, "tile_height": 1, "contrast_preset": "auto"},
    {"tile_width": 2, "contrast_preset": "lung"},
    {"tile_width": 2, "start": 0.25, "end": 0.75},
    {"position": 0.5},
    {"position": 1.0, "slice_offset": -1},
    {"position": 0.0, "image_width": 700, "window_width": 1e-3, "window_center": 0.0},
)


@frozen
class Seeds:
    """What is damaged: all seeds, and those with pixels, code streams twice."""

    all: tuple[Seed, ...]
    pixels: tuple[Seed, ...]


class _Memory:
    """A store that holds a few objects; the listing or the answers may keep their sizes to themselves."""

    place = "memory"

    def __init__(self, objects: dict[str, bytes], listed: bool, told: bool) -> None:
        self.objects, self.listed, self.told = objects, listed, told

    def pages(self, folder: str) -> Iterator[Result[tuple[Entry, ...], StoreFault]]:  # noqa: ARG002
        yield Success(
            tuple(Entry(name, len(data) if self.listed else None) for name, data in self.objects.items())
        )

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        data = self.objects.get(name.rpartition("/")[2])
        if data is None:
            return Failure(NotFound(name))
        return Success(Chunk(data[start:stop], len(data) if self.told else None))

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:  # noqa: ARG002
        yield Success(())


def whole(seed: Seed) -> bytes:
    """The undamaged object; a deflated one as if it were not."""
    return seed.preamble + write(seed.meta, META) + write(seed.header, seed.encoding) + seed.pixels


@cache
def _requests() -> tuple[Preview, ...]:
    return tuple(check_preview(Options(SERIES, "fuzz.webp", root="/", **view)).unwrap() for view in _VIEWS)


def run_case(kind: str, rng: Random, seeds: Seeds) -> str:
    """Run one case; returns what came of it in a word, and raises on anything unexpected."""
    if kind == "listings":
        return listing_case(rng)
    if kind == "answers":
        return answer_case(rng)
    words: list[str] = []
    with _listening(words):
        if kind == "pixels":
            chosen = rng.choice(seeds.pixels)
            objects = [damaged_pixels(rng, chosen, seeds.pixels)]
        elif kind == "parquet":
            return _parquet(rng, seeds)
        else:
            objects = _headers(rng, seeds)
        second = rng.random() < 0.01
        with contextlib.nullcontext() if second else patch.object(codec_gdcm, "is_installed", lambda: False):
            if rng.random() < 0.9:
                outcome = _straight(rng, objects)
            elif kind == "pixels" or rng.random() < 0.4:
                outcome = _command(rng, objects)
            else:
                outcome = _index(objects)
    for word in words:
        check_words(paragraph(word))
    return outcome


def _headers(rng: Random, seeds: Seeds) -> list[bytes]:
    """One object with a damaged header, alone or beside others that are whole or damaged."""
    seed = rng.choice(seeds.all)
    objects = [damaged_header(rng, seed)]
    company = rng.random()
    if company > 0.6:
        objects.append(whole(seed))
    if company > 0.8:
        objects.append(damaged_header(rng, seed))
    if company > 0.95:
        objects.append(damaged_header(rng, rng.choice(seeds.all)))
    return objects


@contextlib.contextmanager
def _listening(words: list[str]) -> Iterator[None]:
    """Collect all that is logged."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            words.append(record.getMessage())

    logger = logging.getLogger("dicom_series_preview")
    ear, level = Ear(), logger.level
    logger.addHandler(ear)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)


def _straight(rng: Random, objects: list[bytes]) -> str:
    """The line of a preview without arguments, files and encoder."""
    named = {f"{number}.dcm": data for number, data in enumerate(objects)}
    store = _Memory(named, listed=rng.random() < 0.8, told=rng.random() < 0.8)
    located = Located(store, SERIES, SERIES, "memory")
    request = rng.choice(_requests())
    threads = rng.choice((1, 1, 1, 64))
    progress = Counter(logging.getLogger("dicom_series_preview").log)
    source = FolderSource(located, threads, progress, held_limit=rng.choice((0, 4 << 20)))
    drawn = draw(evolve(request, patience=Patience(threads, 20.0)), source, progress)
    if not is_successful(drawn):
        check_words(paragraph(str(drawn.failure())))
        return type(drawn.failure()).__name__
    canvas = drawn.unwrap().pixels
    if canvas.dtype != np.uint8 or canvas.ndim not in (2, 3) or not canvas.size:
        raise Wrong(f"a canvas of {canvas.dtype} {canvas.shape}")
    return "picture"


@contextlib.contextmanager
def _folder(objects: list[bytes]) -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        (root / SERIES).mkdir()
        for number, data in enumerate(objects):
            (root / SERIES / f"{number}.dcm").write_bytes(data)
        yield root
    finally:
        shutil.rmtree(root)


def _run(out: Path, arguments: list[str]) -> str:
    """The whole command line: its status, its words and its file have to agree."""
    stdout, stderr = io.StringIO(), io.StringIO()
    logger = logging.getLogger("dicom_series_preview")
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        status = run_command(arguments)
    logger.handlers = []
    lines = stderr.getvalue().splitlines()
    for line in lines:
        check_words(line)
    errors = [line for line in lines if line.startswith("error: ")]
    # An error that lists series has a line, further in, for each.
    others = [line for line in lines if not line.startswith(("error: ", "warning: ", "info: ", "  "))]
    if status not in (0, 1) or len(errors) != status or others or stdout.getvalue():
        raise Wrong(f"status {status}, stdout {stdout.getvalue()!r}, stderr {stderr.getvalue()!r}")
    if any(line.startswith(("error: Nothing has arrived", "error: Nothing was finished")) for line in lines):
        raise Wrong("it stood still")
    if out.exists() != (status == 0):
        raise Wrong(f"status {status}, and the file {'exists' if out.exists() else 'does not exist'}")
    return "refused" if status else "written"


def _command(rng: Random, objects: list[bytes]) -> str:
    with _folder(objects) as root:
        out = root / rng.choice(("out.webp", "out.jpg"))
        outcome = _run(out, [SERIES, str(out), "--root", str(root), *rng.choice(((), ("-v",)))])
        if out.exists():
            with Image.open(out) as image:
                image.load()
    return outcome


def _index(objects: list[bytes]) -> str:
    """An index of damaged objects; what can be indexed can be previewed by way of the index, or is refused."""
    with _folder(objects) as root:
        index, out = root / "out.parquet", root / "out.webp"
        outcome = _run(index, ["build-index", SERIES, str(index), "--root", str(root)])
        if outcome == "written":
            outcome = _run(out, [SERIES, str(out), "--root", str(root), "--index", str(index)])
    return f"index {outcome}"


@cache
def _sound(root: Path, objects: tuple[bytes, ...]) -> bytes:
    (root / SERIES).mkdir()
    for number, data in enumerate(objects):
        (root / SERIES / f"{number}.dcm").write_bytes(data)
    index = root / "out.parquet"
    if _run(index, ["build-index", SERIES, str(index), "--root", str(root)]) != "written":
        raise Wrong("the index of sound objects was refused")
    return index.read_bytes()


_HOMES: Final[list[tempfile.TemporaryDirectory[str]]] = []


def _parquet(rng: Random, seeds: Seeds) -> str:
    """A damaged index file, its bytes or what it says."""
    if not _HOMES:
        _HOMES.append(tempfile.TemporaryDirectory(prefix="fuzz-"))
    root = Path(_HOMES[0].name)
    enhanced = next(seed for seed in seeds.all if seed.name == "enhanced")
    sound = _sound(root, (whole(seeds.all[0]), whole(enhanced)))
    damaged = damaged_table(rng, sound) if rng.random() < 0.5 else damaged_file(rng, sound)
    index, out = root / "damaged.parquet", root / "out.webp"
    index.write_bytes(damaged)
    out.unlink(missing_ok=True)
    return _run(
        out,
        [
            SERIES,
            str(out),
            "--root",
            str(root),
            "--index",
            str(index),
            *rng.choice(((), ("--position", "0.5"))),
        ],
    )
