"""A small DICOMweb server over objects in memory, with switches for the bad habits of real ones.

It answers QIDO for series, metadata of series and objects, objects, and frames; it writes down what it was asked.
"""

from __future__ import annotations

import gzip
import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from threading import Event, Lock
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from attrs import field, frozen
from pydicom import Dataset, dcmread
from pydicom.encaps import generate_frames
from pydicom.pixels.utils import get_expected_length

from tests.support.servers import answering

_SERIES: Final = re.compile(r"/dicom-web/studies/([0-9.]+)/series/([0-9.]+)(?:/(.*))?")
_MAIN: Final = (
    "00080018",
    "0020000D",
    "0020000E",
    "00200013",
    "00200032",
    "00200037",
    "00080060",
    "00280008",
)
_WORDS: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_BOUNDARY: Final = "a-boundary-of-the-tests"
_ELSEWHERE: Final = "http://wrong.invalid/dicom-web/bulk"


@frozen
class Habits:
    """What the server does differently from one that does everything as the standard says."""

    no_words: bool = False
    """Metadata leave out all elements of OB, OW, UN and the like, also in sequences."""
    bulk_words: bool = False
    """Metadata tell of them by a BulkDataURI, absolute and of a host that is not there."""
    few_elements: bool = False
    """Metadata of a series have a handful of elements, without Rows."""
    no_own: bool = False
    """404 for metadata of one object."""
    guessed: bool = False
    """Metadata of a series repeat the first object's values wherever all objects have the element."""
    lost_boundary: bool = False
    """The Content-Type of parts does not name their boundary."""
    no_syntax: bool = False
    """Parts do not say in which transfer syntax they are."""
    syntax_within: bool = False
    """The transfer syntax stands in the quotes of the type alone, as `image/jpeg; transfer-syntax=…`."""
    single_part: bool = False
    """One object, or one frame, is the body itself."""
    no_frames: int = 0
    """The status of each request for frames."""
    cut_parts: bool = False
    """Parts with pixels lack their last byte, and do not tell their length."""
    extra_part: bool = False
    """One more part comes than was asked for."""
    nothing: bool = False
    """204 for metadata and searches."""
    unknown_study: bool = False
    """A search finds the series without the UID of its study."""
    authorization: str = ""
    """The field that each request has to have; else 401."""
    elsewhere: str = ""
    """Another server's address, to which requests for pixels are redirected."""
    silent: Event | None = None
    """Metadata wait for this before their first byte."""
    html: bool = False
    """A page of HTML for everything, with status 200."""
    object_of: Mapping[str, str] = field(factory=dict)
    """SOPInstanceUIDs for which the object of another one comes."""


@frozen
class Asked:
    """One request as it came."""

    path: str
    fields: dict[str, str]

    @property
    def kind(self) -> str:
        """search, metadata, metadata of one, object or frames."""
        behind = self.path.partition("/series/")[2].partition("/")[2]
        if "/frames/" in behind:
            return "frames"
        if behind.startswith("instances/"):
            return "metadata of one" if behind.endswith("/metadata") else "object"
        return "metadata" if behind else "search"


@frozen
class DicomWeb:
    """A running server; `root` is its DICOMweb address."""

    root: str
    asked: list[Asked]

    def kinds(self) -> dict[str, int]:
        """How many requests of each kind came."""
        found: dict[str, int] = {}
        for one in self.asked:
            found[one.kind] = found.get(one.kind, 0) + 1
        return found


@frozen
class _Object:
    data: bytes
    dataset: Dataset = field(init=False)
    uids: tuple[str, str, str] = field(init=False)

    @dataset.default
    def _read(self) -> Dataset:
        return dcmread(BytesIO(self.data), force=True)

    @uids.default
    def _named(self) -> tuple[str, str, str]:
        one = self.dataset
        return str(one.StudyInstanceUID), str(one.SeriesInstanceUID), str(one.SOPInstanceUID)

    def metadata(self, habits: Habits) -> dict[str, Any]:
        """In the DICOM JSON model, without pixel data."""
        told = Dataset()
        told.update({element.tag: element for element in self.dataset if element.tag < 0x7FE00008})
        whole: dict[str, Any] = told.to_json_dict()
        return _worded(whole, habits) if habits.no_words or habits.bulk_words else whole

    def frames(self) -> list[bytes]:
        """As they are stored."""
        pixels, syntax = self.dataset.PixelData, self.dataset.file_meta.TransferSyntaxUID
        count = int(self.dataset.get("NumberOfFrames") or 1)
        if syntax.is_encapsulated:
            return list(generate_frames(pixels, number_of_frames=count))
        length = get_expected_length(self.dataset, unit="bytes") // count
        return [pixels[start : start + length] for start in range(0, length * count, length)]


def _worded(dataset: dict[str, Any], habits: Habits) -> dict[str, Any]:
    found = {}
    for tag, element in dataset.items():
        if element["vr"] in _WORDS:
            if habits.bulk_words:
                found[tag] = {"vr": element["vr"], "BulkDataURI": f"{_ELSEWHERE}/{tag}"}
        elif element["vr"] == "SQ":
            found[tag] = {"vr": "SQ", "Value": [_worded(item, habits) for item in element.get("Value", [])]}
        else:
            found[tag] = element
    return found


