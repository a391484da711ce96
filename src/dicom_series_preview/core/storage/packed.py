"""Files that hold or name the objects of a series, and are none themselves."""

from __future__ import annotations

from typing import Final

from dicom_series_preview.core.faults.listings import Packed

_UNPACK: Final = "Compressed files are not read: unpack it, and give the folder of the series."
_ENDS: Final = {
    ".zip": "a zip archive",
    ".tar": "a tar archive",
    ".tgz": "an archive that is compressed by gzip",
    ".gz": "compressed by gzip",
    ".bz2": "compressed by bzip2",
    ".xz": "compressed by xz",
    ".zst": "compressed by zstd",
    ".7z": "a 7z archive",
}


def packed(place: str) -> Packed | None:
    """What the object of this name is instead of an image, and what to do; None for all others.

    >>> str(packed("/cd/DICOMDIR"))
    '/cd/DICOMDIR is a DICOMDIR, which names the images of a disc. Give the folder that holds those of the series.'
    """
    name = place.rpartition("/")[2].lower()
    if name == "dicomdir":
        advice = "Give the folder that holds those of the series."
        return Packed(place, "a DICOMDIR, which names the images of a disc", advice)
    found = next((what for end, what in _ENDS.items() if name.endswith(end)), None)
    return None if found is None else Packed(place, found, _UNPACK)
