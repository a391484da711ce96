"""Series at DICOMweb servers (PS3.18): the addresses that a user may give for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.roots import DicomwebRoot, HttpRoot, parse_root, show_root
from dicom_series_preview.core.faults.request import BadSeriesId

_ADDRESS: Final = re.compile(r"(dicomweb\+)?(https?://.*)", re.IGNORECASE | re.DOTALL)
_SERIES: Final = re.compile(
    r"(.*)/studies/([0-9.]{1,64})/series/([0-9.]{1,64})(?:/(?:metadata|rendered|thumbnail))?/?", re.DOTALL
)
_INSTANCE: Final = re.compile(r".*/studies/[0-9.]+/series/[0-9.]+/instances(?:/.*)?", re.DOTALL)
_STUDY: Final = re.compile(r".*/studies(?:/.*)?", re.DOTALL)
_UID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")


@frozen
class WebSeries:
    """A series at a DICOMweb service."""

    service: HttpRoot
    study: str
    """StudyInstanceUID."""
    series: str
    """SeriesInstanceUID."""


@frozen
class ViewerPage:
    """A viewer's page that shows one series: which service it takes it from only the viewer knows."""

    page: HttpRoot
    study: str
    series: str


def read_address(text: str) -> Result[WebSeries | ViewerPage, BadSeriesId] | None:
    """The series that an address names by its path, or by a viewer's query; None where it names none.

    Refused are the address of a study or of one object, and a page that shows several series.

    >>> read_address("https://host/dicom-web/studies/1.2/series/1.3/metadata").unwrap().series
    '1.3'
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        return None
    try:
        url = urlsplit(found[2])
    except ValueError:
        return None
    certain = found[1] is not None
    path = _SERIES.fullmatch(url.path)
    if path is not None and _UID.fullmatch(path[2]) and _UID.fullmatch(path[3]):
        service = _service(url._replace(path=path[1], query="", fragment="").geturl())
        return service.map(lambda at: WebSeries(at, path[2], path[3])).alt(
            lambda problem: BadSeriesId(text, problem)
        )
    studies, series = _queried(url)
    if series:
        return _viewer(text, url, studies, series, certain)
    if _INSTANCE.fullmatch(url.path):
        return Failure(
            BadSeriesId(text, "it names objects of a series: leave out what follows the series' UID")
        )
    if studies or (certain and _STUDY.fullmatch(url.path)):
        return Failure(BadSeriesId(text, "it names a study and no series of it: …/studies/UID/series/UID"))
    if certain:
        return Failure(BadSeriesId(text, "it names a service and no series: …/studies/UID/series/UID"))
    return None


def show_address(series: WebSeries) -> str:
    """The address of a series, without its login; `read_address` reads it back (PS3.18 10.1)."""
    return f"{show_root(series.service)}/{folder_of(series)}"


def folder_of(series: WebSeries) -> str:
    """Where a series is below its service: the path that an index of it remembers."""
    return f"studies/{series.study}/series/{series.series}"


def series_below(root: DicomwebRoot, folder: str) -> WebSeries | None:
    """The series that `folder_of` shows; None for any other path."""
    match folder.split("/"):
        case ["studies", study, "series", series] if _UID.fullmatch(study) and _UID.fullmatch(series):
            return WebSeries(root.service, study, series)
        case _:
            return None


def at_service(page: ViewerPage, service: HttpRoot | None) -> WebSeries | None:
    """The series of a viewer's page, at a service of the same server; None where that is another or none."""
    if service is None or (service.scheme, service.authority) != (page.page.scheme, page.page.authority):
        return None
    return WebSeries(service, page.study, page.series)


def _viewer(
    text: str, url: SplitResult, studies: Sequence[str], series: Sequence[str], certain: bool
) -> Result[WebSeries | ViewerPage, BadSeriesId]:
    if len(series) > 1 or len(studies) > 1:
        return Failure(BadSeriesId(text, "it names several series, and one is shown at a time"))
    if not studies or not all(_UID.fullmatch(uid) for uid in (*studies, *series)):
        return Failure(BadSeriesId(text, "StudyInstanceUIDs and SeriesInstanceUIDs hold one DICOM UID each"))
    page = _service(url._replace(query="", fragment="").geturl())
    kind = WebSeries if certain else ViewerPage
    return page.map(lambda at: kind(at, studies[0], series[0])).alt(
        lambda problem: BadSeriesId(text, problem)
    )


def _queried(url: SplitResult) -> tuple[list[str], list[str]]:
    """The UIDs of studies and series that a query names; a viewer's page may have it behind a #."""
    query = url.query or url.fragment.partition("?")[2]
    named: dict[str, list[str]] = {"studyinstanceuid": [], "seriesinstanceuid": []}
    for key, value in parse_qsl(query):
        uids = named.get(key.lower().removesuffix("s"))
        if uids is not None:
            uids.extend(uid.strip() for uid in value.split(","))
    return named["studyinstanceuid"], named["seriesinstanceuid"]


def _service(address: str) -> Result[HttpRoot, str]:
    parsed = parse_root(address).alt(lambda error: error.problem)
    return parsed.bind(
        lambda root: (
            Success(root)
            if isinstance(root, HttpRoot)
            else Failure("it is a bucket, and no DICOMweb service")
        )
    )
