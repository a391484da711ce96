"""What a series is, without a look at its pixels: a value, its lines for a person, and its JSON for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar, assert_never

from attrs import frozen

from dicom_series_preview.core.faults.objects import BadPixelModule
from dicom_series_preview.core.faults.words import plural
from dicom_series_preview.core.geometry import Axis
from dicom_series_preview.core.grey import Lut, Voi, Window
from dicom_series_preview.core.header.dicom_json import Json, JsonObject
from dicom_series_preview.core.header.instance import ComplexComponent, Instance, Pixels
from dicom_series_preview.core.header.transfer_syntax import describe_syntax, syntax_name
from dicom_series_preview.core.order.membership import commonest
from dicom_series_preview.core.order.report import DIRECTIONS, StackSummary, summarize
from dicom_series_preview.core.order.series import Series, Slice, Stack
from dicom_series_preview.core.order.stacks import primary_position
from dicom_series_preview.core.remarks import Remark

SCHEMA: Final = 1
"""Grows when a program that reads the former JSON would misread it."""

_LABEL: Final = 17  # characters
_FEW: Final = 5  # windows that a person is told one by one
_LEAST_TILT: Final = 0.05  # degrees: what rounds to 0.1

Kind = TypeVar("Kind")


@frozen
class StackInfo:
    """One stack, and where its first and its last slice lie: mm on its axis, InstanceNumbers on axis I."""

    summary: StackSummary
    first: float | None
    last: float | None
    component: ComplexComponent | None
    """What its slices show of complex values, where they tell; the same for all of them."""


@frozen
class SeriesInfo:
    """What a series is.  Pairs are a kind of thing and how many have it, the commonest first."""

    series: str
    """How the series was asked for."""
    series_instance_uid: str
    """Empty where no object tells it."""
    modality: str
    description: str
    objects: int
    """Also those without pixel data."""
    frames: int
    """All that the objects say they hold."""
    size: int | None
    """Bytes in all objects; None where that of one is not known."""
    matrices: tuple[tuple[tuple[int, int], int], ...]
    """(rows, columns) in px and how many objects have it; of slide levels those of the whole."""
    syntaxes: tuple[tuple[str, int], ...]
    """UIDs of transfer syntaxes and how many objects with pixels have each, where that is known."""
    stacks: tuple[StackInfo, ...]
    """In reading order; none where nothing can be shown."""
    windows: tuple[tuple[Voi, int], ...]
    """The files' own windows and tables, and the slices of stacks that have each."""
    remarks: tuple[str, ...]
    """What is odd, a sentence each."""


def series_info(
    name: str, objects: Sequence[Instance], order: Series[Slice], remarks: Sequence[Remark]
) -> SeriesInfo:
    """Sum up the `objects` of a series whose pictures are in `order`; `remarks` are what was odd about them."""
    pixels = [one.pixels for one in objects if isinstance(one.pixels, Pixels)]
    refused = [one.pixels for one in objects if isinstance(one.pixels, BadPixelModule)]
    sizes = [one.size for one in objects if one.size is not None]
    vois = [slice_.frame.voi for slice_ in order.slices]
    return SeriesInfo(
        series=name,
        series_instance_uid=commonest(one.series_instance_uid for one in objects),
        modality=commonest(one.modality for one in objects),
        description=commonest(one.series_description for one in objects),
        objects=len(objects),
        frames=sum(one.format.number_of_frames for one in pixels) + len(refused),
        size=sum(sizes) if len(sizes) == len(objects) else None,
        matrices=_counted(map(_matrix, pixels)),
        syntaxes=_counted(one.format.transfer_syntax for one in pixels if one.format.transfer_syntax),
        stacks=tuple(map(_stack_info, order.stacks)),
        windows=_counted(voi for voi in vois if voi is not None),
        remarks=(*map(str, remarks), *(_refusal(bad, count) for bad, count in _counted(refused))),
    )


def _counted(values: Iterable[Kind]) -> tuple[tuple[Kind, int], ...]:
    """The commonest first; of those as common the one that came first."""
    return tuple(Counter(values).most_common())


def _matrix(pixels: Pixels) -> tuple[int, int]:
    shape = pixels.format if pixels.tiling is None else pixels.tiling
    return shape.rows, shape.columns


def _refusal(bad: BadPixelModule, count: int) -> str:
    return f"{count} {plural(count, 'object')} cannot be shown. {bad}"


def _stack_info(stack: Stack[Slice]) -> StackInfo:
    first, last = stack.slices[0], stack.slices[-1]
    return StackInfo(
        summary=summarize(stack),
        first=primary_position(stack.axis, first, stack.centred),
        last=primary_position(stack.axis, last, stack.centred),
        component=first.frame.component,
    )


def as_json(info: SeriesInfo) -> JsonObject:
    """The JSON that docs/info.md describes."""
    return {
        "schema": SCHEMA,
        "series": info.series,
        "series_instance_uid": info.series_instance_uid or None,
        "modality": info.modality or None,
        "description": info.description or None,
        "objects": info.objects,
        "frames": info.frames,
        "bytes": info.size,
        "matrices": [
            {"rows": rows, "columns": columns, "objects": count} for (rows, columns), count in info.matrices
        ],
        "transfer_syntaxes": [
            {"uid": uid, "name": syntax_name(uid) or None, "objects": count} for uid, count in info.syntaxes
        ],
        "stacks": [_stack_json(stack) for stack in info.stacks],
        "windows": [_voi_json(voi) | {"slices": count} for voi, count in info.windows],
        "remarks": list(info.remarks),
    }


