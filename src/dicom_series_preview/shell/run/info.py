"""The straight line of `info`: open the source, order, sum up."""

from __future__ import annotations

from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.preview import Preview
from dicom_series_preview.core.ask.series_id import show_series
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.series import NoPixels
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.info import SeriesInfo, series_info
from dicom_series_preview.core.order.series import Ref, Series, Slice
from dicom_series_preview.shell.outputs.output import finished
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.sources.open_source import open_source
from dicom_series_preview.shell.sources.source import Source
from dicom_series_preview.shell.storage.store import watched_network


def series_told(request: Preview, progress: Counter) -> Result[SeriesInfo, Fault]:
    """What the series of a request is; no pixels are read."""
    network = watched_network(request.patience, progress)
    return finished(
        request.patience,
        progress,
        lambda: open_source(request, network, progress).bind(lambda source: _told(request, source, progress)),
    )


def _told(request: Preview, source: Source, progress: Counter) -> Result[SeriesInfo, Fault]:
    return Result.do(
        series_info(show_series(request.series), objects, _slices(series, objects), progress.remarks)
        for series in source.order().lash(_without_pictures)
        for objects in source.objects()
    )


def _without_pictures(fault: Fault) -> Result[Series[Ref], Fault]:
    """A series of reports is one as well."""
    return Success(Series(())) if isinstance(fault, NoPixels) else Failure(fault)


def _slices(series: Series[Ref], objects: tuple[Instance, ...]) -> Series[Slice]:
    named = {one.name: one for one in objects}
    return series.map(lambda ref: Slice(named[ref.name], named[ref.name].frames[ref.frame]))
