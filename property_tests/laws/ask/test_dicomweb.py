"""Laws of the addresses that users give for series at DICOMweb servers: built from the answer, then read."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.dicomweb import (
    ViewerPage,
    WebSeries,
    at_service,
    folder_of,
    read_address,
    series_below,
    show_address,
)
from dicom_series_preview.core.ask.roots import (
    DicomwebRoot,
    HttpRoot,
    S3Root,
    join_root,
    parse_root,
    show_root,
    split_root,
)
from dicom_series_preview.core.ask.series_id import DicomUid, parse_series, root_of, show_series
from dicom_series_preview.core.faults.request import BadRoot, BadSeriesId

_UIDS = st.lists(st.integers(0, 10**8), min_size=2, max_size=6).map(lambda parts: ".".join(map(str, parts)))
_PATHS = st.sampled_from(
    ["", "dicom-web", "v1/projects/p/dicomStores/s/dicomWeb", "a/studies/1.2/series/3.4/b"]
)
_SERVICES = st.builds(
    HttpRoot,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["host", "host:8042", "[::1]:8042", "healthcare.googleapis.com"]),
    _PATHS,
    st.sampled_from([None, "user:password", "u@:p/"]),
)
_BEHIND = st.sampled_from(["", "/", "/metadata", "/metadata/", "/rendered", "/thumbnail"])
_QUERIES = st.sampled_from(["", "?viewport=1", "?StudyInstanceUIDs=9.9&SeriesInstanceUIDs=9.8", "#top"])


def _text(service: HttpRoot) -> str:
    login = "" if service.login is None else service.login.replace("@", "%40").replace("/", "%2F") + "@"
    return f"{service.scheme}://{login}{service.authority}" + (f"/{service.prefix}" if service.prefix else "")


@given(
    _SERVICES,
    _UIDS,
    _UIDS,
    _BEHIND,
    _QUERIES,
    st.sampled_from(["", "dicomweb+", "DICOMweb+"]),
    st.sampled_from(["", " "]),
)
@example(HttpRoot("http", "host", "", None), "0.0", "1.2", "", "", "", "")
def test_a_series_is_recognised_by_its_path(
    service: HttpRoot, study: str, series: str, behind: str, query: str, prefix: str, blank: str
) -> None:
    """With what browsers and viewers have behind it; the service is what stands before (PS3.18 10.1)."""
    text = f"{blank}{prefix}{_text(service)}/studies/{study}/series/{series}{behind}{query}{blank}"
    found = read_address(text)
    assert found is not None
    assert found.unwrap() == WebSeries(service, study, series)


@given(_SERVICES, _UIDS, _UIDS, st.booleans(), st.booleans(), st.sampled_from(["viewer", "viewer/", ""]))
def test_a_viewer_tells_the_series_and_not_the_service(
    service: HttpRoot, study: str, series: str, single: bool, behind_hash: bool, page: str
) -> None:
    """Its own address is not that of the service; one that is marked as a service's is."""
    names = (
        ("StudyInstanceUID", "seriesInstanceUID") if single else ("StudyInstanceUIDs", "SeriesInstanceUIDs")
    )
    query = f"{'#/' if behind_hash else ''}?theme=dark&{names[0]}={study}&{names[1]}={series}"
    at = HttpRoot(service.scheme, service.authority, page.rstrip("/"), service.login)
    address = _text(HttpRoot(service.scheme, service.authority, page, service.login))
    viewer, marked = read_address(address + query), read_address(f"dicomweb+{address}{query}")
    assert viewer is not None
    assert marked is not None
    assert viewer.unwrap() == ViewerPage(at, study, series)
    assert marked.unwrap() == WebSeries(at, study, series)


@given(_SERVICES, _SERVICES, _UIDS, _UIDS)
@example(HttpRoot("http", "host", "a", "u:p"), HttpRoot("http", "host", "b"), "1.2", "3.4")
@example(HttpRoot("http", "host"), HttpRoot("https", "host"), "1.2", "3.4")
def test_a_viewer_shows_what_a_service_of_its_own_server_has(
    page: HttpRoot, service: HttpRoot, study: str, series: str
) -> None:
    """Same scheme, host and port; of another server nothing is known."""
    found = at_service(ViewerPage(page, study, series), service)
    is_same = (page.scheme, page.authority) == (service.scheme, service.authority)
    assert found == (WebSeries(service, study, series) if is_same else None)
    assert at_service(ViewerPage(page, study, series), None) is None


