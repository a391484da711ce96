"""What an index remembers of what was odd about its objects, so that a preview by way of it says the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from dicom_series_preview.core.header.dicom_json import Json
from dicom_series_preview.core.remarks import (
    ByLocation,
    Mend,
    MendedElement,
    Remark,
    RepeatedUid,
    UnusableElement,
    WithoutOrientation,
    WithoutPixels,
)

_READ: Final[dict[str, Callable[..., Remark]]] = {
    "unusable": lambda keyword, count: UnusableElement(str(keyword), int(count)),
    "mended": lambda keyword, mend, count: MendedElement(str(keyword), Mend[str(mend)], int(count)),
    "repeated": lambda count: RepeatedUid(int(count)),
    "without orientation": lambda count: WithoutOrientation(int(count)),
    "by location": lambda count: ByLocation(int(count)),
    "without pixels": lambda count, *kinds: WithoutPixels(int(count), tuple(map(str, kinds))),
}


def remarks_json(remarks: Sequence[Remark]) -> list[Json]:
    """One list a remark: its kind, and what it says; those that an index cannot tell of are left out."""
    found: list[Json] = []
    for remark in remarks:
        match remark:
            case UnusableElement(keyword=keyword, count=count):
                found.append(["unusable", keyword, count])
            case MendedElement(keyword=keyword, mend=mend, count=count):
                found.append(["mended", keyword, mend.name, count])
            case RepeatedUid(count=count):
                found.append(["repeated", count])
            case WithoutOrientation(count=count):
                found.append(["without orientation", count])
            case ByLocation(count=count):
                found.append(["by location", count])
            case WithoutPixels(count=count, kinds=kinds):
                found.append(["without pixels", count, *kinds])
            case _:  # the order says which slices have no place, and what cannot be read has no row
                pass
    return found


def read_remarks(told: Json) -> tuple[Remark, ...]:
    """The remarks again; LookupError, TypeError or ValueError where they are of another form."""
    if not isinstance(told, list):
        raise ValueError("its remarks are of another form")
    return tuple(_remark(one) for one in told)


def _remark(told: Json) -> Remark:
    if not isinstance(told, list):
        raise ValueError("its remarks are of another form")
    kind, *said = told
    return _READ[str(kind)](*said)
