"""An index of a series behind DICOMweb: that of its files, but for what metadata cannot give."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from pydicom import dcmread
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.index_request import IndexOptions, check_index
from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import check_preview
from dicom_series_preview.shell.outputs.picture import Picture
from dicom_series_preview.shell.parquet import read_table
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.build_index import write_index
from dicom_series_preview.shell.run.preview import make_picture
from tests.support.dicom import make_object, plane, uid_for
from tests.support.dicomweb import Habits, dicomweb
from tests.support.orthanc import Orthanc, basic, why_not

DATA: Final = Path(os.environ.get("DSP_TEST_DATA", ""))
NO_ORTHANC: Final = why_not()
PLACES: Final = {"FileName", "SeriesUID", "StorageRoot"}
SYNTAX: Final = "00020010"
STUDY, SERIES = uid_for("study"), uid_for("series")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")


def index(series: str, path: Path, limit: int | None = None) -> list[str]:
    """Write an index; what was remarked."""
    progress = Counter()
    written = write_index(check_index(IndexOptions(series, str(path), limit=limit)).unwrap(), progress)
    assert is_successful(written), str(written.failure())
    return [str(remark) for remark in progress.remarks]


def columns(path: Path) -> dict[str, tuple[Any, ...]]:
    table = read_table(str(path)).unwrap()
    return {column.name: column.values for column in table.columns if column.name not in PLACES}


def names(path: Path) -> tuple[Any, ...]:
    table = read_table(str(path)).unwrap()
    return next(column.values for column in table.columns if column.name == "FileName")


def constants(path: Path) -> dict[str, Any]:
    table = read_table(str(path)).unwrap()
    found: dict[str, Any] = json.loads(table.metadata["dicom_series_preview.constants"])
    return found


def picture(series: str, **options: Any) -> Picture:
    made = make_picture(check_preview(Options(series, "a.webp", **options)).unwrap(), Counter())
    assert is_successful(made), str(made.failure())
    return made.unwrap()


def _objects() -> list[bytes]:
    """Slices with private bytes and a name that is no ASCII."""
    return [
        make_object(
            position=(0.0, 0.0, -4.0 * n),
            StudyInstanceUID=STUDY,
            SeriesInstanceUID=SERIES,
            SOPInstanceUID=f"{SERIES}.{n}",
            InstanceNumber=9 - n,
            SpecificCharacterSet="ISO_IR 100",
            SeriesDescription="Größe",
            extra={
                0x00110010: ("LO", "TESTS"),
                0x00111001: ("OB", bytes([n, 0])),
                0x00111002: ("LO", f"é{n}"),
            },
        )
        for n in range(4)
    ]


def _folder(objects: list[bytes], folder: Path) -> str:
    folder.mkdir()
    for number, content in enumerate(objects):
        (folder / f"{number}.dcm").write_bytes(content)
    return str(folder)


def test_metadata_give_the_index_of_the_files(tmp_path: Path) -> None:
    """All but the transfer syntax, in the object's own words."""
    files, told = tmp_path / "files.parquet", tmp_path / "told.parquet"
    folder = _folder(_objects(), tmp_path / "folder")
    index(folder, files)
    with dicomweb(_objects()) as server:
        address = f"{server.root}/studies/{STUDY}/series/{SERIES}"
        assert index(address, told) == []
        by_index = picture(address, index=str(told))
        elsewhere = picture(SERIES, index=str(told), root=f"dicomweb+{server.root}")
        kinds = server.kinds()
    assert columns(told) == columns(files)
    assert constants(told) == {tag: value for tag, value in constants(files).items() if tag != SYNTAX}
    assert names(told) == tuple(f"{SERIES}.{n}" for n in range(4))
    whole = picture(folder)
    assert np.array_equal(by_index.pixels, whole.pixels)
    assert np.array_equal(elsewhere.pixels, whole.pixels)
    assert kinds == {"metadata": 1, "metadata of one": 1, "object": 8}


