"""Series of the Imaging Data Commons, looked up in its own table: one pass for all."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from dicom_series_preview.core.ask.roots import S3Root
from dicom_series_preview.core.ask.series_id import DicomUid, SeriesPlace, SeriesUid
from dicom_series_preview.core.batch.wanted import Wanted
from dicom_series_preview.shell.batch.lists import place_in_table
from dicom_series_preview.shell.batch.tables import find_in_idc
from tests.command.here import run

PACKAGE = find_spec("idc_index_data")
pytestmark = pytest.mark.skipif(PACKAGE is None, reason="the extra idc is not installed")


@pytest.fixture(scope="module")
def table() -> str:
    assert PACKAGE is not None
    return str(Path(PACKAGE.origin or "").with_name("idc_index.parquet"))


def _rows(table: str, where: str) -> list[tuple[str, ...]]:
    """UID, study, collection, bucket and uuid, as another reader of the table tells them."""
    columns = "SeriesInstanceUID, StudyInstanceUID, collection_id, aws_bucket, crdc_series_uuid"
    return duckdb.connect().execute(f"SELECT {columns} FROM '{table}' {where}").fetchall()


def _wanted(rows: list[tuple[str, ...]]) -> dict[str, Wanted]:
    return {
        uid: Wanted(SeriesPlace(S3Root(bucket), uuid), collection)
        for uid, _, collection, bucket, uuid in rows
    }


@pytest.mark.parametrize(
    "where", ["ORDER BY SeriesInstanceUID LIMIT 3000", "WHERE aws_bucket = 'idc-open-data-two' LIMIT 5"]
)
def test_many_uids_are_found_in_one_pass(table: str, where: str) -> None:
    rows = _rows(table, where)
    assert find_in_idc("SeriesInstanceUID", [row[0] for row in rows]) == _wanted(rows)


def test_a_study_and_a_collection_are_all_their_series(table: str) -> None:
    collection = _rows(table, "WHERE collection_id = 'rider_breast_mri'")
    assert find_in_idc("collection_id", ["rider_breast_mri"]) == _wanted(collection)
    study = collection[0][1]
    assert find_in_idc("StudyInstanceUID", [study]) == _wanted([row for row in collection if row[1] == study])


def test_only_uids_are_looked_up_and_what_is_unknown_stays(table: str) -> None:
    ((uid, _, collection, bucket, uuid),) = _rows(table, "LIMIT 1")
    wanted = (Wanted(SeriesUid("0" * 8)), Wanted(DicomUid("1.2.3")), Wanted(DicomUid(uid), "mine"))
    found = place_in_table(wanted).unwrap()
    assert found == (*wanted[:2], Wanted(SeriesPlace(S3Root(bucket), uuid), "mine"))
    assert collection != "mine"


def test_a_collection_is_a_list(table: str, tmp_path: Path) -> None:
    count = len(_rows(table, "WHERE collection_id = 'rider_breast_mri'"))
    ran = run("batch", "--collection", "rider_breast_mri", tmp_path / "out", "--dry-run")
    assert (ran.status, ran.out) == (0, f"{count} series: {count} to do, 0 made, 0 failed.\n")
    ran = run("batch", "--collection", "no_such", tmp_path / "out", "--dry-run")
    assert (
        "--collection no_such is no list of series: the table of idc-index-data does not know it" in ran.err
    )
