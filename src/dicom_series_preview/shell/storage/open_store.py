"""A root -> its store; the library or protocol behind a root is imported when such a root is opened."""

from __future__ import annotations

from typing import assert_never

from returns.result import Failure, Result

from dicom_series_preview.core.ask.roots import (
    AzureRoot,
    DicomwebRoot,
    GcsRoot,
    HttpRoot,
    LocalRoot,
    Root,
    S3Root,
    show_root,
)
from dicom_series_preview.core.faults.storage import BadSetting, StoreFault
from dicom_series_preview.shell.storage.store import Network, Store


def open_store(root: Root, network: Network) -> Result[Store, StoreFault]:
    """Open a root; of remote ones nothing is asked before the first listing or read."""
    match root:
        case LocalRoot():
            from dicom_series_preview.shell.storage.folder import open_folder

            return open_folder(root, network)
        case HttpRoot():
            from dicom_series_preview.shell.storage.web import open_web

            return open_web(root, network)
        case S3Root():
            from dicom_series_preview.shell.storage.bucket import open_s3

            return open_s3(root, network)
        case GcsRoot() | AzureRoot():
            from dicom_series_preview.shell.storage.objects import open_objects

            return open_objects(root, network)
        case DicomwebRoot():
            return Failure(
                BadSetting(show_root(root), "a DICOMweb service has series, and no folders of them")
            )
        case _ as never:
            assert_never(never)
