"""What workers of the tests are given to do: items that behave as their names say."""

from __future__ import annotations

import os
import signal
from ctypes import PyDLL
from pathlib import Path
from threading import Event
from time import sleep

from attrs import evolve, frozen

from dicom_series_preview.core.batch.outcome import Outcome
from dicom_series_preview.core.batch.row import Row, Status


@frozen
class Jobs:
    """Makes items; each start is a line in a file of its own in the folder `begun`."""

    begun: str

    def blank(self, item: str) -> Row:
        """The row of an item."""
        return Row(item, None, "here", "", Status.FAILED)

    def make(self, item: str) -> Outcome:
        """Do what the item's name says."""
        with Path(self.begun, item).open("a") as file:
            file.write(f"{os.getpid()}\n")
        made = Outcome(evolve(self.blank(item), status=Status.MADE, path=f"{item}.webp"))
        match item.partition("-")[0]:
            case "poison":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                Event().wait()
            case "locked":  # holds the interpreter's lock for longer than anybody waits
                PyDLL(None).sleep(3600)
            case "big":
                held = []
                while True:
                    held.append(bytearray(os.urandom(1 << 20) * 16))
                    sleep(0.005)
            case "waits":  # until somebody has made the file
                while not Path(self.begun, "go").exists():
                    sleep(0.01)
            case "flaky" if self.starts(item) == 1:
                return Outcome(self.blank(item), may_pass=True)
            case "down":
                return Outcome(evolve(self.blank(item), fault="Busy"), may_pass=True)
            case "refused":
                return Outcome(evolve(self.blank(item), fault="NoPixels"))
            case _:
                pass
        return made

    def starts(self, item: str) -> int:
        """How often an item was begun."""
        file = Path(self.begun, item)
        return len(file.read_text().splitlines()) if file.exists() else 0

    def workers(self) -> set[int]:
        """The processes that have begun anything."""
        return {int(pid) for file in Path(self.begun).iterdir() for pid in file.read_text().split()}
