"""One series of a batch, made in a worker: its picture, and its row."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic

from attrs import evolve, frozen
from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.ask.index_request import IndexRequest
from dicom_series_preview.core.ask.preview import IndexFile, Preview
from dicom_series_preview.core.ask.roots import Root, show_root
from dicom_series_preview.core.ask.series_id import DicomUid, root_of
from dicom_series_preview.core.batch.names import picture_path, series_key
from dicom_series_preview.core.batch.outcome import Outcome, crashed, failed, show_windows
from dicom_series_preview.core.batch.row import Row, Status
from dicom_series_preview.core.batch.wanted import Wanted
from dicom_series_preview.core.faults.fault import CannotWrite, Fault
from dicom_series_preview.core.faults.series import NoSeries
from dicom_series_preview.core.results import all_of
from dicom_series_preview.shell.batch.worker import FolderLost
from dicom_series_preview.shell.outputs.files import write_whole
from dicom_series_preview.shell.outputs.picture import Picture
from dicom_series_preview.shell.progress import Counter
from dicom_series_preview.shell.run.preview import contents, make_picture
from dicom_series_preview.version import __version__


@frozen
class Maker:
    """How each series is made: `preview` is the request but for the series and the file."""

    preview: Preview
    folder: str
    """The output folder."""
    work: str
    """Where files are until they are whole."""
    ending: str
    looked_up: bool = False
    """Whether the table of the Imaging Data Commons was asked for all SeriesInstanceUIDs that it knows."""
    with_map: bool = False
    """Whether it is also written what stands where on a picture, in a JSON file beside it."""
    with_index: bool = False
    indexes: str | None = None
    """The output folder of a batch that wrote indexes."""
    objects: Root | None = None
    """Where the objects of these indexes are now, if not where they say."""

    def blank(self, wanted: Wanted) -> Row:
        """The row of a series of which nothing else is known."""
        location = show_root(root_of(wanted.series) or self.preview.root)
        return blank_row(series_key(wanted.series), location, wanted.collection)

    def make(self, wanted: Wanted) -> Outcome:
        """Make the picture of a series, and its index if that is wanted; whatever goes wrong is the outcome.

        But for what says nothing of the series: raises `FolderLost` where nothing can be written.
        """
        blank = self.blank(wanted)
        if self.looked_up and isinstance(wanted.series, DicomUid):
            hint = "The table of idc-index-data does not know this SeriesInstanceUID."
            return failed(blank, NoSeries(blank.series, blank.location, hint))
        row = evolve(blank, path=picture_path(blank.series, self.ending))
        target = os.path.join(self.folder, row.path)
        index = os.path.join(self.folder, picture_path(blank.series, ".parquet"))
        beside = os.path.join(self.folder, picture_path(blank.series, ".json"))
        output = evolve(self.preview.output, map=beside if self.with_map else None)
        request = evolve(self.preview, series=wanted.series, output=output)
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
        except OSError as error:
            raise FolderLost(str(CannotWrite(target, error.strerror or str(error)))) from error
        if self.indexes is not None:
            known = os.path.join(self.indexes, picture_path(blank.series, ".parquet"))
            request = evolve(request, index=IndexFile(known, self.objects))

        def make(progress: Counter) -> Result[Row, Fault]:
            if self.with_index:
                return self._with_index(request, target, index, row, progress)
            return write_one(request, target, row, progress, self.work)

        outcome = measured(row, make)
        if outcome.row.fault == CannotWrite.__name__:
            raise FolderLost(outcome.row.words)
        return outcome

    def _with_index(
        self, request: Preview, target: str, index: str, row: Row, progress: Counter
    ) -> Result[Row, Fault]:
        """The index first, and the picture by way of it: the headers are read once."""
        # It loads pyarrow and pydicom: half of the memory of a worker that writes no index.
        from dicom_series_preview.shell.run.build_index import write_index

        unfinished = os.path.join(self.work, f"{os.getpid()}-{os.path.basename(index)}")

        def by_index() -> Result[Row, Fault]:
            indexed = evolve(request, index=IndexFile(unfinished, None))
            made = write_one(indexed, target, row, progress, self.work)
            # An index of what cannot be shown is an index all the same.
            os.replace(unfinished, index)
            return made

        asked = IndexRequest(request.series, request.root, unfinished, None, request.patience)
        return write_index(asked, progress).bind(lambda _: by_index())


def blank_row(series: str, location: str, collection: str | None = None) -> Row:
    """The row of a series of which nothing else is known."""
    return Row(series, collection, location, "", Status.FAILED, version=__version__)


def write_one(
    request: Preview,
    path: str,
    row: Row,
    progress: Counter,
    unfinished: str | None = None,
) -> Result[Row, Fault]:
    """Make one picture, in the file at `path`, and its map where the request names one.

    Files lie in the folder `unfinished` until they are whole.  The picture comes last: where it is, all is.
    """

    def write(picture: Picture) -> Result[Row, Fault]:
        data = contents(request.output, path, picture, progress)
        beside = [] if request.output.map is None else [request.output.map]
        files = reversed([*zip([path, *beside], data, strict=True)])
        written = all_of(write_whole(place, content, unfinished) for place, content in files)
        return written.map(lambda _: _made(row, picture, len(data[0])))

    return make_picture(request, progress).bind(write)


def measured(row: Row, make: Callable[[Counter], Result[Row, Fault]]) -> Outcome:
    """What it made of a row, with what that took; whatever goes wrong is the outcome too."""
    began, used = monotonic(), _processor_time()
    progress = Counter()
    try:
        result = make(progress)
        outcome = Outcome(result.unwrap()) if is_successful(result) else failed(row, result.failure())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  no defect ends the series that come after; a panic is no Exception
        outcome = crashed(row, error)
    return evolve(
        outcome,
        row=evolve(
            outcome.row,
            remarks=tuple(dict.fromkeys(map(str, progress.remarks))),
            requests=progress.requests,
            bytes_read=progress.received,
            seconds=monotonic() - began,
            cpu=_processor_time() - used,
        ),
    )


def _made(row: Row, picture: Picture, size: int) -> Row:
    height, width = picture.pixels.shape[:2]
    return evolve(
        row,
        status=Status.MADE,
        bytes=size,
        width=width,
        height=height,
        slices=sum(stack.count for stack in picture.stacks),
        stacks=len(picture.stacks),
        axis=picture.stacks[0].axis.value if picture.stacks else "",
        window=show_windows(picture.windows),
        modality=picture.modality,
        description=picture.description,
    )


def _processor_time() -> float:
    """Seconds of processor time of this process and of those that it has started and ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
