"""What became of a series: one row of the table that a batch leaves behind."""

from __future__ import annotations

from enum import Enum

from attrs import frozen


class Status(Enum):
    """How a series ended; the value is the text in the table."""

    MADE = "made"
    """There is a picture, whole."""

    FAILED = "failed"
    """It was refused, or could not be read: `Row.fault` and `Row.words` say why."""

    KILLED = "killed"
    """It ended its worker, twice, the second time alone with it."""

    TIMED_OUT = "timed_out"
    """It took longer than a series may take."""


@frozen
class Row:
    """What became of one series.

    No field names a patient: the words of refusals quote identifiers, names of attributes and of files alone.
    """

    series: str
    """The series, as the command takes it: its uuid (lower case, with hyphens) where it has one, else its
    SeriesInstanceUID, the prefix that was given, or the full location of its folder.  No two rows share it."""

    collection: str | None
    """The collection it belongs to, where the list of series tells."""

    location: str
    """The root it lies under, e.g. `s3://idc-open-data`: with it as `--root` the command finds the series."""

    path: str
    """Where the picture is, "/"-separated below the output folder; "" if there is none."""

    status: Status

    fault: str = ""
    """The name of the class of refusal or fault; "" if it was made."""

    words: str = ""
    """The fault in words; "" if it was made."""

    remarks: tuple[str, ...] = ()
    """What was odd about it, in words."""

    bytes: int = 0
    """Size of the picture in bytes."""

    width: int = 0
    """Width of the picture in px."""

    height: int = 0
    """Height of the picture in px."""

    slices: int = 0
    """How many slices it has, over all its stacks."""

    stacks: int = 0
    """How many stacks it has (runs of slices of one orientation and kind)."""

    axis: str = ""
    """The axis of its first stack: Z, X, Y, or I for the order of InstanceNumber."""

    window: str = ""
    """Through which window it is shown, e.g. `width 1500, center -500, LINEAR_EXACT`, or `auto`."""

    modality: str = ""
    """Modality (0008,0060), e.g. CT."""

    description: str = ""
    """SeriesDescription (0008,103E)."""

    requests: int = 0
    """How many requests were made of the storage, or reads of local files."""

    bytes_read: int = 0
    """How many bytes came from the storage."""

    seconds: float = 0.0
    """How long it took, in s; of the last attempt."""

    cpu: float = 0.0
    """Processor time, user and system, in s; of the last attempt."""

    attempts: int = 1
    """How often it was begun."""

    version: str = ""
    """Which version of this package made the row."""