def test_what_metadata_leave_out_is_named(tmp_path: Path) -> None:
    """Values elsewhere, once an element with a count; the rest is as in the files."""
    files, told = tmp_path / "files.parquet", tmp_path / "told.parquet"
    index(_folder(_objects(), tmp_path / "folder"), files)
    with dicomweb(_objects(), Habits(bulk_words=True)) as server:
        remarks = index(f"{server.root}/studies/{STUDY}/series/{SERIES}", told)
    assert remarks == ["(0011,1001) is not in the server's metadata of 4 objects: left out."]
    missing = {"(0011,1001)_Size", "(0011,1001)_Hash"}
    assert columns(told) == {name: value for name, value in columns(files).items() if name not in missing}


def test_a_limit_takes_the_first_names(tmp_path: Path) -> None:
    told = tmp_path / "told.parquet"
    with dicomweb(_objects()) as server:
        index(f"{server.root}/studies/{STUDY}/series/{SERIES}", told, limit=2)
    assert sorted(names(told)) == [f"{SERIES}.{n}" for n in range(2)]


def test_frames_of_an_index_come_in_batches(tmp_path: Path) -> None:
    """The order is remembered; the object's own metadata are asked for when its frames are."""
    groups = [plane((0.0, 0.0, -3.0 * frame)) for frame in range(4)]
    pixels = (np.arange(4 * 64, dtype=np.uint16) % 251).reshape(4, 8, 8)
    uids: dict[str, Any] = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, "SOPInstanceUID": "1.2.3"}
    made = [make_object(pixels=pixels, per_frame=groups, NumberOfFrames=4, **uids)]
    told = tmp_path / "told.parquet"
    with dicomweb(made) as server:
        address = f"{server.root}/studies/{STUDY}/series/{SERIES}"
        index(address, told)
        server.asked.clear()
        found = picture(address, index=str(told))
        kinds = server.kinds()
    assert np.array_equal(found.pixels, picture(_folder(made, tmp_path / "folder")).pixels)
    assert kinds == {"metadata of one": 1, "frames": 1}


def test_the_login_of_the_address_opens_what_the_index_remembers(tmp_path: Path) -> None:
    """Nothing of it is in the index."""
    told = tmp_path / "told.parquet"
    with dicomweb(_objects(), Habits(authorization=basic("user:secret"))) as server:
        root = server.root.replace("://", "://user:secret@")
        address = f"{root}/studies/{STUDY}/series/{SERIES}"
        index(address, told)
        by_address = picture(address, index=str(told))
        by_root = picture(SERIES, index=str(told), root=f"dicomweb+{root}")
    assert np.array_equal(by_address.pixels, by_root.pixels)
    assert b"secret" not in told.read_bytes()


def test_an_index_of_files_is_none_of_a_service(tmp_path: Path) -> None:
    files = tmp_path / "files.parquet"
    index(_folder(_objects(), tmp_path / "folder"), files)
    asked = Options(SERIES, "a.webp", root="dicomweb+http://host.invalid", index=str(files))
    made = make_picture(check_preview(asked).unwrap(), Counter())
    assert "the index is of files" in str(made.failure())


@pytest.mark.skipif(NO_ORTHANC is not None, reason=NO_ORTHANC or "")
@pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="DSP_TEST_DATA names no real data")
@pytest.mark.parametrize("mode", ["Full", "MainDicomTags"])
def test_orthanc_gives_the_index_of_real_files(
    mode: str, tmp_path: Path, orthanc_of: Callable[[str], Orthanc]
) -> None:
    with (DATA / "series.tsv").open(encoding="utf-8") as lines:
        known = {row["name"]: row["series"] for row in csv.DictReader(lines, delimiter="\t")}
    folder = DATA / "idc" / known["ct-radiomics-60"]
    objects = [path.read_bytes() for path in sorted(folder.iterdir())]
    one = dcmread(BytesIO(objects[0]), stop_before_pixels=True)
    index(str(folder), tmp_path / "files.parquet")
    server = orthanc_of(mode)
    server.store(objects)
    index(
        f"{server.root}/studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}",
        tmp_path / "told.parquet",
    )
    assert columns(tmp_path / "told.parquet") == columns(tmp_path / "files.parquet")
