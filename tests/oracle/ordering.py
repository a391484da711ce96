"""The reading order of a series by brute force, from whole files; and which slices a mosaic takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from pydicom.dataset import Dataset

from tests.oracle.decoding import read
from tests.oracle.rendering import RT_DOSE, SLIDE, Shot, groups

SIGNS = {2: -1.0, 0: 1.0, 1: 1.0}
"""Reading direction along z, x and y, in the order that ties prefer: head first, right first, front first."""


@frozen(eq=False)
class Placed:
    """A frame with what its place in the order depends on."""

    shot: Shot
    position: Any
    orientation: Any
    location: float | None
    number: int | None

    @property
    def last_resort(self) -> tuple[object, ...]:
        """What decides when geometry and time do not."""
        number = (1, 0) if self.number is None else (0, self.number)
        uid = str(read(self.shot.path).get("SOPInstanceUID", ""))
        return (number, uid, self.shot.path.name, self.shot.frame)


def frames_of(folder: Path) -> list[Placed]:
    """All frames of all files with pixels; a slide level is one."""
    found = []
    for path in sorted(folder.iterdir()):
        dataset = read(path)
        if not any(k in dataset for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            continue
        count = 1 if dataset.get("SOPClassUID") == SLIDE else _frames(dataset)
        found += [_place(Shot(path, index)) for index in range(count)]
    return found


def _frames(dataset: Dataset) -> int:
    text = str(dataset.get("NumberOfFrames") or 1)
    return int(text) if text.isdigit() else 1


def _vector(dataset: Dataset, keyword: str, count: int) -> Any:
    value = dataset.get(keyword)
    return np.array([float(v) for v in value]) if value is not None and len(value) == count else None


def _place(shot: Shot) -> Placed:
    dataset = read(shot.path)
    position = _vector(groups(shot, "PlanePositionSequence"), "ImagePositionPatient", 3)
    orientation = _vector(groups(shot, "PlaneOrientationSequence"), "ImageOrientationPatient", 6)
    offsets = dataset.get("GridFrameOffsetVector")
    if dataset.get("SOPClassUID") == RT_DOSE and offsets is not None and len(offsets) > shot.frame:
        normal = np.cross(orientation[:3], orientation[3:])
        position = position + normal * float(offsets[shot.frame])
    location, number = dataset.get("SliceLocation"), dataset.get("InstanceNumber")
    return Placed(
        shot,
        position,
        orientation,
        None if location is None else float(location),
        None if number is None else int(number),
    )


def stacks_of(placed: Sequence[Placed]) -> list[list[Placed]]:
    """The frames of each stack in order; see `levels_of`."""
    return [[p for level in levels for p in level] for levels in levels_of(placed)]


def levels_of(placed: Sequence[Placed]) -> list[list[list[Placed]]]:
    """The frames of each stack, by the places where they lie.

    Frames of one orientation and one kind stand together, or of several orientations that follow one another.
    The largest stack comes first, equal ones magnitude before phase before real before imaginary, and those
    without geometry last.
    """
    lots: list[list[Placed]] = []
    bare = [p for p in placed if p.position is None and p.location is None]
    for one in (p for p in placed if p not in bare):
        for lot in lots:
            if _kind(lot[0]) == _kind(one) and _alike(lot[0].orientation, one.orientation):
                lot.append(one)
                break
        else:
            lots.append([one])
    chained = _chained(lots)

    def rank(lot: list[Placed]) -> tuple[object, ...]:
        lowest = min((p.number for p in lot if p.number is not None), default=10**9)
        return (-len(lot), _kind(lot[0]), list(SIGNS).index(_axis(lot)), lowest)

    ordered = [
        _levels(lot, lot in chained) for lot in sorted([*_unchained(lots, chained), *chained], key=rank)
    ]
    return [*ordered, [[p] for p in sorted(bare, key=lambda p: p.last_resort)]] if bare else ordered


def _unchained(lots: list[list[Placed]], chained: list[list[Placed]]) -> list[list[Placed]]:
    taken = [p for lot in chained for p in lot]
    return [lot for lot in lots if lot[0] not in taken]


def _chained(lots: list[list[Placed]]) -> list[list[Placed]]:
    """For each kind and axis the lots of two frames and more whose middles' ranges no other such range meets."""
    found: dict[tuple[int, int], list[list[Placed]]] = {}
    for lot in lots:
        if len(lot) >= 2 and lot[0].position is not None and lot[0].orientation is not None:
            found.setdefault((_kind(lot[0]), _axis(lot)), []).append(lot)
    chains = []
    for (_, axis), same in found.items():
        spans = [(min(_middle(p)[axis] for p in lot), max(_middle(p)[axis] for p in lot)) for lot in same]
        free = [
            lot
            for index, (lot, (low, high)) in enumerate(zip(same, spans, strict=True))
            if all(
                high + 0.01 < start or end + 0.01 < low for start, end in spans[:index] + spans[index + 1 :]
            )
        ]
        if len(free) >= 2:
            chains.append([p for lot in free for p in lot])
    return chains


