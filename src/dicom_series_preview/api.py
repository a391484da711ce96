"""What a notebook, a script or a pipeline calls: options in, a picture or the reason why there is none out."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, NoReturn, TypeVar

from returns.pipeline import is_successful
from returns.primitives.exceptions import UnwrapFailedError
from returns.result import Failure, Result

from dicom_series_preview.core.ask.index_request import IndexOptions, check_index
from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.core.ask.paths import path_text
from dicom_series_preview.core.ask.preview import check_preview
from dicom_series_preview.core.faults.batch import UnusableFolder
from dicom_series_preview.core.faults.fault import Fault
from dicom_series_preview.core.index.read import SeriesIndex
from dicom_series_preview.shell.outputs.picture import Picture
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.preview import make_picture, write_picture
from dicom_series_preview.shell.sources.open_index import open_index as read_index

if TYPE_CHECKING:
    from dicom_series_preview.shell.page.gallery import Gallery

Value = TypeVar("Value")
Reason = TypeVar("Reason")


class NoPreview(UnwrapFailedError):
    """What `unwrap()` raises; its text is that of the fault, which `halted_container.failure()` gives as data."""

    def __str__(self) -> str:
        return str(self.halted_container.failure())


class _Told(Failure[Reason]):  # type: ignore[misc]  # final to type checkers; only what it raises is different
    """A failure that says why when it is unwrapped."""

    def unwrap(self) -> NoReturn:
        raise NoPreview(self)


def preview(options: Options) -> Result[Picture, Fault]:
    """The picture of a series as a value; with `options.output` it is written there too, whole or not at all.

    It may be called from many threads, and changes nothing in the process.  `unwrap()` of a failure raises
    `NoPreview` with the words of the fault.
    """
    checked = check_preview(options)
    if not is_successful(checked):
        return _Told(checked.failure())
    request, progress = checked.unwrap(), Counter()
    path = request.output.path
    return _told(make_picture(request, progress) if path is None else write_picture(request, path, progress))


def build_index(options: IndexOptions) -> Result[None, Fault]:
    """Write the headers of a series as a typed Parquet table at `options.output`, in reading order."""
    from dicom_series_preview.shell.run.build_index import write_index  # pydicom and pyarrow come with it

    checked = check_index(options)
    if not is_successful(checked):
        return _Told(checked.failure())
    return _told(write_index(checked.unwrap(), Counter()))


def open_index(path: str | PathLike[str]) -> Result[SeriesIndex, Fault]:
    """Read an index that `build_index` wrote; refused if it is damaged, incomplete or of a newer schema."""
    return _told(read_index(path_text(path)))


def open_gallery(folder: str | PathLike[str]) -> Result[Gallery, UnusableFolder]:
    """What a batch has left in its output folder so far; it may be at work."""
    from dicom_series_preview.shell.page.gallery import open_gallery as read_gallery  # pyarrow comes with it

    return _told(read_gallery(path_text(folder)))


def _told(result: Result[Value, Reason]) -> Result[Value, Reason]:
    return result if is_successful(result) else _Told(result.failure())
