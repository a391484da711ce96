"""The demo series is real DICOM in the layout of a storage root, and only its positions tell the order."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import numpy as np
import pydicom
import pytest
from returns.pipeline import is_successful

from dicom_series_preview.core.faults.fault import CannotWrite
from dicom_series_preview.phantom import slices as phantom
from dicom_series_preview.shell.run.demo import demo_slice, write_demo


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo root")
    series = write_demo(root / "new folder").unwrap()
    return root / "new folder" / series


def test_names_are_uuids_and_so_is_the_series(written: Path) -> None:
    files = sorted(written.iterdir())
    assert len(files) == 120
    assert {path.suffix for path in files} == {".dcm"}
    assert [str(UUID(path.stem)) for path in files] == [path.stem for path in files]
    assert str(UUID(written.name)) == written.name


def test_only_the_position_tells_the_order(written: Path) -> None:
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in sorted(written.iterdir())]
    stack = sorted(headers, key=lambda header: -header.ImagePositionPatient[2])
    numbers = [int(header.InstanceNumber) for header in stack]
    assert sorted(numbers) == list(range(1, 121))
    assert numbers != sorted(numbers)
    assert numbers != sorted(numbers, reverse=True)
    assert headers != stack
    assert len({header.SOPInstanceUID for header in headers}) == 120
    assert len({header.SeriesInstanceUID for header in headers}) == 1
    assert {tuple(header.ImageOrientationPatient) for header in headers} == {(1, 0, 0, 0, 1, 0)}


def test_pixels_and_geometry_are_the_phantoms(written: Path) -> None:
    slices = [pydicom.dcmread(path) for path in written.iterdir()]
    slices.sort(key=lambda one: -one.ImagePositionPatient[2])
    for index in (0, 61, 119):
        one = slices[index]
        hounsfield = one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept)
        assert np.array_equal(hounsfield, phantom.phantom_slice(index))
        left, back, head = (float(value) for value in one.ImagePositionPatient)
        assert head == phantom.slice_z(index)
        assert left + 255 * one.PixelSpacing[1] == pytest.approx(-left)
        assert back + 255 * one.PixelSpacing[0] == pytest.approx(-back)


def test_the_same_bytes_each_time(written: Path, tmp_path: Path) -> None:
    again = tmp_path / write_demo(tmp_path).unwrap()
    assert again.name == written.name
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in written.iterdir()
    }


def test_a_slice_is_a_ct_image_with_a_window() -> None:
    one = demo_slice(3)
    assert (one.Modality, one.SOPClassUID.name) == ("CT", "CT Image Storage")
    assert (one.WindowCenter, one.WindowWidth) == (40, 400)
    assert str(one.PatientName) == "Demo^Phantom"


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = write_demo(tmp_path / "file")
    assert not is_successful(refused)
    fault = refused.failure()
    assert isinstance(fault, CannotWrite)
    assert fault.path == str(tmp_path / "file")
    assert fault.reason
