"""What the package offers, pinned: a name here is a promise."""

from __future__ import annotations

import subprocess
import sys

import dicom_series_preview

PUBLIC = {
    "__version__",
    *("preview", "Options", "Picture", "ShownTile", "Remark", "Fault", "NoPreview"),
    *("build_index", "IndexOptions", "open_index", "SeriesIndex"),
    *("open_gallery", "Gallery"),
    *("choose", "Chosen", "Mosaic", "Single", "Series", "Stack", "Ref"),
    *("parse_series", "parse_root"),
    *("batch", "Row", "Status"),
}


def test_the_public_names_are_these() -> None:
    assert set(dicom_series_preview.__all__) == PUBLIC
    assert set(dir(dicom_series_preview)) == PUBLIC


def test_every_public_name_loads_and_says_what_it_is() -> None:
    for name in PUBLIC - {"__version__", "Fault", "Remark"}:  # a union has no words of its own
        assert getattr(dicom_series_preview, name).__doc__


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import sys, dicom_series_preview; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"numpy", "pydicom", "pyarrow", "obstore", "PIL", "attrs"} & set(loaded.stdout.split())
