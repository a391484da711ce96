"""What `info` and `headers` tell of every series of the real data, against pydicom's own reading of the files.

Needs DSP_TEST_DATA, the folder that holds series.tsv and idc/.
"""

from __future__ import annotations

import csv
import json
import os
from base64 import b64decode
from collections import Counter
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from pydicom import Dataset, dcmread
from returns.pipeline import is_successful

from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.preview import Preview, check_preview
from dicom_series_preview.core.header.dicom_json import show_json
from dicom_series_preview.core.order.info import as_json
from dicom_series_preview.shell.progress import Counter as Told
from dicom_series_preview.shell.run.headers import series_headers
from dicom_series_preview.shell.run.info import series_told

DATA: Final = Path(os.environ.get("DSP_TEST_DATA", ""))
pytestmark = [
    pytest.mark.skipif("DSP_TEST_DATA" not in os.environ, reason="DSP_TEST_DATA names no real data"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

LEFT_OUT: Final = {
    "bad-vr": {"00280008", "300C0002"},  # a number that is none, and what holds one
    "ct-dose-report-nopx": None,  # explicit VRs that stop in the middle: pydicom reads on as if they did not
}
"""Elements of which pydicom makes something else, None for all of them."""

MOST: Final = 20
"""Objects of a series that are compared element by element."""

WITHOUT_PIXELS: Final = {"ct-dose-report-nopx"}
"""What describes pixels that it has not."""


@cache
def _series() -> dict[str, str]:
    if "DSP_TEST_DATA" not in os.environ:
        return {}
    with open(DATA / "series.tsv", newline="") as table:
        return {row["name"]: row["series"] for row in csv.DictReader(table, delimiter="\t")}


def _request(name: str) -> Preview:
    return check_preview(Options(_series()[name], root=DATA / "idc")).unwrap()


@cache
def _files(name: str) -> tuple[tuple[int, Dataset], ...]:
    """The bytes in each file, and its elements before its pixels."""
    paths = [path for path in (DATA / "idc" / _series()[name]).rglob("*") if path.is_file()]
    return tuple(
        (path.stat().st_size, dcmread(path, force=True, stop_before_pixels=True)) for path in sorted(paths)
    )


def _as_pydicom_tells(dataset: Dataset) -> dict[str, Any]:
    """Where it gives up, it is asked to leave out what it cannot tell, and then it is stricter with all else."""
    try:
        return dataset.to_json_dict()
    except ValueError:
        return dataset.to_json_dict(suppress_invalid_tags=True)


def _plain(value: Any) -> Any:
    """JSON with null for empty text, without empty lists and group lengths, large bytes as digests."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if not isinstance(value, dict):
        return None if value == "" else value
    if "InlineBinary" in value:
        content = b64decode(value["InlineBinary"])
        told = {"Size": len(content), "Hash": sha256(content).hexdigest()}
        return value if len(content) <= 256 else {"vr": value["vr"], **told}
    return {key: _plain(part) for key, part in value.items() if part != [] and not _is_length(key)}


def _is_length(key: str) -> bool:
    return len(key) == 8 and key.endswith("0000")


def _uid(one: dict[str, Any]) -> str:
    return str(one.get("00080018", {}).get("Value", [None])[0])


def _by_uid(objects: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Several objects may have one UID, so all else they say sorts them as well."""
    return sorted(
        (str(one.get("00080018", {}).get("Value")), json.dumps(one, sort_keys=True)) for one in objects
    )


@pytest.mark.parametrize("name", _series())
def test_headers_are_those_that_pydicom_reads(name: str) -> None:
    read = series_headers(_request(name), (), Told())
    assert is_successful(read), str(read.failure())
    objects = [json.loads(text) for text in read.unwrap()]
    files = [dataset for _, dataset in _files(name)]
    assert all("00020010" in one for one in objects)
    syntaxes = Counter(one.pop("00020010")["Value"][0] for one in objects)
    told = Counter(
        one.file_meta["TransferSyntaxUID"].value for one in files if "TransferSyntaxUID" in one.file_meta
    )
    assert told <= syntaxes
    assert len(objects) == len(files)
    left_out = LEFT_OUT.get(name, set[str]())
    if left_out is None:
        return
    # All of a large series would take as long as all the others: some from its begin to its end stand for it.
    uids = sorted({str(one.get("SOPInstanceUID")) for one in files})
    some = set(uids[:: 1 + len(uids) // MOST])
    objects = [one for one in objects if _uid(one) in some]
    expected = [
        json.loads(json.dumps(_as_pydicom_tells(one)))
        for one in files
        if str(one.get("SOPInstanceUID")) in some
    ]
    assert len(objects) == len(expected) > 0
    ours, theirs = (
        [
            {key: _plain(part) for key, part in one.items() if key not in left_out and not _is_length(key)}
            for one in all_
        ]
        for all_ in (objects, expected)
    )
    assert _by_uid(ours) == _by_uid(theirs)


@pytest.mark.parametrize("name", _series())
def test_info_counts_what_is_in_the_files(name: str) -> None:
    read = series_told(_request(name), Told())
    assert is_successful(read), str(read.failure())
    told: dict[str, Any] = json.loads(show_json(as_json(read.unwrap())))
    files = [dataset for _, dataset in _files(name)]
    shapes = Counter(
        (int(one.Rows), int(one.Columns)) for one in files if "Rows" in one and "NumberOfFrames" not in one
    )
    assert (told["objects"], told["bytes"]) == (len(files), sum(size for size, _ in _files(name)))
    assert told["series_instance_uid"] in {str(one.get("SeriesInstanceUID", "")) or None for one in files}
    assert told["modality"] in {str(one.get("Modality", "")) or None for one in files}
    assert told["description"] in {str(one.get("SeriesDescription", "")) or None for one in files}
    matrices = {(one["rows"], one["columns"]): one["objects"] for one in told["matrices"]}
    assert name in WITHOUT_PIXELS or all(matrices.get(shape, 0) >= shapes[shape] for shape in shapes)
    assert sum(stack["slices"] for stack in told["stacks"]) <= told["frames"]
