"""What a DICOMweb service tells of a series -> the rows of its index."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.dicomweb import folder_of
from dicom_series_preview.core.ask.roots import DicomwebRoot, show_root
from dicom_series_preview.core.dicomweb.instances import read_metadata_instance
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.header.scan import Header
from dicom_series_preview.core.index.build import Row
from dicom_series_preview.core.remarks import NotTold
from dicom_series_preview.shell.dicom.dictionary import Everything, name_of
from dicom_series_preview.shell.dicom.header_table import HeaderTable
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.dicomweb import DicomwebSource
from dicom_series_preview.shell.sources.header_reader import Gathered
from dicom_series_preview.shell.storage.dicomweb import WebService
from dicom_series_preview.shell.storage.locate import Located


def located_at(service: WebService) -> Located:
    """Where the series of a service is, as an index tells it."""
    at = service.at
    return Located(service, folder_of(at), at.series, show_root(DicomwebRoot(at.service)), at.series)


def told_rows(
    service: WebService, threads: int, limit: int | None, progress: Progress
) -> Result[Gathered[Row], Fault]:
    """Rows of metadata, which tell neither the transfer syntax nor, mostly, the values of OB, OW and UN."""
    table = HeaderTable(utf_8=True)
    told = DicomwebSource(service, threads, progress).metadata(Everything())
    if not is_successful(told):
        return Failure(told.failure())
    read = told.unwrap()
    known = sorted(read.made, key=itemgetter(0))[:limit]
    missed = Counter(tag for _, metadata in known for tag in metadata.untold)
    for tag, count in sorted(missed.items()):
        progress.remark(NotTold(name_of(tag), count))
    rows = tuple(
        Row(read_metadata_instance(name, metadata), table.cells(Header(metadata.elements, (), "", None, 0)))
        for name, metadata in known
    )
    return Success(Gathered(rows, (), read.failed))
