"""See a DICOM series as one small picture, without downloading it.

The names below are the library: `preview` makes a picture from `Options`, and the rest is pure.  They are loaded
when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from dicom_series_preview.version import __version__ as __version__

TYPE_CHECKING = False  # typing itself would cost more than the rest of this module
if TYPE_CHECKING:
    from dicom_series_preview.api import NoPreview as NoPreview
    from dicom_series_preview.api import build_index as build_index
    from dicom_series_preview.api import open_gallery as open_gallery
    from dicom_series_preview.api import open_index as open_index
    from dicom_series_preview.api import preview as preview
    from dicom_series_preview.core.ask.index_request import IndexOptions as IndexOptions
    from dicom_series_preview.core.ask.options import Options as Options
    from dicom_series_preview.core.ask.roots import parse_root as parse_root
    from dicom_series_preview.core.ask.series_id import parse_series as parse_series
    from dicom_series_preview.core.ask.views import Mosaic as Mosaic
    from dicom_series_preview.core.ask.views import Single as Single
    from dicom_series_preview.core.batch.row import Row as Row
    from dicom_series_preview.core.batch.row import Status as Status
    from dicom_series_preview.core.choose.pick import Chosen as Chosen
    from dicom_series_preview.core.choose.pick import choose as choose
    from dicom_series_preview.core.faults.fault import Fault as Fault
    from dicom_series_preview.core.index.read import SeriesIndex as SeriesIndex
    from dicom_series_preview.core.order.series import Ref as Ref
    from dicom_series_preview.core.order.series import Series as Series
    from dicom_series_preview.core.order.series import Stack as Stack
    from dicom_series_preview.core.remarks import Remark as Remark
    from dicom_series_preview.core.show.tile_map import ShownTile as ShownTile
    from dicom_series_preview.shell.batch.requests import batch as batch
    from dicom_series_preview.shell.outputs.picture import Picture as Picture
    from dicom_series_preview.shell.page.gallery import Gallery as Gallery

_HOMES = {
    "NoPreview": "api",
    "build_index": "api",
    "open_gallery": "api",
    "open_index": "api",
    "preview": "api",
    "IndexOptions": "core.ask.index_request",
    "Mosaic": "core.ask.views",
    "Options": "core.ask.options",
    "Single": "core.ask.views",
    "parse_root": "core.ask.roots",
    "parse_series": "core.ask.series_id",
    "Chosen": "core.choose.pick",
    "choose": "core.choose.pick",
    "Row": "core.batch.row",
    "Status": "core.batch.row",
    "Fault": "core.faults.fault",
    "SeriesIndex": "core.index.read",
    "Ref": "core.order.series",
    "Series": "core.order.series",
    "Stack": "core.order.series",
    "Remark": "core.remarks",
    "ShownTile": "core.show.tile_map",
    "batch": "shell.batch.requests",
    "Picture": "shell.outputs.picture",
    "Gallery": "shell.page.gallery",
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
