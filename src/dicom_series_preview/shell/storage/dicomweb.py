"""A DICOMweb service (PS3.18) as a store of one series: metadata, objects, frames, each by one request."""

from __future__ import annotations

import netrc
import os
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from attrs import field, frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.dicomweb import WebSeries, show_address
from dicom_series_preview.core.ask.roots import DicomwebRoot, HttpRoot, show_root
from dicom_series_preview.core.dicomweb.addresses import (
    frames_address,
    is_addressable,
    metadata_address,
    object_address,
    object_metadata_address,
    search_address,
)
from dicom_series_preview.core.dicomweb.answers import FRAMES, JSON, OBJECT, BadAnswer
from dicom_series_preview.core.dicomweb.frames import WebFrame, most_bytes
from dicom_series_preview.core.dicomweb.json_model import Metadata
from dicom_series_preview.core.faults.objects import NotDicom
from dicom_series_preview.core.faults.series import NoSeries
from dicom_series_preview.core.faults.storage import (
    BadSetting,
    NotFound,
    StoreFailed,
    StoreFault,
)
from dicom_series_preview.core.header.elements import text
from dicom_series_preview.core.header.image_pixel import PixelFormat
from dicom_series_preview.core.header.raw import DataSet, Dictionary
from dicom_series_preview.core.header.values import read_elements
from dicom_series_preview.core.storage.entries import LIMITS, Chunk, Limits, Page
from dicom_series_preview.shell.storage.dicomweb_answers import (
    TOKEN,
    answered_frames,
    answered_metadata,
    answered_object,
)
from dicom_series_preview.shell.storage.store import Network
from dicom_series_preview.shell.storage.web_client import Ask, WebClient

FIRST_BYTE: Final = 60.0
"""Seconds that a server may take to begin with metadata: it reads all objects of the series first."""

LARGEST_OBJECT: Final = 1 << 30
"""Bytes of an object that are read, whatever its metadata say."""

_STUDY: Final = "StudyInstanceUID"
_STUDY_TAG: Final = 0x0020000D
_TOKEN: Final = re.compile(r"[!-~]+")


@frozen
class WebService:
    """One series at its service; a `Store` of its objects, and more.  Safe to use from many threads."""

    at: WebSeries
    _client: WebClient
    _limits: Limits = LIMITS
    _most: dict[str, int] = field(factory=dict, init=False, repr=False, eq=False)

    def bound(self, instance: str, most: int) -> None:
        """Take no more than so many bytes for an object."""
        self._most[instance] = most

    @property
    def place(self) -> str:
        """Where the objects are, for messages."""
        return f"{show_address(self.at)}/instances"

    def pages(self, folder: str) -> Iterator[Result[Page, StoreFault]]:  # noqa: ARG002
        """Nothing: objects are known by their metadata; see `Store.pages`."""
        return iter(())

    def names(self, prefix: str) -> Iterator[Result[tuple[str, ...], StoreFault]]:  # noqa: ARG002
        """Nothing; see `Store.names`."""
        return iter(())

    def read(self, name: str, start: int, stop: int | None) -> Result[Chunk, StoreFault]:
        """A range of an object, which comes whole; see `Store.read`."""
        return (
            self.whole(name)
            .map(lambda data: Chunk(data[start:stop], len(data)))
            .alt(
                lambda fault: StoreFailed(fault.place, fault.reason) if isinstance(fault, NotDicom) else fault
            )
        )

    def metadata(self, dictionary: Dictionary) -> Result[tuple[Metadata, ...], StoreFault]:
        """Those of all objects, in no order; none where the series is not there."""
        return _metadata(self._client, metadata_address(self.at), dictionary, self._limits)

    def metadata_of(self, instance: str, dictionary: Dictionary) -> Result[Metadata, StoreFault | NotDicom]:
        """Those of one object, which servers give in full whatever they give of a series."""
        missing = NotFound(object_address(self.at, instance))
        told = _metadata(self._client, object_metadata_address(self.at, instance), dictionary, self._limits)
        return told.bind(lambda found: Success(found[0]) if len(found) == 1 else Failure(missing))

    def whole(self, instance: str) -> Result[bytes, StoreFault | NotDicom]:
        """One object as it is stored."""
        address = object_address(self.at, instance)
        most = min(self._most.get(instance, LARGEST_OBJECT), LARGEST_OBJECT)
        return Result.do(
            found
            for answer in self._client.ask(_ask(address, OBJECT, most))
            for found in answered_object(address, most, answer)
        )

    def frames(
        self, instance: str, fmt: PixelFormat, numbers: Sequence[int]
    ) -> Result[Result[tuple[WebFrame, ...], BadAnswer], StoreFault]:
        """Frames (0-based) as they are stored; `BadAnswer` where only the object will do."""
        address = frames_address(self.at, instance, numbers)
        asked = self._client.ask(_ask(address, FRAMES, most_bytes(fmt, len(numbers))))
        return asked.bind(partial(answered_frames, address, fmt, len(numbers)))


