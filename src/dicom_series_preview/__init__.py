"""See a DICOM series as one small picture, without downloading it.

The names below are the library: `preview` carries out a request, and the rest is pure.  They are loaded when
they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_series_preview.version import __version__ as __version__

if TYPE_CHECKING:
    from dicom_series_preview.core.ask.preview import Mosaic as Mosaic
    from dicom_series_preview.core.ask.preview import Options as Options
    from dicom_series_preview.core.ask.preview import Preview as Preview
    from dicom_series_preview.core.ask.preview import Single as Single
    from dicom_series_preview.core.ask.preview import check_preview as check_preview
    from dicom_series_preview.core.ask.roots import parse_root as parse_root
    from dicom_series_preview.core.ask.series_id import parse_series as parse_series
    from dicom_series_preview.core.faults.fault import Fault as Fault
    from dicom_series_preview.core.index.read import IndexedSlice as IndexedSlice
    from dicom_series_preview.core.index.read import IndexedStack as IndexedStack
    from dicom_series_preview.core.index.read import SeriesIndex as SeriesIndex
    from dicom_series_preview.core.index.read import select as select
    from dicom_series_preview.shell.run.preview import preview as preview
    from dicom_series_preview.shell.sources.index_file import open_index as open_index

_HOMES = {
    "Fault": "core.faults.fault",
    "parse_series": "core.ask.series_id",
    "IndexedSlice": "core.index.read",
    "IndexedStack": "core.index.read",
    "SeriesIndex": "core.index.read",
    "select": "core.index.read",
    "Mosaic": "core.ask.preview",
    "Options": "core.ask.preview",
    "Preview": "core.ask.preview",
    "Single": "core.ask.preview",
    "check_preview": "core.ask.preview",
    "parse_root": "core.ask.roots",
    "open_index": "shell.sources.index_file",
    "preview": "shell.run.preview",
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
