"""Made series that tell in each picture which slice it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.dicom import MadeSeries, make_object, make_series

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
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage root with one series in it."""
    folder = tmp_path_factory.mktemp("root")
    make_series(folder, SLICES, numbered_slice, "numbered")
    return folder


@pytest.fixture(scope="session")
def series() -> MadeSeries:
    """The series in `root`."""
    from tests.support.dicom import series_objects, uid_for, uuid_for

    names = tuple(name.split("/")[1] for name in series_objects(SLICES, lambda _: b"", "numbered"))
    return MadeSeries(uuid_for("numbered"), uid_for("numbered"), names)