@given(_SERVICES)
def test_a_service_is_read_as_it_is_shown(service: HttpRoot) -> None:
    """But for its login, which is never shown."""
    root = DicomwebRoot(service)
    shown = evolve(service, login=None)
    assert parse_root(f"DICOMWEB+{_text(service)}/").unwrap() == root
    assert parse_root(show_root(root)).unwrap() == DicomwebRoot(shown)
    assert show_root(root) == f"dicomweb+{_text(shown)}"
    assert "password" not in f"{root!r} {show_root(root)}"


@given(_SERVICES, _UIDS, _UIDS)
def test_a_series_is_shown_by_an_address_that_is_read_back(
    service: HttpRoot, study: str, series: str
) -> None:
    """But for its login, which is never shown; as a series identifier too."""
    at = WebSeries(service, study, series)
    found = read_address(show_address(at))
    assert found is not None
    assert found.unwrap() == evolve(at, service=evolve(service, login=None))
    assert show_series(at) == show_address(at)
    assert root_of(at) == DicomwebRoot(service)
    assert [root_of(parse_series(text).unwrap()) for text in (series, "389*", "0" * 32)] == [None] * 3
    assert root_of(parse_series("s3://bucket/folder").unwrap()) == S3Root("bucket")
    assert parse_series(show_series(at)).unwrap() == found.unwrap()


@given(
    _SERVICES,
    st.lists(st.sampled_from(["a", "b c"]), max_size=2),
    st.lists(st.sampled_from(["a", "é"]), max_size=2),
)
def test_what_lies_below_a_service_is_no_folder(
    service: HttpRoot, above: list[str], below: list[str]
) -> None:
    """Its address may go on, but nothing in it has a parent that would be one."""
    root = DicomwebRoot(evolve(service, prefix="/".join(above)))
    assert join_root(root, "/".join(below)) == DicomwebRoot(
        evolve(service, prefix="/".join([*above, *below]))
    )
    assert split_root(root) is None


@given(_SERVICES, _UIDS, _UIDS)
def test_a_page_of_a_service_s_own_server_is_a_series_of_it(
    service: HttpRoot, study: str, series: str
) -> None:
    """Where `--root` names the service; no other root tells what the page shows."""
    page = (
        f"{service.scheme}://{service.authority}/viewer?StudyInstanceUIDs={study}&SeriesInstanceUIDs={series}"
    )
    assert parse_series(page, DicomwebRoot(service)).unwrap() == WebSeries(service, study, series)
    refused = BadSeriesId(
        page,
        "it is a viewer's page, which does not tell the service behind it",
        "Give that as --root dicomweb+https://host/path.",
    )
    for root in (None, service, DicomwebRoot(HttpRoot("https", "other.example"))):
        assert parse_series(page, root).failure() == refused
    address = f"dicomweb+{page}"
    assert parse_series(address).unwrap() == WebSeries(
        HttpRoot(service.scheme, service.authority, "viewer"), study, series
    )


