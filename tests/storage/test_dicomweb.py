"""The client of a DICOMweb service against servers with habits of their own: what comes, or in which words not."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
import trustme
from attrs import evolve
from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.ask.dicomweb import WebSeries
from dicom_series_preview.core.ask.roots import DicomwebRoot, HttpRoot, parse_root
from dicom_series_preview.core.dicomweb.frames import WebFrame
from dicom_series_preview.core.dicomweb.json_model import Metadata
from dicom_series_preview.core.header.values import read_elements
from dicom_series_preview.core.storage.entries import Limits
from dicom_series_preview.shell.dicom.dictionary import Everything, name_of
from dicom_series_preview.shell.storage.dicomweb import WebService, find_series, open_service
from dicom_series_preview.shell.storage.store import Network
from property_tests.formats import pixel_format
from tests.support.dicom import default_pixels, make_object, uid_for
from tests.support.dicomweb import DicomWeb, Habits, dicomweb
from tests.support.orthanc import basic
from tests.support.scripted import Reply, scripted

STUDY, SERIES = uid_for("study"), uid_for("series")
LITTLE = "1.2.840.10008.1.2.1"
EVERYTHING = Everything()


def _objects(count: int = 3) -> list[bytes]:
    return [
        make_object(
            position=(0.0, 0.0, float(number)),
            StudyInstanceUID=STUDY,
            SeriesInstanceUID=SERIES,
            SOPInstanceUID=f"{SERIES}.{number}",
            InstanceNumber=number,
        )
        for number in range(count)
    ]


def _root(server: DicomWeb, login: str | None = None) -> HttpRoot:
    root = parse_root(server.root).unwrap()
    assert isinstance(root, HttpRoot)
    return evolve(root, login=login)


def _open(server: DicomWeb, login: str | None = None) -> WebService:
    return open_service(WebSeries(_root(server, login), STUDY, SERIES), Network(retries=0)).unwrap()


def _values(metadata: Metadata, name: str) -> tuple[object, ...]:
    return read_elements(metadata.elements, lambda _, tag: name_of(tag))[name].values


def _words(outcome: Result[object, object]) -> str:
    assert not is_successful(outcome)
    return str(outcome.failure())


@pytest.fixture(autouse=True)
def _no_logins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DICOMWEB_TOKEN", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


@pytest.mark.parametrize("packed", [True, False])
def test_metadata_that_do_not_end_are_told_as_that(packed: bool) -> None:
    body = b"[" + b'{"00080018":{"vr":"UI","Value":["1.2"]}},' * 10_000
    body, fields = (gzip.compress(body), {"Content-Encoding": "gzip"}) if packed else (body, {})
    with scripted(lambda _: Reply(200, body, fields)) as server:
        root = parse_root(f"dicomweb+{server.url}").unwrap()
        assert isinstance(root, DicomwebRoot)
        network = Network(retries=0, limits=Limits(metadata=50_000))
        opened = open_service(WebSeries(root.service, STUDY, SERIES), network).unwrap()
        words = _words(opened.metadata(EVERYTHING))
    assert ("too large" if packed else "too long") in words


def test_metadata_come_by_gzip_and_pixels_do_not() -> None:
    with dicomweb(_objects()) as server:
        service = _open(server)
        told = service.metadata(EVERYTHING).unwrap()
        whole = service.whole(f"{SERIES}.1").unwrap()
        one = service.metadata_of(f"{SERIES}.2", EVERYTHING).unwrap()
    assert sorted(str(_values(found, "SOPInstanceUID")[0]) for found in told) == [
        f"{SERIES}.{n}" for n in range(3)
    ]
    assert whole == _objects()[1]
    assert _values(one, "InstanceNumber") == ("2",)
    assert [(asked.kind, asked.fields["accept-encoding"]) for asked in server.asked] == [
        ("metadata", "gzip"),
        ("object", "identity"),
        ("metadata of one", "gzip"),
    ]
    assert all(
        "transfer-syntax=*" in asked.fields["accept"] for asked in server.asked if asked.kind == "object"
    )


def test_a_search_finds_the_study() -> None:
    with dicomweb(_objects()) as server:
        found = find_series(_root(server), SERIES, Network()).unwrap()
        missing = find_series(_root(server), "1.2.3", Network())
    assert found.at == WebSeries(_root(server), STUDY, SERIES)
    assert f"There is no series 1.2.3 under dicomweb+{server.root}" in _words(missing)
    with dicomweb(_objects(), Habits(unknown_study=True)) as server:
        nameless = find_series(_root(server), SERIES, Network())
    assert "names no study for it: give its whole address" in _words(nameless)


FMT = pixel_format(rows=4, columns=6, number_of_frames=3)


def _frames_object() -> bytes:
    frames = [default_pixels() + number for number in range(3)]
    return make_object(
        pixels=np.stack(frames),
        StudyInstanceUID=STUDY,
        SeriesInstanceUID=SERIES,
        SOPInstanceUID="1.2.3",
        NumberOfFrames=3,
    )


FRAMES = tuple(WebFrame(LITTLE, (default_pixels() + number).astype("<u2").tobytes()) for number in range(3))


@pytest.mark.parametrize(
    "habits",
    [
        Habits(),
        Habits(lost_boundary=True),
        Habits(no_syntax=True),
        Habits(syntax_within=True),
        Habits(bulk_words=True),
    ],
)
def test_frames_come_in_one_request_in_the_order_asked_for(habits: Habits) -> None:
    with dicomweb([_frames_object()], habits) as server:
        found = _open(server).frames("1.2.3", FMT, (2, 0)).unwrap().unwrap()
        alone = _open(server).frames("1.2.3", FMT, (1,)).unwrap().unwrap()
    assert (found, alone) == ((FRAMES[2], FRAMES[0]), (FRAMES[1],))
    assert server.kinds() == {"frames": 2}


def test_a_single_frame_may_be_the_body_itself() -> None:
    with dicomweb([_frames_object()], Habits(single_part=True)) as server:
        assert _open(server).frames("1.2.3", FMT, (1,)).unwrap().unwrap() == (FRAMES[1],)
        assert _open(server).whole("1.2.3").unwrap() == _frames_object()


@pytest.mark.parametrize(
    ("habits", "words"),
    [
        (Habits(no_frames=500), "it is HTTP 500"),
        (Habits(no_frames=400), "it is HTTP 400"),
        (Habits(cut_parts=True), "a frame has 47 bytes where 48 were expected"),
        (Habits(extra_part=True), "it has 2 parts where 1 were asked for"),
        (Habits(html=True), "it does not tell in which transfer syntax a frame is"),
    ],
)
def test_frames_that_are_none_are_refused_at_once(habits: Habits, words: str) -> None:
    with dicomweb([_frames_object()], habits) as server:
        service = open_service(WebSeries(_root(server), STUDY, SERIES), Network()).unwrap()
        assert words in service.frames("1.2.3", FMT, (1,)).unwrap().failure().problem
    assert server.kinds() == {"frames": 1}


def test_a_page_is_no_metadata() -> None:
    with dicomweb(_objects(), Habits(html=True)) as server:
        words = _words(_open(server).metadata(EVERYTHING))
    assert "it is not JSON (text/html). Is it the address of a DICOMweb service?" in words


def test_nothing_is_no_object() -> None:
    with dicomweb(_objects(), Habits(nothing=True)) as server:
        assert _open(server).metadata(EVERYTHING).unwrap() == ()
        assert "There is nothing at" in _words(_open(server).metadata_of("1.2", EVERYTHING))
    with dicomweb(_objects()) as server:
        assert "There is nothing at" in _words(_open(server).whole("9.9"))


Way = Callable[[pytest.MonkeyPatch, Path, DicomWeb], str | None]


def _by_token(patch: pytest.MonkeyPatch, _: Path, __: DicomWeb) -> None:
    patch.setenv("DICOMWEB_TOKEN", " a.token \n")


def _by_netrc(patch: pytest.MonkeyPatch, folder: Path, _: DicomWeb) -> None:
    (folder / "own").write_text("machine 127.0.0.1 login user password secret\n")
    (folder / "own").chmod(0o600)
    patch.setenv("NETRC", str(folder / "own"))


def _by_address(patch: pytest.MonkeyPatch, folder: Path, server: DicomWeb) -> str:
    _by_token(patch, folder, server)  # what stands in the address is meant
    return "user:secret"


@pytest.mark.parametrize(
    ("way", "field"),
    [(_by_token, "Bearer a.token"), (_by_netrc, basic("user:secret")), (_by_address, basic("user:secret"))],
)
def test_a_login_goes_to_its_origin_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: Way, field: str
) -> None:
    with dicomweb(_objects()) as other:
        elsewhere = other.root.removesuffix("/dicom-web")
        with dicomweb(_objects(), Habits(authorization=field, elsewhere=elsewhere)) as server:
            service = _open(server, way(monkeypatch, tmp_path, server))
            assert len(service.metadata(EVERYTHING).unwrap()) == 3
            words = _words(service.whole(f"{SERIES}.1"))
    assert f"the server points to another, {elsewhere}: give the address there" in words
    assert other.asked == []
    assert not any(secret in f"{service!r} {words}" for secret in ("secret", "a.token"))


def test_without_a_login_the_words_say_how_to_give_one() -> None:
    with dicomweb(_objects(), Habits(authorization="Bearer x")) as server:
        words = _words(_open(server).metadata(EVERYTHING))
    assert "was denied (HTTP 401). Put a bearer token into DICOMWEB_TOKEN" in words


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "é"])
def test_a_token_that_is_none_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("DICOMWEB_TOKEN", token)
    words = _words(open_service(WebSeries(HttpRoot("http", "host"), STUDY, SERIES), Network()))
    assert words.startswith("dicomweb+http://host cannot be opened: DICOMWEB_TOKEN is no token")
    assert token not in words


def test_a_netrc_that_cannot_be_read_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own").write_text("machine host login user secret\n")
    (tmp_path / "own").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "own"))
    words = _words(open_service(WebSeries(HttpRoot("http", "host"), STUDY, SERIES), Network()))
    assert "~/.netrc cannot be read" in words
    assert "secret" not in words


@pytest.mark.parametrize("secure", [False, True])
def test_a_server_may_take_its_time_before_metadata(
    secure: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Longer than any other answer may, and meanwhile it counts as progress; over TLS as well."""
    speak = threading.Event()
    beats: list[int] = []

    def arrived(size: int) -> None:
        beats.append(size)
        speak.set()

    context = None
    if secure:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
    with dicomweb(_objects(), Habits(silent=speak), context) as server:
        # Shorter than a second, after which waiting counts as progress: the server speaks after the timeout.
        network = Network(timeout=0.5, retries=0, arrived=arrived)
        service = open_service(WebSeries(_root(server), STUDY, SERIES), network).unwrap()
        began = monotonic()
        assert len(service.metadata(EVERYTHING).unwrap()) == 3
    assert beats[0] == 0
    assert monotonic() - began > network.timeout


def test_an_object_that_goes_on_is_given_up() -> None:
    """Beyond what its metadata speak of nothing is read."""
    with dicomweb(_objects()) as server:
        service = _open(server)
        service.bound(f"{SERIES}.1", 100)
        assert "it has more than the 100 bytes that its metadata speak of" in _words(
            service.whole(f"{SERIES}.1")
        )
        assert is_successful(service.whole(f"{SERIES}.2"))
