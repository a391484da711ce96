"""The whole tree: what can befall one object, and what can end a run."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from dicom_series_preview.core.faults.index import IndexRefusal
from dicom_series_preview.core.faults.objects import NotDicom, PixelError, Undecodable
from dicom_series_preview.core.faults.request import BadOptions, RequestError
from dicom_series_preview.core.faults.series import NoSeries, SelectionError, SeriesError, SeveralMatches
from dicom_series_preview.core.faults.storage import StoreFault

ObjectFault: TypeAlias = StoreFault | NotDicom | Undecodable
"""What can befall a single object."""

LocateFault: TypeAlias = StoreFault | NoSeries | SeveralMatches
"""What can befall the search for a series."""


@frozen
class NothingReadable:
    """Not one of `count` objects or pictures could be read; `first` is what the first of them met."""

    count: int
    first: ObjectFault

    def __str__(self) -> str:
        which = "The object" if self.count == 1 else f"None of {self.count} objects"
        verb = "could not be shown" if self.count == 1 else "could be shown; the first"
        return f"{which} {verb}: {self.first}"


@frozen
class CannotWrite:
    """The output cannot be written."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path} cannot be written: {self.reason}."


@frozen
class Stalled:
    """A network was waited for, and brought nothing for `seconds`."""

    seconds: float

    def __str__(self) -> str:
        return f"Nothing has arrived for {self.seconds:g} s: gave up. Check the network, or try again later."


@frozen
class Unfinished:
    """No network was waited for, and yet nothing was finished for `seconds`."""

    seconds: float

    def __str__(self) -> str:
        return (
            f"Nothing was finished in {self.seconds:g} s of reading, decoding and drawing: gave up. Ask for fewer "
            "or smaller tiles, or try again when the machine is less busy."
        )


RunFault: TypeAlias = NothingReadable | CannotWrite | Stalled | Unfinished
"""What ends a run as a whole."""

Fault: TypeAlias = (
    BadOptions
    | RequestError
    | SelectionError
    | SeriesError
    | PixelError
    | IndexRefusal
    | LocateFault
    | ObjectFault
    | RunFault
)
"""Every refusal and every fault; `str()` of each is one short paragraph: what was wrong, what would be right."""
