"""A preview from what was asked for: its source opened, its picture drawn; and the file that holds it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from returns.result import Failure, Result

from dicom_series_preview.core.ask.options import STDOUT
from dicom_series_preview.core.ask.preview import Output, Preview
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.request import NeedsExtra
from dicom_series_preview.shell.outputs.animate import can_encode
from dicom_series_preview.shell.outputs.output import finished, write_result
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.draw import draw
from dicom_series_preview.shell.sources.open_source import open_source
from dicom_series_preview.shell.storage.store import watched_network

if TYPE_CHECKING:
    from dicom_series_preview.shell.outputs.picture import Picture


def make_picture(request: Preview, progress: Counter) -> Result[Picture, Fault]:
    """The picture that was asked for, as a value, or the fault that tells why there is none."""
    return finished(request.patience, progress, partial(_draw, request, progress))


def write_picture(request: Preview, path: str, progress: Counter) -> Result[Picture, Fault]:
    """The same picture, once it is in the file at `path`, with its map in another: there whole, or not at all.

    A `path` of `-` is standard output.
    """
    if not can_encode(request.output.encoder):
        return Failure(NeedsExtra(f"An OUTPUT of {request.output.encoder.name}", "video"))
    if path == STDOUT:
        made = finished(request.patience, progress, partial(_draw_encoded, request, path, progress))
        return made.map(_to_stdout)
    inputs = [] if request.index is None else [request.index.path]
    paths = [path, *([] if request.output.map is None else [request.output.map])]
    make = partial(_draw_encoded, request, path, progress)
    return write_result(paths, request.patience, progress, make, inputs)


def _to_stdout(made: tuple[Picture, Sequence[bytes]]) -> Picture:
    sys.stdout.buffer.write(made[1][0])
    sys.stdout.buffer.flush()
    return made[0]


def _draw_encoded(
    request: Preview, path: str, progress: Counter
) -> Result[tuple[Picture, Sequence[bytes]], Fault]:
    return _draw(request, progress).map(
        lambda picture: (picture, contents(request.output, path, picture, progress))
    )


def contents(output: Output, path: str, picture: Picture, progress: Counter) -> tuple[bytes, ...]:
    """The content of the file of a picture, and of that of its map if there shall be one."""
    image = encoded(output, picture, progress)
    if output.map is None:
        return (image,)
    from dicom_series_preview.core.show.tile_map import map_json

    height, width = picture.pixels.shape[:2]
    text = map_json(os.path.basename(path), width, height, picture.series, picture.tiles)
    return (image, text.encode("utf-8", "backslashreplace"))


def encoded(output: Output, picture: Picture, progress: Counter) -> bytes:
    """The content of the file of a picture."""
    began = monotonic()
    data = picture.encoded(output.encoder, output.quality, output.lossless)
    size, seconds = f"{picture.pixels.shape[1]}x{picture.pixels.shape[0]} px", monotonic() - began
    progress.say(f"{output.encoder.name} of {size}, {len(data):,} bytes, in {seconds:.2f} s")
    return data


def _draw(request: Preview, progress: Counter) -> Result[Picture, Fault]:
    if "numpy" not in sys.modules:
        Thread(target=_load, daemon=True).start()
    network = watched_network(request.patience, progress)
    return open_source(request, network, progress).bind(lambda source: draw(request, source, progress))


def _load() -> None:
    """Load numpy, Pillow and the codecs: from a thread, while the first answers are awaited."""
    with suppress(ImportError):  # which is told where it is needed
        import dicom_series_preview.shell.outputs.picture
        import dicom_series_preview.shell.run.render
        import dicom_series_preview.shell.sources.frames  # noqa: F401
