"""The straight line of a preview: find, read headers, order, plan, read pixels, compose, encode, write."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from time import monotonic

from returns.pipeline import is_successful
from returns.result import Failure, Result

from dicom_series_preview.core.ask.preview import IndexFile, Output, Preview
from dicom_series_preview.core.ask.roots import parse_root
from dicom_series_preview.core.ask.series_id import show_series
from dicom_series_preview.core.choose.plan import lay_out, plan
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.index import OtherSeries
from dicom_series_preview.core.index.read import (
    IndexedSlice,
    SeriesIndex,
    is_index_of,
    select,
)
from dicom_series_preview.core.order.series import Slice
from dicom_series_preview.core.show.tile import Shown
from dicom_series_preview.shell.outputs.encode import encode
from dicom_series_preview.shell.outputs.output import write_result
from dicom_series_preview.shell.progress import Counter, Progress
from dicom_series_preview.shell.run.render import render
from dicom_series_preview.shell.sources.folder import ObjectSource
from dicom_series_preview.shell.sources.index import IndexedSource
from dicom_series_preview.shell.sources.index_file import open_index
from dicom_series_preview.shell.sources.series import read_series
from dicom_series_preview.shell.storage.locate import Located, locate
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network

log = logging.getLogger("dicom_series_preview")


def preview(request: Preview, progress: Progress | None = None) -> Result[None, Fault]:
    """Carry out one request: the picture is at `request.output.path`, or the fault tells why not.

    The file is written whole or not at all.  `str()` of the fault says it in words.

    `progress` is told what is under way; see `shell.progress`.
    """
    progress = progress or Counter()
    return write_result(request.output.path, request.patience, progress, partial(_draw, request, progress))


def _draw(request: Preview, progress: Progress) -> Result[bytes, Fault]:
    """Everything but the writing."""
    patience = request.patience
    network = Network(patience.timeout, patience.concurrency, arrived=progress.arrived)
    canvas = (
        _from_folder(request, network, progress)
        if request.index is None
        else _from_index(request, request.index, network, progress)
    )
    return canvas.map(partial(_encode, request.output))


def _from_folder(request: Preview, network: Network, progress: Progress) -> Result[Shown, Fault]:
    """The picture of a series that is found by listing, and ordered by its headers."""
    progress.phase("listing")
    found = locate(request.series, request.root, network)
    if not is_successful(found):
        return Failure(found.failure())
    located = found.unwrap()
    log.info("found %s under %s", located.folder or located.series, located.root)
    source = ObjectSource(located, network.concurrency)
    return Result.do(
        canvas
        for series in read_series(located, source, progress)
        for planned in plan(request, series)
        for canvas in render(planned, source, network.concurrency, progress)
    )


def _from_index(
    request: Preview, file: IndexFile, network: Network, progress: Progress
) -> Result[Shown, Fault]:
    """The same picture by way of an index: nothing is listed, and only what is shown is fetched."""
    read = open_index(file.path)
    if not is_successful(read):
        return Failure(read.failure())
    index = read.unwrap()
    if not is_index_of(request.series, index):
        return Failure(OtherSeries(file.path, index.series, show_series(request.series)))
    opened = _located(index, file, network)
    if not is_successful(opened):
        return Failure(opened.failure())
    source = IndexedSource(opened.unwrap(), network.concurrency)
    return Result.do(
        canvas
        for chosen in select(request.view, index)
        for slices in _fetch(source, chosen, progress)
        for planned in lay_out(request, slices)
        for canvas in render(planned, source, network.concurrency, progress)
    )


def _fetch(
    source: IndexedSource, chosen: Sequence[IndexedSlice], progress: Progress
) -> Result[tuple[Slice, ...], Fault]:
    began, received = monotonic(), progress.received
    progress.phase("objects")
    slices = source.slices(chosen, progress)
    size, seconds = progress.received - received, monotonic() - began
    log.info("%d slices by way of the index, %s bytes, in %.2f s", len(chosen), f"{size:,}", seconds)
    return slices


def _located(index: SeriesIndex, file: IndexFile, network: Network) -> Result[Located, Fault]:
    """The series folder where the index says it is, or under the root that was given instead."""
    if file.root is None:
        parsed = parse_root(index.root)
        if not is_successful(parsed):
            return Failure(parsed.failure())
        root = parsed.unwrap()
    else:
        root = file.root
    return open_store(root, network).map(
        lambda store: Located(store, index.folder, index.series, store.place)
    )


def _encode(output: Output, canvas: Shown) -> bytes:
    began = monotonic()
    data = encode(canvas, output.encoder, output.quality)
    size = f"{canvas.shape[1]}x{canvas.shape[0]} px"
    log.info(
        "%s of %s, %s bytes, in %.2f s", output.encoder.name, size, f"{len(data):,}", monotonic() - began
    )
    return data