def _middle(p: Placed) -> Any:
    """The centre of the picture, from that of its first pixel."""
    dataset = read(p.shot.path)
    spacing = groups(p.shot, "PixelMeasuresSequence").get("PixelSpacing")
    if spacing is None:
        return p.position
    rows, columns = float(spacing[0]) * (dataset.Rows - 1), float(spacing[1]) * (dataset.Columns - 1)
    return p.position + p.orientation[:3] * columns / 2 + p.orientation[3:] * rows / 2


KINDS = ("MAGNITUDE", "PHASE", "REAL", "IMAGINARY")


def _kind(p: Placed) -> int:
    """Which of `KINDS` an MR frame shows; 0 where it is not said."""
    dataset = read(p.shot.path)
    if dataset.get("Modality") != "MR":
        return 0
    frame = groups(p.shot, "MRImageFrameTypeSequence")
    told = [
        frame.get("ComplexImageComponent"),
        *(frame.get("FrameType") or dataset.get("ImageType") or [])[2:],
    ]
    for word in (str(value).upper() for value in told):
        for index, kind in enumerate(KINDS):
            if word in (kind, kind[0]) or word.startswith((f"{kind[0]}_", f"{kind} ")):
                return index
    return int(dataset[0x0043, 0x102F].value) if (0x0043, 0x102F) in dataset else 0


def _alike(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.abs(one - other).max() <= 0.01)


def _axis(lot: Sequence[Placed]) -> int:
    first = lot[0]
    if first.orientation is not None:
        normal = np.cross(first.orientation[:3], first.orientation[3:])
        return max(SIGNS, key=lambda axis: (round(abs(float(normal[axis])), 6), -list(SIGNS).index(axis)))
    if first.position is None:
        return 2
    ranges = np.ptp([p.position for p in lot], axis=0)
    return max(SIGNS, key=lambda axis: (ranges[axis], -list(SIGNS).index(axis)))


def _depths(lot: Sequence[Placed], chained: bool) -> list[float]:
    """How far each frame lies from the beginning in reading direction, in mm."""
    axis = _axis(lot)
    if chained:
        return [SIGNS[axis] * _middle(p)[axis] for p in lot]
    if lot[0].position is None:
        return [-(p.location or 0.0) for p in lot]
    if lot[0].orientation is None:
        return [SIGNS[axis] * p.position[axis] for p in lot]
    normal = np.cross(lot[0].orientation[:3], lot[0].orientation[3:])
    normal *= SIGNS[axis] * np.sign(normal[axis])
    return [float(p.position @ normal) for p in lot]


def _levels(lot: Sequence[Placed], chained: bool) -> list[list[Placed]]:
    pairs = sorted(zip(_depths(lot, chained), lot, strict=True), key=lambda pair: pair[0])
    levels: list[list[Placed]] = []
    last = None
    for depth, one in pairs:
        if last is None or depth - last > 0.01:
            levels.append([])
        levels[-1].append(one)
        last = depth
    clock = _clock(levels)
    return [sorted(level, key=lambda p: (*_late(clock(p)), *p.last_resort)) for level in levels]


def _late(time: float | None) -> tuple[bool, float]:
    return (time is None, time or 0.0)


