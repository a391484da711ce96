"""Folders as they are on disk: links, pipes, names of any bytes, and what cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from returns.result import Result

from dicom_series_preview.core.ask.roots import LocalRoot
from dicom_series_preview.core.faults.listings import TooManyObjects
from dicom_series_preview.core.faults.storage import (
    AccessDenied,
    NotFound,
    StoreFailed,
    StoreFault,
)
from dicom_series_preview.core.storage.entries import Limits, Page
from dicom_series_preview.shell.storage.open_store import open_store
from dicom_series_preview.shell.storage.store import Network, Store


def opened(path: Path) -> Store:
    return open_store(LocalRoot(str(path)), Network()).unwrap()


def names(store: Store, folder: str = "") -> list[str]:
    return sorted(entry.name for page in store.pages(folder) for entry in page.unwrap())


def only_failure(pages: list[Result[Page, StoreFault]]) -> StoreFault:
    assert len(pages) == 1
    return pages[0].failure()


def test_links_to_files_and_folders_are_followed_even_out_of_the_root(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "1.dcm").write_bytes(b"one")
    root = tmp_path / "root"
    root.mkdir()
    (root / "file link").symlink_to(archive / "1.dcm")
    (root / "folder link").symlink_to(archive)
    store = opened(root)
    assert names(store) == ["file link", "folder link/1.dcm"]
    assert store.read("folder link/1.dcm", 0, None).unwrap().data == b"one"


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "1.dcm").touch()
    (inner / "up").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a")
    assert len(names(opened(tmp_path), "a")) == 1


def test_a_link_that_leads_nowhere_is_listed_and_not_found(tmp_path: Path) -> None:
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    store = opened(tmp_path)
    assert names(store) == ["broken"]
    assert store.read("broken", 0, 10).failure() == NotFound(str(tmp_path / "broken"))


def test_a_pipe_is_neither_listed_nor_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    store = opened(tmp_path)
    assert names(store) == []
    assert isinstance(store.read("pipe", 0, 10).failure(), StoreFailed)


def test_a_name_of_bytes_that_are_no_utf8_can_be_read(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.dcm"
    try:
        with open(path, "wb") as file:
            file.write(b"latin")
    except OSError:
        pytest.skip("this file system allows no such name")
    store = opened(tmp_path)
    (name,) = names(store)
    assert store.read(name, 0, None).unwrap().data == b"latin"


def test_a_missing_root_is_not_found(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert open_store(LocalRoot(str(missing)), Network()).failure() == NotFound(str(missing))


def test_a_file_is_no_root_and_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = open_store(LocalRoot(str(tmp_path / "file")), Network()).failure()
    assert "a file, not a folder" in str(refused)
    assert "a file, not a folder" in str(only_failure(list(opened(tmp_path).pages("file"))))


def test_the_place_of_a_relative_root_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "root").mkdir()
    monkeypatch.chdir(tmp_path)
    assert opened(Path("root")).place == str(tmp_path / "root")


def test_the_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "root").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert opened(Path("~/root")).place == str(tmp_path / "root")


def test_a_folder_that_may_not_be_listed_is_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    store = opened(tmp_path)
    monkeypatch.setattr(os, "scandir", refuse)
    assert isinstance(only_failure(list(store.pages(""))), AccessDenied)


def test_a_file_that_may_not_be_read_is_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_: object) -> int:
        raise PermissionError(13, "Permission denied", path)

    (tmp_path / "1.dcm").touch()
    store = opened(tmp_path)
    monkeypatch.setattr(os, "open", refuse)
    assert isinstance(store.read("1.dcm", 0, 10).failure(), AccessDenied)


def test_more_objects_than_any_series_has_are_refused(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number % 2}").mkdir(exist_ok=True)
        (tmp_path / f"{number % 2}" / f"{number}.dcm").touch()
    few = Network(limits=Limits(objects=5))
    *before, last = open_store(LocalRoot(str(tmp_path)), few).unwrap().pages("")
    assert [len(page.unwrap()) for page in before] == [3]
    assert last.failure() == TooManyObjects(str(tmp_path), 5)