def open_service(at: WebSeries, network: Network) -> Result[WebService, StoreFault]:
    """Open the service of a series; nothing is asked yet."""
    return _client(at.service, network).map(lambda client: WebService(at, client, network.limits))


def find_series(
    service: HttpRoot, series: str, network: Network
) -> Result[WebService, StoreFault | NoSeries]:
    """Search a service for the study of a series (QIDO-RS)."""
    address = search_address(service, series)
    return Result.do(
        WebService(WebSeries(service, study, series), client, network.limits)
        for client in _client(service, network)
        for found in _metadata(client, address, _StudyAlone(), network.limits)
        for _ in _or_missing(found, NoSeries(series, show_root(DicomwebRoot(service))))
        for study in _one_study(address, found)
    )


def _or_missing(found: Sequence[Metadata], missing: NoSeries) -> Result[None, NoSeries]:
    return Success(None) if found else Failure(missing)


def _one_study(address: str, found: Sequence[Metadata]) -> Result[str, StoreFailed]:
    """The StudyInstanceUID that a search has found."""
    read = (
        read_elements(one.elements, lambda _, tag: _STUDY if tag == _STUDY_TAG else None) for one in found
    )
    studies = {study for one in read if (study := text(one, _STUDY)) is not None and is_addressable(study)}
    if len(studies) != 1:
        which = "several studies" if studies else "no study"
        return Failure(StoreFailed(address, f"the server names {which} for it: give its whole address."))
    return Success(studies.pop())


class _StudyAlone:
    """Of an answer to a search one element is read."""

    @staticmethod
    def standard(tag: int) -> str | None:
        return "UI" if tag == _STUDY_TAG else None

    @staticmethod
    def private(tag: int, around: DataSet) -> str | None:  # noqa: ARG004  nothing private is
        return None


def _metadata(
    client: WebClient, address: str, dictionary: Dictionary, limits: Limits
) -> Result[tuple[Metadata, ...], StoreFault]:
    asked = client.ask(_ask(address, JSON, limits.metadata))
    return asked.bind(partial(answered_metadata, address, dictionary, limits.metadata))


def _ask(address: str, accept: str, most: int) -> Ask:
    """A request for at most so many bytes; what is asked of frames is settled, and metadata are worth waiting
    and unpacking for.
    """
    told = accept == JSON
    return Ask(
        "GET",
        address,
        stop=most,
        quiet=True,
        headers={"Accept": accept},
        gzip=told,
        settled=accept == FRAMES,
        first_byte=FIRST_BYTE if told else None,
    )


def _client(service: HttpRoot, network: Network) -> Result[WebClient, BadSetting]:
    """With the login of the address, else the token of the environment, else what ~/.netrc has for the host."""
    token = os.environ.get(TOKEN, "").strip() or None
    if service.login is not None:
        return Success(WebClient(network, service.login, stays=True))
    if token is None:
        return _netrc(service).map(lambda login: WebClient(network, login, stays=True))
    if not _TOKEN.fullmatch(token):
        problem = f"{TOKEN} is no token: it holds blanks or characters that no token has"
        return Failure(BadSetting(show_root(DicomwebRoot(service)), problem))
    return Success(WebClient(network, token=token, stays=True))


def _netrc(service: HttpRoot) -> Result[str | None, BadSetting]:
    try:
        known = netrc.netrc(os.environ.get("NETRC")).authenticators(
            urlsplit(f"//{service.authority}").hostname or ""
        )
    except FileNotFoundError:
        return Success(None)
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        # Without the parser's words, which may quote a password.
        return Failure(BadSetting(show_root(DicomwebRoot(service)), "~/.netrc cannot be read"))
    return Success(None if known is None else f"{known[0]}:{known[2]}")
