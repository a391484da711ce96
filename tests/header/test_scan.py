"""Real headers of every encoding: the scanner and pydicom find the same elements, and none where they are cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from attrs import evolve
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_partial

from dicom_series_preview.core.header.raw import DataSet, RanOut
from dicom_series_preview.core.header.scan import Header, scan_header
from dicom_series_preview.core.header.wanted import Wanted
from dicom_series_preview.shell.dicom.dictionary import Everything

pytestmark = pytest.mark.filterwarnings("ignore")  # pydicom remarks on what is odd

ROOT = os.environ.get("DSP_TEST_DATA")
CUTS = 400
"""Headers are cut at every byte up to here, and at as many places behind it."""


def _series() -> dict[str, Path]:
    if ROOT is None:
        return {}
    rows = (line.split("\t") for line in (Path(ROOT) / "series.tsv").read_text().splitlines()[1:])
    return {row[0]: Path(ROOT) / "idc" / row[1] for row in rows}


SERIES = _series()


def _objects(name: str) -> Iterator[bytes]:
    """The first, a middle and the last object."""
    files = sorted(SERIES[name].iterdir())
    for file in sorted({files[0], files[len(files) // 2], files[-1]}):
        yield file.read_bytes()


def _whole(data: bytes, dictionary: type[Everything | Wanted]) -> Header:
    header = scan_header(data, True, dictionary())
    assert isinstance(header, Header)
    return header


def _at_pixels(tag: int, _vr: str | None, _length: int) -> bool:
    return tag >= 0x7FE00008


def _agree(found: DataSet, other: Dataset) -> None:
    """The same tags with the same bytes, in sequences too; pydicom converts some values as it reads them."""
    assert set(found) == {int(tag) for tag in other.keys()}  # noqa: SIM118 (a data set iterates over elements)
    for tag, one in found.items():
        raw = other.get_item(tag)
        assert raw is not None
        if isinstance(one.value, tuple):
            items = other[tag].value or ()
            assert len(items) == len(one.value)
            for item, read in zip(one.value, items, strict=True):
                _agree(item, read)
        elif isinstance(raw.value, bytes | None):
            assert one.value == (raw.value or b""), hex(tag)


@pytest.mark.parametrize("name", SERIES)
def test_pydicom_finds_the_same_elements(name: str) -> None:
    for data in _objects(name):
        header = _whole(data, Everything)
        # A blank VR (PS3.5 7.1.2 has none) makes pydicom lose its way: it is filled in for it.
        stream = BytesIO(data.replace(b"\x28\0\x20\1  \2\0", b"\x28\0\x20\1SS\2\0"))
        if name == "explvr-be-nometa":  # pydicom has to be told what it is
            dataset = read_dataset(stream, False, False)
        else:
            dataset = read_partial(stream, _at_pixels, force=True)
        _agree(header.elements, dataset)
        deflated = header.transfer_syntax == "1.2.840.10008.1.2.1.99"
        if header.pixel is not None and not deflated:
            assert header.end - stream.tell() in (8, 12)


@pytest.mark.parametrize("name", SERIES)
def test_a_header_cut_anywhere_is_not_used(name: str) -> None:
    for data in _objects(name):
        header = _whole(data, Wanted)
        end = header.end if header.pixel is not None else len(data) + 1
        deflated = header.transfer_syntax == "1.2.840.10008.1.2.1.99"
        cuts = {*range(min(end, CUTS)), *range(0, end, 1 + end // CUTS), end - 1}
        for cut in cuts:
            early = scan_header(data[:cut], False, Wanted())
            assert isinstance(early, RanOut) or (deflated and early == evolve(header, end=cut))
        if header.pixel is not None and not deflated:
            assert scan_header(data[: header.end], False, Wanted()) == header
