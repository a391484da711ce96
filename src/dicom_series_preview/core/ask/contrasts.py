"""Which window is wanted: one by name or by numbers, the file's own, or one from the pixels."""

from __future__ import annotations

from typing import Final, TypeAlias

from attrs import frozen

from dicom_series_preview.core.grey import PRESETS, Window

CONTRAST_PRESETS: Final = ("auto", *PRESETS)


@frozen
class Auto:
    """The window comes from the pixels shown."""


@frozen
class FromFile:
    """The window comes from each frame's header, and from the pixels where it has none."""


Contrast: TypeAlias = Window | Auto | FromFile
