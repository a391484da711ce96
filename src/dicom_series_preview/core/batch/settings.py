"""What a batch was asked for, as its folder remembers it: one set of options a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeAlias

from attrs import frozen
from returns.result import Failure, Result, Success

from dicom_series_preview.core.faults.batch import BadSettings, OtherOptions

Setting: TypeAlias = str | int | float | bool | list["Setting"] | None
"""An option's value, as JSON has it."""

_SCHEMA: Final = 1


@frozen
class Settings:
    """What decides how the pictures of a batch look, and what they are pictures of."""

    options: Mapping[str, Setting]
    """The options of a preview by name, without those that change no picture."""
    series: int
    """How many series the list holds."""
    manifest: str
    """The fingerprint of the list (`names.list_hash`)."""
    version: str
    """The version of this package."""


def write_settings(settings: Settings) -> str:
    """The content of batch.json; `read_settings` reads it back."""
    content = {
        "schema": _SCHEMA,
        "version": settings.version,
        "series": settings.series,
        "manifest": settings.manifest,
        "options": dict(settings.options),
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def read_settings(text: str) -> Result[Settings, BadSettings]:
    """Read batch.json."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return Failure(BadSettings("it is no JSON"))
    match content:
        case {"schema": int(schema)} if schema > _SCHEMA:
            return Failure(BadSettings(f"it is of format {schema}, and this version knows up to {_SCHEMA}"))
        case {
            "schema": int(),
            "version": str(version),
            "series": int(series),
            "manifest": str(manifest),
            "options": dict(options),
        }:
            return Success(Settings(options, series, manifest, version))
        case _:
            return Failure(BadSettings("it is not what a batch writes"))


def check_same(before: Settings | None, now: Settings) -> Result[None, OtherOptions]:
    """Refuse to go on with other options: pictures of two kinds would lie side by side.

    Another list of series, or another version, is no reason: each picture is made from its series alone.
    """
    if before is None:
        return Success(None)
    names = sorted(before.options.keys() | now.options.keys())
    pairs = ((name, before.options.get(name), now.options.get(name)) for name in names)
    differences = tuple((name, _shown(old), _shown(new)) for name, old, new in pairs if old != new)
    return Failure(OtherOptions(differences)) if differences else Success(None)


def _shown(value: Setting) -> str:
    return "not given" if value is None else json.dumps(value)
