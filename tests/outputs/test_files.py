"""A file is written whole or not at all, whatever happens on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.faults.fault import CannotWrite
from dicom_series_preview.shell.outputs.files import check_writable, write_whole
from tests.support.dicom import make_object


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["out.webp", "漢" * 83 + ".webp", "n" * 250 + ".webp", " spaces .webp"])
def test_what_is_written_is_there_and_nothing_else(tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    assert is_successful(check_writable(path))
    assert contents(tmp_path) == {}
    for data in (b"first" * 1000, b"", b"last"):
        assert is_successful(write_whole(path, data))
        assert contents(tmp_path) == {name: data}
        assert is_successful(check_writable(path))


def test_a_relative_path_is_one_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_successful(check_writable("out.webp"))
    assert is_successful(write_whole("out.webp", b"data"))
    assert contents(tmp_path) == {"out.webp": b"data"}


@pytest.mark.parametrize("old", [None, b"old"], ids=["new", "old"])
@pytest.mark.parametrize("call", ["open", "fdopen", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_whatever_fails_what_was_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None, call: str, error: BaseException
) -> None:
    path = tmp_path / "out.webp"
    if old is not None:
        path.write_bytes(old)

    def fail(*_: object, **__: object) -> None:
        raise error

    before = contents(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        if isinstance(error, OSError):
            result = write_whole(str(path), b"new")
            assert not is_successful(result)
            assert result.failure() == CannotWrite(str(path), "No space left on device")
        else:
            with pytest.raises(KeyboardInterrupt):
                write_whole(str(path), b"new")
    assert contents(tmp_path) == before


def test_a_temporary_file_that_vanished_is_no_second_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(source: str, _: str) -> None:
        os.unlink(source)
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "replace", vanish)
    assert not is_successful(write_whole(str(tmp_path / "out.webp"), b"new"))
    assert contents(tmp_path) == {}


def test_the_users_mask_holds(tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        assert is_successful(write_whole(str(tmp_path / "out.webp"), b"data"))
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(mask)
    assert (tmp_path / "out.webp").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("folder", "it is a folder"),
        ("missing/out.webp", "there is no folder missing"),
        ("n" * 256, "File name too long"),
        ("pipe", "it is a device, a pipe or a socket"),
    ],
)
def test_what_cannot_be_written_is_known_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    os.mkfifo("pipe")
    refused = check_writable(output)
    assert not is_successful(refused)
    assert refused.failure() == CannotWrite(output, reason)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_an_existing_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "out.webp"
    path.write_bytes(b"old")
    path.chmod(mode)
    assert is_successful(write_whole(str(path), b"new"))
    assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (b"new", mode)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
@pytest.mark.parametrize("preamble", [True, False])
@pytest.mark.parametrize("link", [True, False])
def test_a_dicom_object_is_not_written_over(tmp_path: Path, syntax: str, preamble: bool, link: bool) -> None:
    data = make_object(transfer_syntax=syntax)
    path = tmp_path / "0009.webp"
    path.write_bytes(data if preamble else data[132:])
    output = tmp_path / "out.webp" if link else path
    if link:
        output.symlink_to(path)
    refused = check_writable(str(output)).failure()
    assert refused == CannotWrite(str(output), "it holds a DICOM object, which is not written over")


def test_an_input_is_not_written_over(tmp_path: Path) -> None:
    index, output = tmp_path / "i.parquet", tmp_path / "out.webp"
    index.write_bytes(b"PAR1")
    output.symlink_to(index)
    refused = check_writable(str(output), [str(index)]).failure()
    assert refused == CannotWrite(str(output), "it is one of the inputs")
    assert is_successful(check_writable(str(tmp_path / "other.webp"), [str(index)]))
