"""The straight line from a source to a picture: order, choose, plan, render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from returns.result import Result

from dicom_series_preview.core.ask.look import Look
from dicom_series_preview.core.ask.preview import Preview
from dicom_series_preview.core.ask.series_id import show_series
from dicom_series_preview.core.ask.views import Cine
from dicom_series_preview.core.choose.pick import Chosen, choose
from dicom_series_preview.core.choose.plan import Plan, plan
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.order.report import summarize
from dicom_series_preview.core.order.series import Ref, Series, Slice, object_places
from dicom_series_preview.shell.outputs.animate import DEFAULT_RATE
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.sources.source import Source
from dicom_series_preview.shell.workers import MEMORY, Memory

if TYPE_CHECKING:
    from dicom_series_preview.shell.outputs.picture import Picture
    from dicom_series_preview.shell.run.render import Rendered


def draw(
    request: Preview, source: Source, progress: Counter, memory: Memory = MEMORY
) -> Result[Picture, Fault]:
    """The straight line from a source to a picture."""
    return Result.do(
        _picture(request, series, slices, rendered, progress)
        for series in source.order()
        for chosen in choose(request.view, series)
        for slices in source.slices([one.item for one in chosen])
        for planned in plan(request, _with_headers(chosen, slices))
        for rendered in _render(planned, request.look, source, object_places(series), progress, memory)
    )


def _render(
    planned: Plan, look: Look, source: Source, places: Mapping[str, int], progress: Counter, memory: Memory
) -> Result[Rendered, Fault]:
    from dicom_series_preview.shell.run.render import render

    return render(planned, look, source, places, progress, memory)


def _with_headers(chosen: tuple[Chosen[Ref], ...], slices: tuple[Slice, ...]) -> list[Chosen[Slice]]:
    return [
        Chosen(slice_, one.number, one.axis, one.time_key, one.centred)
        for one, slice_ in zip(chosen, slices, strict=True)
    ]


def _picture(
    request: Preview, series: Series[Ref], slices: Sequence[Slice], rendered: Rendered, progress: Counter
) -> Picture:
    from dicom_series_preview.shell.outputs.picture import Picture

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