@given(_SERVICES, _UIDS, st.sampled_from(["38902e14b11f4548910e771ee757dc82", "389*", "knee"]))
def test_a_service_knows_series_by_their_uids(service: HttpRoot, uid: str, uuid: str) -> None:
    """A series uuid is a name of folders (PS3.18 knows none); a folder given by its location lies elsewhere."""
    root = DicomwebRoot(service)
    assert parse_series(uid, root).unwrap() == DicomUid(uid)
    problem = "a DICOMweb service knows series by their SeriesInstanceUID"
    assert parse_series(uuid, root).failure() == BadSeriesId(uuid, problem, "Give that.")
    assert parse_series(uuid, service).value_or(None) == parse_series(uuid).value_or(None)
    assert parse_series("./folder", root) == parse_series("./folder")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("dicomweb+https://", "it names no host"),
        ("dicomweb+https://host/a/../b", "a path in a bucket or on a web server has no . or .. segments"),
        ("dicomweb+https://storage.googleapis.com/bucket", "it is a bucket, and no DICOMweb service"),
    ],
)
def test_a_service_is_refused_in_words(text: str, problem: str) -> None:
    """With the user's own text."""
    assert parse_root(text).failure() == BadRoot(text, problem)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://host/folder",
            "https://host/studies/x/series/y",
            "https://host/studies/1.2.3",
            "/studies/1.2/series/3.4",
        ),
        *(
            "s3://bucket/studies/1.2/series/3.4",
            "https://host/studies/1.2/series/3.4/folder",
            "https://host/?a=b",
        ),
        *(
            "https://host/studies/12/series/3.4",
            "https://host/studies/1.2/series/34",
            "https://[host/studies/1.2/series/3.4",
        ),
        f"https://host/studies/1.2/series/3.{'4' * 63}",
    ],
)
def test_other_addresses_name_no_series_of_a_service(text: str) -> None:
    """They are left to whoever reads locations; a UID has a dot and at most 64 characters (PS3.5 9.1)."""
    assert read_address(text) is None


_STUDY = "it names a study and no series of it: …/studies/UID/series/UID"
_OBJECTS = "it names objects of a series: leave out what follows the series' UID"
_ONE_EACH = "StudyInstanceUIDs and SeriesInstanceUIDs hold one DICOM UID each"
_SEVERAL = "it names several series, and one is shown at a time"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("https://host/studies/1.2/series/3.4/instances", _OBJECTS),
        ("https://host/studies/1.2/series/3.4/instances/5.6/frames/1", _OBJECTS),
        ("dicomweb+https://host/studies/1.2", _STUDY),
        ("dicomweb+https://host/studies", _STUDY),
        ("https://host/viewer?StudyInstanceUIDs=1.2", _STUDY),
        ("dicomweb+https://host/web", "it names a service and no series: …/studies/UID/series/UID"),
        ("https://host/viewer?SeriesInstanceUIDs=1.2", _ONE_EACH),
        ("https://host/viewer?StudyInstanceUIDs=1&SeriesInstanceUIDs=1.2", _ONE_EACH),
        ("https://host/viewer?StudyInstanceUIDs=1.2&SeriesInstanceUIDs=x", _ONE_EACH),
        ("https://host/viewer?StudyInstanceUIDs=1.2&SeriesInstanceUIDs=1.2,3.4", _SEVERAL),
        ("https://host/v?StudyInstanceUIDs=1.2&StudyInstanceUIDs=1.3&SeriesInstanceUIDs=1.2", _SEVERAL),
        (
            "https://storage.googleapis.com/b/studies/1.2/series/3.4",
            "it is a bucket, and no DICOMweb service",
        ),
        (
            "https://storage.googleapis.com/b?StudyInstanceUID=1.2&SeriesInstanceUID=3.4",
            "it is a bucket, and no DICOMweb service",
        ),
        (
            "https://host:x/studies/1.2/series/3.4",
            "it is no address: Port could not be cast to integer value as 'x'",
        ),
    ],
)
def test_an_address_is_refused_in_words(text: str, problem: str) -> None:
    """With the user's own text, and what would be right."""
    found = read_address(text)
    assert found is not None
    assert found.failure() == BadSeriesId(text, problem)


@given(
    st.text(max_size=20),
    st.sampled_from(["", "http://", "dicomweb+https://h/", "https://h/studies/1.2/series/1.2?"]),
)
def test_any_text_is_read_as_something(text: str, before: str) -> None:
    """And never an exception."""
    found = read_address(before + text)
    assert found is None or is_successful(found) or found.failure().problem


@given(_SERVICES, _UIDS, _UIDS, st.sampled_from(["a/{}", "{}/metadata", "{}x", "studies", "{0}/{0}"]))
def test_a_series_is_found_again_below_its_service(
    service: HttpRoot, study: str, series: str, other: str
) -> None:
    """By the path that an index remembers, and by no other one."""
    root, at = DicomwebRoot(service), WebSeries(service, study, series)
    assert series_below(root, folder_of(at)) == at
    assert series_below(root, other.format(folder_of(at))) is None
