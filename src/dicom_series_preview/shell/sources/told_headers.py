"""What a DICOMweb service tells of a series: all its metadata, and what is made of each object's."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter

from returns.result import Result

from dicom_series_preview.core.ask.dicomweb import folder_of
from dicom_series_preview.core.ask.roots import DicomwebRoot, show_root
from dicom_series_preview.core.dicomweb.instances import read_metadata_instance
from dicom_series_preview.core.dicomweb.json_model import Metadata
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.header.scan import Header
from dicom_series_preview.core.remarks import NotTold
from dicom_series_preview.shell.dicom.dictionary import Everything, name_of
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.dicomweb import DicomwebSource
from dicom_series_preview.shell.sources.header_reader import Gathered, Made, MakeOfHeader
from dicom_series_preview.shell.storage.dicomweb import WebService
from dicom_series_preview.shell.storage.locate import Located


def located_at(service: WebService) -> Located:
    """Where the series of a service is, as an index tells it."""
    at = service.at
    return Located(service, folder_of(at), at.series, show_root(DicomwebRoot(at.service)), at.series)


def told_headers(
    service: WebService, threads: int, progress: Progress, make: MakeOfHeader[Made], limit: int | None
) -> Result[Gathered[Made], Fault]:
    """What is made of metadata; these tell neither transfer syntax nor, mostly, the values of OB, OW and UN."""
    told = DicomwebSource(service, threads, progress).metadata(Everything())
    return told.map(lambda read: _made(read, progress, make, limit))


def _made(
    read: Gathered[tuple[str, Metadata]], progress: Progress, make: MakeOfHeader[Made], limit: int | None
) -> Gathered[Made]:
    known = sorted(read.made, key=itemgetter(0))[:limit]
    missed = Counter(tag for _, metadata in known for tag in metadata.untold)
    for tag, count in sorted(missed.items()):
        progress.remark(NotTold(name_of(tag), count))
    made = tuple(
        make(read_metadata_instance(name, metadata), Header(metadata.elements, (), "", None, 0))
        for name, metadata in known
    )
    return Gathered(made, (), read.failed)
