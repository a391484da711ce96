"""See a DICOM series as one small picture, without downloading it.

The names below are the library: `preview` carries out a request, and the rest is pure.  They are loaded when
they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dicom_series_preview.core.errors import CoreError as CoreError
    from dicom_series_preview.core.identify import parse_series as parse_series
    from dicom_series_preview.core.indexed import IndexedSlice as IndexedSlice
    from dicom_series_preview.core.indexed import IndexedStack as IndexedStack
    from dicom_series_preview.core.indexed import SeriesIndex as SeriesIndex
    from dicom_series_preview.core.indexed import select as select
    from dicom_series_preview.core.request import Mosaic as Mosaic
    from dicom_series_preview.core.request import Options as Options
    from dicom_series_preview.core.request import Preview as Preview
    from dicom_series_preview.core.request import Single as Single
    from dicom_series_preview.core.request import check_preview as check_preview
    from dicom_series_preview.core.roots import parse_root as parse_root
    from dicom_series_preview.shell.edge import explain as explain
    from dicom_series_preview.shell.faults import Fault as Fault
    from dicom_series_preview.shell.indexfile import open_index as open_index
    from dicom_series_preview.shell.run import preview as preview

__version__ = "0.1.0"

_HOMES = {
    "CoreError": "core.errors",
    "explain": "shell.edge",
    "Fault": "shell.faults",
    "parse_series": "core.identify",
    "IndexedSlice": "core.indexed",
    "IndexedStack": "core.indexed",
    "SeriesIndex": "core.indexed",
    "select": "core.indexed",
    "Mosaic": "core.request",
    "Options": "core.request",
    "Preview": "core.request",
    "Single": "core.request",
    "check_preview": "core.request",
    "parse_root": "core.roots",
    "open_index": "shell.indexfile",
    "preview": "shell.run",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  the names are text


def __getattr__(name: str) -> object:
    """Load a public name from its module (PEP 562)."""
    home = _HOMES.get(name)
    from importlib import import_module

    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