@frozen
class _Site:
    objects: tuple[_Object, ...]
    habits: Habits
    asked: list[Asked]
    lock: Lock = field(factory=Lock)

    def of_series(self, study: str, series: str) -> list[_Object]:
        return [one for one in self.objects if one.uids[:2] == (study, series)]

    def series_metadata(self, objects: Sequence[_Object]) -> list[dict[str, Any]]:
        found = [one.metadata(self.habits) for one in objects]
        if self.habits.few_elements:
            return [{tag: one[tag] for tag in _MAIN if tag in one} for one in found]
        if self.habits.guessed:
            own = ("00080018", "00200013", "00200032")
            return [
                {tag: one[tag] if tag in own else found[0].get(tag, one[tag]) for tag in one} for one in found
            ]
        return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: _Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        pass

    def do_GET(self) -> None:
        asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
        habits = self.site.habits
        with self.site.lock:
            self.site.asked.append(asked)
        if habits.authorization and asked.fields.get("authorization") != habits.authorization:
            return self._send(401, b"", "text/plain", {"WWW-Authenticate": 'Basic realm="tests"'})
        if habits.html:
            return self._send(200, b"<!doctype html><title>Log in</title>", "text/html")
        if asked.kind in ("metadata", "metadata of one", "search"):
            if habits.silent is not None:
                habits.silent.wait(30)
            if habits.no_own and asked.kind == "metadata of one":
                return self._send(404, b"{}", "application/json")
            if habits.nothing:
                return self._send(204, b"", "")
            return self._tell(asked)
        if habits.elsewhere:
            return self._send(302, b"", "text/plain", {"Location": habits.elsewhere + self.path})
        return self._give(asked)

    def _tell(self, asked: Asked) -> None:
        found = _SERIES.fullmatch(urlsplit(self.path).path)
        if found is None:
            uid = parse_qs(urlsplit(self.path).query).get("SeriesInstanceUID", [""])[0]
            studies = {one.uids[0] for one in self.site.objects if one.uids[1] == uid}
            told = [
                {"0020000D": {"vr": "UI", "Value": [study]}, "0020000E": {"vr": "UI", "Value": [uid]}}
                for study in studies
            ]
            if self.site.habits.unknown_study:
                told = [{"0020000E": one["0020000E"]} for one in told]
            return self._json(asked, told) if told else self._send(204, b"", "")
        objects = self.site.of_series(found[1], found[2])
        if asked.kind == "metadata of one":
            uid = (found[3] or "").split("/")[1]
            told = [one.metadata(self.site.habits) for one in objects if one.uids[2] == uid]
        else:
            told = self.site.series_metadata(objects)
        return self._json(asked, told) if told else self._send(404, b"{}", "application/json")

    def _json(self, asked: Asked, told: object) -> None:
        body, more = json.dumps(told).encode(), {}
        if "gzip" in asked.fields.get("accept-encoding", ""):
            body, more = gzip.compress(body), {"Content-Encoding": "gzip"}
        self._send(200, body, "application/dicom+json", more)

    def _give(self, asked: Asked) -> None:
        if "transfer-syntax=*" not in asked.fields.get("accept", ""):
            return self._send(500, b"decoding is what servers die of", "text/plain")
        found = _SERIES.fullmatch(urlsplit(self.path).path)
        uid, _, frames = (found[3] if found else "").removeprefix("instances/").partition("/frames/")
        objects = self.site.of_series(found[1], found[2]) if found else []
        uid = self.site.habits.object_of.get(uid, uid)
        wanted = next((one for one in objects if one.uids[2] == uid), None)
        if wanted is None:
            return self._send(404, b"{}", "application/json")
        if not frames:
            return self._parts("application/dicom", "", [wanted.data])
        if self.site.habits.no_frames:
            return self._send(self.site.habits.no_frames, b"{}", "application/json")
        stored = wanted.frames()
        numbers = [int(number) - 1 for number in frames.split(",")]
        if not all(0 <= number < len(stored) for number in numbers):
            return self._send(400, b"{}", "application/json")
        syntax = wanted.dataset.file_meta.TransferSyntaxUID
        kind = "image/jpeg" if syntax.is_encapsulated else "application/octet-stream"
        return self._parts(kind, str(syntax), [stored[number] for number in numbers])

    def _parts(self, kind: str, syntax: str, bodies: list[bytes]) -> None:
        habits = self.site.habits
        bodies = [body[:-1] for body in bodies] if habits.cut_parts else bodies
        bodies = [*bodies, bodies[-1]] if habits.extra_part else bodies
        whole = f"{kind}; transfer-syntax={syntax}" if syntax and not habits.no_syntax else kind
        if habits.single_part and len(bodies) == 1:
            return self._send(200, bodies[0], whole)
        type_ = f'type="{whole if habits.syntax_within else kind}"'
        content_type = f"multipart/related; {type_}" + (
            "" if habits.lost_boundary else f"; boundary={_BOUNDARY}"
        )
        written = b""
        for body in bodies:
            length = "" if habits.cut_parts else f"Content-Length: {len(body)}\r\n"
            own = f"Content-Type: {kind if habits.syntax_within else whole}\r\n"
            if habits.syntax_within and syntax:
                own = f'Content-Type: multipart/related; type="{whole}"\r\n'
            written += f"--{_BOUNDARY}\r\n{own}{length}\r\n".encode() + body + b"\r\n"
        return self._send(200, written + f"--{_BOUNDARY}--\r\n".encode(), content_type)

    def _send(self, status: int, body: bytes, content_type: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (({"Content-Type": content_type} if content_type else {}) | (more or {})).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def dicomweb(
    objects: Sequence[bytes], habits: Habits | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[DicomWeb]:
    """A server with these objects."""
    site = _Site(tuple(map(_Object, objects)), habits or Habits(), [])
    handler: Callable[..., BaseHTTPRequestHandler] = partial(_Handler, site)
    with answering(handler, tls) as address:
        yield DicomWeb(f"{address}/dicom-web", site.asked)
