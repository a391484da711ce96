"""What was asked for -> the source of its series: a folder that was found, a DICOMweb service, or an index.

What a kind of source needs is loaded when there is one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from returns.result import Result

from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.preview import Preview
from dicom_series_preview.core.ask.roots import DicomwebRoot, Root
from dicom_series_preview.core.ask.series_id import DicomUid, SeriesId
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.source import Source
from dicom_series_preview.shell.storage.locate import Located, locate
from dicom_series_preview.shell.storage.store import Network

if TYPE_CHECKING:
    from dicom_series_preview.shell.storage.dicomweb import WebService


def open_source(request: Preview, network: Network, progress: Progress) -> Result[Source, Fault]:
    """Find the series; of its objects nothing is read yet."""
    if request.index is not None:
        from dicom_series_preview.shell.sources.open_indexed import open_indexed

        return open_indexed(request.index, request, network, progress)
    progress.phase("listing")
    service = find_service(request.series, request.root, network, progress)
    if service is not None:
        from dicom_series_preview.shell.sources.dicomweb import DicomwebSource

        return service.map(lambda found: DicomwebSource(found, network.concurrency, progress))
    return locate(request.series, request.root, network).map(partial(_folder_source, network, progress))


def _folder_source(network: Network, progress: Progress, located: Located) -> Source:
    progress.say(f"found {located.folder or located.series} under {located.root}")
    return FolderSource(located, network.concurrency, progress)


def find_service(
    series: SeriesId, root: Root, network: Network, progress: Progress
) -> Result[WebService, Fault] | None:
    """A series at a DICOMweb service; None for one that lies elsewhere."""
    match series, root:
        case WebSeries(), _:
            from dicom_series_preview.shell.storage.dicomweb import open_service

            return open_service(series, network)
        case DicomUid(text=uid), DicomwebRoot(service=service):
            from dicom_series_preview.shell.storage.dicomweb import find_series

            progress.asked()
            return find_series(service, uid, network)
        case _:
            return None