def _seconds(text: object) -> float | None:
    digits = "" if text is None else str(text).replace(":", "")  # with colons in ACR-NEMA times
    if not digits:
        return None
    return int(digits[:2]) * 3600 + int(digits[2:4] or 0) * 60 + float(digits[4:] or 0)


def _moment(p: Placed) -> float | None:
    dataset = read(p.shot.path)
    frame = groups(p.shot, "FrameContentSequence")
    text = str(frame.get("FrameAcquisitionDateTime") or "")
    if text:
        return int(text[:8]) * 86400 + (_seconds(text[8:].split("+")[0]) or 0)
    seconds = _seconds(dataset.get("AcquisitionTime"))
    return None if seconds is None else int(dataset.get("AcquisitionDate") or 0) * 86400 + seconds


def _number(value: object) -> float | None:
    return None if value in (None, "") else float(str(value))


def _b_value(p: Placed) -> float | None:
    dataset = read(p.shot.path)
    if (0x0043, 0x1039) in dataset:
        return float(str(dataset[0x0043, 0x1039].value[0])) % 100_000
    return _number(groups(p.shot, "MRDiffusionSequence").get("DiffusionBValue"))


CLOCKS: tuple[Callable[[Placed], float | None], ...] = (
    lambda p: _number(
        groups(p.shot, "FrameContentSequence").get("TemporalPositionIndex")
        or read(p.shot.path).get("TemporalPositionIdentifier")
    ),
    lambda p: _number(
        groups(p.shot, "CardiacSynchronizationSequence").get("NominalCardiacTriggerDelayTime")
        or read(p.shot.path).get("TriggerTime")
    ),
    _b_value,
    lambda p: _number(
        groups(p.shot, "MREchoSequence").get("EffectiveEchoTime") or read(p.shot.path).get("EchoTime")
    ),
    lambda p: _number(read(p.shot.path).get("FrameReferenceTime")),
    _moment,
    lambda p: _seconds(read(p.shot.path).get("ContentTime")),
    lambda p: _seconds(read(p.shot.path).get("InstanceCreationTime")),
)


def _clock(levels: Sequence[Sequence[Placed]]) -> Callable[[Placed], float | None]:
    """The first clock that differs somewhere among frames at one position."""
    for clock in CLOCKS:
        if any(len({clock(p) for p in level} - {None}) > 1 for level in levels):
            return clock
    return lambda _: None


def spread(count: int, tiles: int) -> list[int]:
    """The indices that a mosaic of so many tiles takes of `count`: both ends, halves rounded up."""
    if count <= tiles:
        return list(range(count))
    if tiles == 1:
        return [(count - 1) // 2 + (count - 1) % 2]
    return [int(Fraction(i * (count - 1), tiles - 1) + Fraction(1, 2)) for i in range(tiles)]


def sampled(folder: Path, tiles: int) -> list[Shot]:
    """The frames that a mosaic of so many tiles shows, so that those at one place can be compared."""
    levels = [level for stack in levels_of(frames_of(folder)) for level in stack]
    everything = [p.shot for level in levels for p in level]
    if len(everything) <= tiles:
        return everything
    if 2 * len(levels) <= tiles:
        each = tiles // len(levels)
        return [level[index].shot for level in levels for index in spread(len(level), each)]
    shown = [levels[index] for index in spread(len(levels), tiles)]
    found = []
    for number, level in enumerate(shown):
        through = Fraction(number, len(shown) - 1) if len(shown) > 1 else Fraction(1, 2)
        found.append(level[int(through * (len(level) - 1) + Fraction(1, 2))].shot)
    return found


def default_grid(count: int, widest: int) -> tuple[int, int, int]:
    """Columns, rows and the tiles' width of a mosaic that nothing was said of; `widest` picture in px."""
    columns = next(side for side in range(1, 7) if side == 6 or side * side >= count)
    rows = next(rows for rows in range(1, 7) if rows * columns >= count)
    return columns, rows, max(128, min(768 // columns, widest))


def order_of(folder: Path) -> list[Shot]:
    """All frames of a series folder in reading order."""
    return [p.shot for stack in stacks_of(frames_of(folder)) for p in stack]
