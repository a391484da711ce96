"""The straight line of `headers`: find, read whole headers, order, choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.preview import Preview
from dicom_series_preview.core.ask.tags import TagPattern
from dicom_series_preview.core.ask.views import Single
from dicom_series_preview.core.choose.pick import choose
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.faults.request import BadOptions, OutOfRange
from dicom_series_preview.core.header.dicom_json import header_json, show_json
from dicom_series_preview.core.header.elements import Element
from dicom_series_preview.core.header.instance import Instance
from dicom_series_preview.core.order.membership import images, one_series
from dicom_series_preview.core.order.stacks import in_reading_order
from dicom_series_preview.shell.dicom.dictionary import is_keyword, name_of
from dicom_series_preview.shell.dicom.header_table import read_header
from dicom_series_preview.shell.outputs.output import finished
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.header_reader import Gathered, MakeOfHeader
from dicom_series_preview.shell.sources.series import put_in_order, some_readable
from dicom_series_preview.shell.sources.whole_headers import read_whole_headers
from dicom_series_preview.shell.storage.locate import Located
from dicom_series_preview.shell.storage.store import watched_network


@frozen
class _Told:
    """An object, and its header as text."""

    instance: Instance
    text: str


def series_headers(
    request: Preview, tags: Sequence[TagPattern], progress: Progress
) -> Result[tuple[str, ...], Fault]:
    """The header of each object in the DICOM JSON model, in reading order; of one where the view is a single one.

    With `tags` only the elements that one of them fits.
    """
    unknown = [pattern for pattern in tags if pattern.keyword and not is_keyword(pattern.text)]
    if unknown:
        allowed = "a keyword of the DICOM data dictionary, like SliceThickness, or a tag"
        return Failure(BadOptions(tuple(OutOfRange("--tag", one.given, allowed) for one in unknown)))
    return finished(request.patience, progress, lambda: _headers(request, tags, progress))


def _headers(
    request: Preview, tags: Sequence[TagPattern], progress: Progress
) -> Result[tuple[str, ...], Fault]:
    network = watched_network(request.patience, progress)
    read = read_whole_headers(request.series, request.root, network, progress, partial(_maker, tags))
    return read.bind(lambda both: _chosen(request, *both, progress))


def _chosen(
    request: Preview, located: Located, told: Gathered[_Told], progress: Progress
) -> Result[tuple[str, ...], Fault]:
    """The texts of the objects that were asked for."""
    texts = {one.instance.name: one.text for one in told.made}
    instances = [one.instance for one in told.made]
    return Result.do(
        tuple(texts[name] for name in names)
        for _ in some_readable(told)
        for objects in one_series(located.series, instances, located.only, len(told.foreign))
        for names in _names(request, located.series, objects, progress)
    )


def _maker(tags: Sequence[TagPattern], utf_8: bool) -> MakeOfHeader[_Told]:
    return lambda instance, header: _Told(instance, _text(read_header(header, utf_8=utf_8), tags))


def _text(elements: Mapping[int, Element], tags: Sequence[TagPattern]) -> str:
    wanted = {
        tag: element
        for tag, element in elements.items()
        if not tags or any(pattern.fits(tag, name_of(tag)) for pattern in tags)
    }
    return show_json(header_json(wanted))


def _names(
    request: Preview, place: str, objects: Sequence[Instance], progress: Progress
) -> Result[tuple[str, ...], Fault]:
    """The objects that were asked for, by their names."""
    shown = images(place, objects)
    if isinstance(request.view, Single):
        return Result.do(
            tuple(one.item.instance.name for one in chosen)
            for pictures in shown
            for chosen in choose(request.view, put_in_order(pictures, progress))
        )
    series = put_in_order(shown.value_or(()), progress)
    return Success(tuple(one.name for one in in_reading_order(objects, series)))
