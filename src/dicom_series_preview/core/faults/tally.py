"""When what single objects meet ends a run: one of them costs its tile, a store that is down costs the run."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from dicom_series_preview.core.faults.fault import ObjectFault
from dicom_series_preview.core.faults.storage import (
    BadSetting,
    Busy,
    ConnectionRefused,
    CredentialsRefused,
    NoBucket,
    NoTls,
    ProxyRefused,
    StoreFault,
    TimedOut,
    UnknownHost,
    Unreachable,
    Untrusted,
    WrongRegion,
)

ENOUGH: Final = 16
"""Objects that must have met what a store that is down does, before that is believed of those still to come."""

SOME: Final = 4
"""The same when none are to come."""


@frozen
class Tally:
    """What became of the objects so far.

    `well` were read; `ill` met what a store that is down does too; `spoilt` is the fault that ends the run:
    one that speaks of the store alone, or the first of those that `ENOUGH` objects met, and more than were read.
    """

    well: int = 0
    ill: int = 0
    first: StoreFault | None = None
    spoilt: StoreFault | None = None

    @property
    def down(self) -> StoreFault | None:
        """What ends the run after the last object: also what some met, and more of them than were read."""
        return self.spoilt or (self.first if self.ill >= SOME and self.ill > self.well else None)

    def counting(self, fault: ObjectFault | None) -> Tally:
        """The same with one object more: None if it was read."""
        match fault:
            case None:
                return evolve(self, well=self.well + 1)
            case NoBucket() | CredentialsRefused() | WrongRegion() | BadSetting() | ProxyRefused():
                return evolve(self, spoilt=self.spoilt or fault)
            case (
                TimedOut()
                | UnknownHost()
                | ConnectionRefused()
                | Untrusted()
                | NoTls()
                | Unreachable()
                | Busy()
            ):
                first, ill = self.first or fault, self.ill + 1
                down = ill >= ENOUGH and ill > self.well
                return evolve(self, ill=ill, first=first, spoilt=self.spoilt or (first if down else None))
            case _:
                return self
