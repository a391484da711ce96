"""The same folder behind every kind of root: what is listed and what is read must not differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.roots import parse_root
from dicom_series_preview.core.faults.storage import NotFound
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store
from tests.support import servers

# Names as they are found on disks, each with what it has broken somewhere.
FILES = {
    "plain.dcm": b"plain",
    "no extension": b"spaces in the name",
    "ends in #1": b"taken for a fragment",
    "50%.dcm": b"a percent sign that is no escape",
    "a%20b.dcm": b"a percent sign that looks like one",
    "what?.dcm": b"taken for a query",
    "a&b;c=d+e.dcm": b"escaped in HTML, or a plus taken for a space",
    "quote\"and'.dcm": b"ends an attribute",
    "c:d.dcm": b"taken for a scheme",
    "Größe 日本.dcm": b"beyond ASCII",
    "sub folder/inner.dcm": b"one level down",
    "sub folder/deeper #2/leaf": b"two levels down",
    "empty": b"",
    "long.dcm": bytes(range(256)) * 4096,
}

FolderServer = Callable[[Path], AbstractContextManager[str]]

WEB_SERVERS: list[FolderServer] = [
    servers.python_http,
    servers.wsgidav,
    servers.rclone_webdav,
    servers.rclone_http,
    servers.nginx,
    servers.nginx_fancy,
    servers.nginx_dav,
    servers.apache,
    servers.lighttpd,
]
ROOTS = ["local", "s3 signed", "s3 unsigned", *(server.__name__ for server in WEB_SERVERS)]
TELLS_SIZES = {"local", "s3 signed", "s3 unsigned", "wsgidav", "rclone_webdav", "nginx_dav"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with a space in its name, in which a series folder holds `FILES`."""
    root = tmp_path_factory.mktemp("storage") / "my root"
    for name, data in FILES.items():
        path = root / "series" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


@pytest.fixture(scope="module", params=ROOTS)
def kind(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    server = {server.__name__: server for server in WEB_SERVERS}.get(name)
    if server is not None and not servers.is_installed(server):
        pytest.skip(f"this system has no {name}")
    return name


@pytest.fixture(scope="module")
def store(kind: str, folder: Path) -> Iterator[Store]:
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        if kind == "local":
            root = str(folder)
        elif kind.startswith("s3"):
            server = stack.enter_context(servers.moto())
            objects = {f"my root/series/{name}": data for name, data in FILES.items()}
            server.fill("bucket", objects, public=kind == "s3 unsigned")
            patch.setenv("AWS_ENDPOINT_URL", server.endpoint)
            if kind == "s3 signed":
                patch.setenv("AWS_ACCESS_KEY_ID", "test")
                patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
            else:
                patch.delenv("AWS_ACCESS_KEY_ID", raising=False)
            root = "s3://bucket/my root"
        else:
            serve = {server.__name__: server for server in WEB_SERVERS}[kind]
            root = f"{stack.enter_context(serve(folder.parent))}/my root/"
        yield open_store(parse_root(root).unwrap(), Network()).unwrap()


def listed(store: Store, folder: str) -> dict[str, int | None]:
    return {entry.name: entry.size for page in store.pages(folder) for entry in page.unwrap()}


def test_all_files_are_listed_once_below_their_folder(store: Store) -> None:
    names = [entry.name for page in store.pages("series") for entry in page.unwrap()]
    assert sorted(names) == sorted(FILES)


def test_sizes_are_told_where_the_listing_holds_them(store: Store, kind: str) -> None:
    sizes = {name: len(data) if kind in TELLS_SIZES else None for name, data in FILES.items()}
    assert listed(store, "series") == sizes


def test_a_subfolder_can_be_listed_by_itself(store: Store) -> None:
    assert set(listed(store, "series/sub folder")) == {"inner.dcm", "deeper #2/leaf"}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("start", "stop"), [(0, 4), (0, 5000), (3, 9), (2, None), (0, None)])
def test_a_range_is_that_part_of_the_file(store: Store, name: str, start: int, stop: int | None) -> None:
    chunk = store.read(f"series/{name}", start, stop).unwrap()
    assert chunk.data == FILES[name][start:stop]
    # A file with nothing at `start` may leave its size untold.
    assert chunk.size in ({len(FILES[name])} if chunk.data else {len(FILES[name]), None})


def test_a_range_beyond_the_end_is_empty(store: Store) -> None:
    assert store.read("series/plain.dcm", 100, 200).unwrap().data == b""


def test_a_range_of_nothing_is_empty(store: Store) -> None:
    assert store.read("series/plain.dcm", 3, 3).unwrap().data == b""


def test_a_folder_that_is_not_there_has_no_pages(store: Store) -> None:
    assert list(store.pages("nothing here")) == []


def test_listing_goes_on_after_a_folder_that_was_not_there(store: Store) -> None:
    list(store.pages("nothing here"))
    assert set(listed(store, "series")) == set(FILES)


def test_a_file_that_is_not_there_is_not_found(store: Store) -> None:
    result = store.read("series/nothing.dcm", 0, 10)
    assert not is_successful(result)
    assert result.failure() == NotFound(f"{store.place}/series/nothing.dcm")


@pytest.mark.parametrize("name", ["../my root/series/plain.dcm", "series/../series/plain.dcm", "/etc/passwd"])
def test_no_name_leads_out_of_the_root(store: Store, name: str) -> None:
    assert not is_successful(store.read(name, 0, 10))


def test_the_root_folders_are_found_by_their_beginning(store: Store) -> None:
    assert [name for page in store.names("ser") for name in page.unwrap()] == ["series"]
    assert [name for page in store.names("t") for name in page.unwrap()] == []
