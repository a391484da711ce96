"""Functional groups of multi-frame objects (PS3.3 C.7.6.16): per frame, else shared, else the root."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dicom_series_preview.core.header.elements import Elements, items


def frame_lookup(root: Elements, frame: int) -> Callable[[str, str | None], Elements]:
    """A function that finds the elements holding `keyword` for a 0-based `frame`.

    `lookup(keyword, macro)` gives the item of the functional group macro that holds the keyword, for the
    frame or shared by all, or else the root, whether or not it holds it.
    """
    per_frame = root.get("PerFrameFunctionalGroupsSequence")
    own = () if per_frame is None else per_frame.values[frame : frame + 1]  # thousands: not to be walked here
    levels = [
        *(item for item in own if isinstance(item, Mapping)),
        *items(root, "SharedFunctionalGroupsSequence")[:1],
    ]

    def lookup(keyword: str, macro: str | None) -> Elements:
        if macro is not None:
            for level in levels:
                for item in items(level, macro)[:1]:
                    found = item.get(keyword)
                    if found is not None and found.values:
                        return item
        return root

    return lookup
