"""The phantom as real files: a CT series in the layout of a storage root (pydicom)."""

from __future__ import annotations

from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

import numpy as np
from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.fault import CannotWrite
from dicom_series_preview.phantom import slices as phantom

_INTERCEPT = -1024
_EDGE = -phantom.PIXEL_SPACING * (phantom.SIZE - 1) / 2


def _uuid(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"dicom-series-preview demo {name}")


def _uid(name: str) -> str:
    """A UID made of a UUID (PS3.5 B.2)."""
    return f"2.25.{_uuid(name).int}"


def demo_slice(index: int) -> Dataset:
    """Slice `index` of the phantom, 0-based from the head, as a CT image (PS3.3 A.3).

    InstanceNumber runs in steps of 47 through the stack, so that only the position tells the order.
    """
    made = Dataset()
    made.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    made.SOPClassUID = CTImageStorage
    made.SOPInstanceUID = _uid(f"slice {index}")
    made.StudyDate = made.StudyTime = made.AccessionNumber = ""
    made.Modality = "CT"
    made.Manufacturer = "dicom-series-preview"
    made.ReferringPhysicianName = ""
    made.StudyDescription = "Synthetic body"
    made.SeriesDescription = "Head to pelvis"
    made.PatientName = "Demo^Phantom"
    made.PatientID = "DEMO"
    made.PatientBirthDate = made.PatientSex = ""
    made.SliceThickness = phantom.SLICE_SPACING
    made.KVP = 120
    made.PatientPosition = "HFS"
    made.StudyInstanceUID = _uid("study")
    made.SeriesInstanceUID = _uid("series")
    made.StudyID = "1"
    made.SeriesNumber = made.AcquisitionNumber = 1
    made.InstanceNumber = index * 47 % phantom.SLICES + 1
    made.ImagePositionPatient = [_EDGE, _EDGE, phantom.slice_z(index)]
    made.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    made.FrameOfReferenceUID = _uid("frame of reference")
    made.PositionReferenceIndicator = ""
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.Rows = made.Columns = phantom.SIZE
    made.PixelSpacing = [phantom.PIXEL_SPACING, phantom.PIXEL_SPACING]
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.WindowCenter, made.WindowWidth = 40, 400
    made.RescaleIntercept, made.RescaleSlope, made.RescaleType = _INTERCEPT, 1, "HU"
    made.PixelData = (phantom.phantom_slice(index) - _INTERCEPT).astype(np.dtype("<u2")).tobytes()
    made["PixelData"].VR = "OW"
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def write_demo(folder: Path) -> Result[str, CannotWrite]:
    """Write the demo series below `folder`; its name there, a UUID, is the SERIESUID to ask for.

    The files are `<series uuid>/<instance uuid>.dcm`, 120 of 132 KB, the same bytes every time.
    """
    series = str(_uuid("series"))
    try:
        (folder / series).mkdir(parents=True, exist_ok=True)
        for index in range(phantom.SLICES):
            path = folder / series / f"{_uuid(f'slice {index}')}.dcm"
            dcmwrite(path, demo_slice(index), enforce_file_format=True)
    except OSError as error:
        return Failure(CannotWrite(str(folder), error.strerror or str(error)))
    return Success(series)
