"""The straight line of a preview: open the source, order, choose, plan, render; and the file that holds it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from time import monotonic

from returns.result import Failure, Result

from dicom_series_preview.core.ask.options import STDOUT
from dicom_series_preview.core.ask.preview import Output, Preview
from dicom_series_preview.core.ask.series_id import show_series
from dicom_series_preview.core.ask.views import Cine
from dicom_series_preview.core.choose.pick import Chosen, choose
from dicom_series_preview.core.choose.plan import plan
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.request import NeedsExtra
from dicom_series_preview.core.order.report import summarize
from dicom_series_preview.core.order.series import Ref, Series, Slice, object_places
from dicom_series_preview.core.show.tile_map import map_json
from dicom_series_preview.shell.outputs.animate import DEFAULT_RATE, can_encode
from dicom_series_preview.shell.outputs.output import finished, write_result
from dicom_series_preview.shell.outputs.picture import Picture
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.render import Rendered, render
from dicom_series_preview.shell.sources.open_source import open_source
from dicom_series_preview.shell.sources.source import Source
from dicom_series_preview.shell.storage.store import Network


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
    patience = request.patience
    network = Network(patience.timeout, patience.concurrency, arrived=progress.arrived)
    return open_source(request, network, progress).bind(lambda source: draw(request, source, progress))


def draw(request: Preview, source: Source, progress: Counter) -> Result[Picture, Fault]:
    """The straight line from a source to a picture."""
    return Result.do(
        _picture(request, series, slices, rendered, progress)
        for series in source.order()
        for chosen in choose(request.view, series)
        for slices in source.slices([one.item for one in chosen])
        for planned in plan(request, _with_headers(chosen, slices))
        for rendered in render(planned, request.look, source, object_places(series), progress)
    )


def _with_headers(chosen: tuple[Chosen[Ref], ...], slices: tuple[Slice, ...]) -> list[Chosen[Slice]]:
    return [
        Chosen(slice_, one.number, one.axis, one.time_key, one.centred)
        for one, slice_ in zip(chosen, slices, strict=True)
    ]


def _picture(
    request: Preview, series: Series[Ref], slices: Sequence[Slice], rendered: Rendered, progress: Counter
) -> Picture:
    objects = [slice_.instance for slice_ in slices]
    return Picture(
        pixels=rendered.canvases[0],
        frames=rendered.canvases if isinstance(request.view, Cine) else (),
        rate=request.output.rate or next((one.frame_rate for one in objects if one.frame_rate), DEFAULT_RATE),
        tiles=rendered.tiles,
        series=show_series(request.series),
        stacks=tuple(map(summarize, series.stacks)),
        remarks=tuple(progress.remarks),
        requests=progress.requests,
        bytes_read=progress.received,
        modality=next((one.modality for one in objects if one.modality), ""),
        description=next((one.series_description for one in objects if one.series_description), ""),
    )
