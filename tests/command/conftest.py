"""Made series that tell in each picture which slice it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.dicom import MadeSeries, make_object, series_objects, uid_for, uuid_for

SLICES = 105
TOP = 227.0  # mm
SPACING = 4.0  # mm


def numbered_slice(i: int, series: str = "numbered") -> bytes:
    """Slice `i` from the head, all pixels of which hold `i`, but for one, so that none is black throughout.

    InstanceNumber runs the other way.
    """
    pixels = np.full((16, 16), i, np.uint16)
    pixels[8, 8] += 1
    return make_object(
        series=series,
        instance_number=SLICES - i,
        position=(-250.0, -250.0, TOP - SPACING * i),
        pixels=pixels,
        RescaleIntercept=0,
        WindowCenter=SLICES / 2,
        WindowWidth=SLICES,
        VOILUTFunction="LINEAR_EXACT",
    )


@pytest.fixture(scope="session")
def objects() -> dict[str, bytes]:
    """The series, by the names of its objects below a root."""
    return series_objects(SLICES, numbered_slice, "numbered")


@pytest.fixture(scope="session")
def root(objects: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage root with the series in it."""
    folder = tmp_path_factory.mktemp("root")
    for name, content in objects.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def series(objects: dict[str, bytes]) -> MadeSeries:
    """The series in `root`."""
    names = tuple(name.split("/")[1] for name in objects)
    return MadeSeries(uuid_for("numbered"), uid_for("numbered"), names)