def _stack_json(stack: StackInfo) -> Json:
    summary = stack.summary
    return {
        "axis": summary.axis.value,
        "direction": DIRECTIONS[summary.axis],
        "component": None if stack.component is None else stack.component.value,
        "slices": summary.count,
        "places": summary.places,
        "first": stack.first,
        "last": stack.last,
        "spacing": summary.spacing,
        "gaps": summary.gaps,
        "repeats": summary.repeated,
        "tilt": summary.tilt,
        "time_key": summary.time_key,
    }


def _voi_json(voi: Voi) -> JsonObject:
    match voi:
        case Window(center=center, width=width, function=function):
            return {"kind": "window", "width": width, "center": center, "function": function.value}
        case Lut(first=first, bits=bits, entries=entries):
            return {"kind": "lut", "first": first, "entries": len(entries) // 2, "bits": bits}
        case _ as never:
            assert_never(never)


def as_lines(info: SeriesInfo) -> tuple[str, ...]:
    """Lines for a terminal: a label and what it labels, a line for each of several."""
    title = ", ".join(word for word in (info.modality, info.description) if word)
    size = "not told" if info.size is None else f"{info.size:,}"
    matrices = [(f"{rows} x {columns} px", count) for (rows, columns), count in info.matrices]
    syntaxes = [(syntax_name(uid) or describe_syntax(uid), count) for uid, count in info.syntaxes]
    return (
        title or "a series of no modality",
        *_labelled("series", [info.series]),
        *_labelled("uid", [info.series_instance_uid] if info.series_instance_uid else []),
        *_labelled("objects", [f"{info.objects:,}"]),
        *_labelled("frames", [f"{info.frames:,}"]),
        *_labelled("bytes", [size]),
        *_labelled("matrix", _with_counts(matrices, info.objects, "object")),
        *_labelled("transfer syntax", _with_counts(syntaxes, info.objects, "object")),
        *(line for number in range(len(info.stacks)) for line in _stack_lines(info, number)),
        *_labelled("window", _window_words(info) if info.stacks else []),
        *_labelled("odd", info.remarks or ["nothing"]),
    )


def _labelled(label: str, values: Sequence[str]) -> list[str]:
    return [f"{'' if i else label:<{_LABEL}}{value}" for i, value in enumerate(values)]


def _with_counts(kinds: Sequence[tuple[str, int]], total: int, unit: str) -> list[str]:
    """What has each kind is told where that is not all of them."""
    return [
        words if count == total else f"{words} ({count:,} {plural(count, unit)})" for words, count in kinds
    ]


def _stack_lines(info: SeriesInfo, number: int) -> list[str]:
    stack = info.stacks[number]
    summary = stack.summary
    label = "stack" if len(info.stacks) == 1 else f"stack {number + 1}"
    kind = "" if stack.component is None else f"{stack.component.value} "
    slices = f"{summary.count:,} {kind}{plural(summary.count, 'slice')}"
    if summary.axis is Axis.INSTANCE:
        order = f", {DIRECTIONS[summary.axis]}" if summary.count > 1 else ""
        return _labelled(label, [f"{slices} without a position{order}"])
    lines = _labelled(label, [f"{slices} along {summary.axis.value}, {DIRECTIONS[summary.axis]}"])
    ends = dict.fromkeys(_number(end) for end in (stack.first, stack.last) if end is not None)
    lines += _labelled("  at" if len(ends) == 1 else "  from, to", [" to ".join(ends) + " mm"])
    if summary.spacing is not None:
        gaps = f"{summary.gaps or 'no'} {plural(summary.gaps, 'gap')}"
        lines += _labelled("  places", [f"{summary.places:,}, {_number(summary.spacing)} mm apart, {gaps}"])
    if summary.repeated:
        order = f", in order of {summary.time_key}" if summary.time_key else ""
        lines += _labelled("  repeats", [f"{summary.repeated:,} at a place seen before{order}"])
    if summary.tilt is not None and summary.tilt >= _LEAST_TILT:
        lines += _labelled("  tilt", [f"{summary.tilt:.1f} degrees"])
    return lines


def _window_words(info: SeriesInfo) -> list[str]:
    total = sum(stack.summary.count for stack in info.stacks)
    told = [(_voi_words(voi), count) for voi, count in info.windows[:_FEW]]
    more = len(info.windows) - len(told)
    return [
        *_with_counts(told, total, "slice"),
        *([f"and {more:,} more"] if more else []),
        *([] if told else ["none in the file"]),
    ]


def _voi_words(voi: Voi) -> str:
    match voi:
        case Window(center=center, width=width, function=function):
            return f"width {_number(width)}, center {_number(center)}, {function.value}"
        case Lut(entries=entries, bits=bits):
            return f"a table of {len(entries) // 2:,} entries of {bits} bits"
        case _ as never:
            assert_never(never)


def _number(value: float) -> str:
    """A number of at most six digits, without zeros that say nothing."""
    return f"{round(value, 3) + 0.0:g}"
