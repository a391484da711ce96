"""Stored values to 8-bit pictures, clause by clause of PS3.3 C.11 and C.7.6.3, in floating point throughout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests.oracle.decoding import Stored, read, stored

Grey: TypeAlias = NDArray[np.floating[Any]]
"""Grey levels, 0 (black) to 255 (white), not rounded."""

RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"


@frozen
class Shot:
    """One frame (0-based) of one file."""

    path: Path
    frame: int = 0


def groups(shot: Shot, sequence: str) -> Dataset:
    """Where the attributes of a functional group stand: per frame, else shared, else root (C.7.6.16)."""
    dataset = read(shot.path)
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    for item in (*per_frame[shot.frame : shot.frame + 1], *shared[:1]):
        if item.get(sequence):
            return item[sequence].value[0]  # type: ignore[no-any-return]
    return dataset


def _numbers(value: object) -> list[float]:
    if value is None or value == "":
        return []
    return [float(v) for v in value] if isinstance(value, Iterable) else [float(str(value))]


def _lut(item: Dataset) -> tuple[NDArray[np.int64], int, int]:
    """Entries, the value that the first is for, and bits of an entry (C.11.1.1, C.11.2.1.1)."""
    count, first, bits = (int(v) for v in item.LUTDescriptor)
    data = item["LUTData"].value
    entries = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.array(data)
    return entries[: count or 65536].astype(np.int64) & 0xFFFF, first, bits


def _look_up(values: Stored, entries: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """Values outside the table take its first or last entry."""
    index = np.clip(np.floor(values).astype(np.int64) - first, 0, len(entries) - 1)
    return np.asarray(entries[index])


def rescaled(shot: Shot) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The values after the modality transformation (C.11.1), and which pixels are padding (C.7.5.1.1.2)."""
    dataset = read(shot.path)
    values = stored(shot.path, shot.frame)
    padding = _padding(dataset, values)
    if dataset.get("ModalityLUTSequence"):
        entries, first, _ = _lut(dataset.ModalityLUTSequence[0])
        return _look_up(values, entries, first), padding
    if dataset.SOPClassUID == RT_DOSE:
        return values * float(dataset.DoseGridScaling), padding
    where = groups(shot, "PixelValueTransformationSequence")
    slope, intercept = where.get("RescaleSlope"), where.get("RescaleIntercept")
    return values * (1.0 if slope is None else float(slope)) + float(intercept or 0), padding


def _padding(dataset: Dataset, values: Stored) -> NDArray[np.bool_]:
    def as_stored(value: int) -> int:
        """Read with the sign of the pixels, whatever the element's VR said."""
        value &= (1 << dataset.BitsAllocated) - 1
        signed = dataset.PixelRepresentation == 1 and value >> (dataset.BitsAllocated - 1)
        return value - (1 << dataset.BitsAllocated) if signed else value

    one = dataset.get("PixelPaddingValue")
    if one is None or values.dtype.kind == "f":
        return np.zeros(values.shape, bool)
    other = dataset.get("PixelPaddingRangeLimit")
    ends = sorted(as_stored(int(v)) for v in (one, one if other is None else other))
    return (values >= ends[0]) & (values <= ends[1])


def windowed(values: NDArray[Any], center: float, width: float, function: str) -> Grey:
    """C.11.2.1.2.1, C.11.2.1.3.1 and C.11.2.1.3.2, with 0 to 255 for y."""
    x = values.astype(float)
    if function == "SIGMOID":
        return np.asarray(255.0 / (1.0 + np.exp(np.clip(-4.0 * (x - center) / width, -700, 700))))
    if function == "LINEAR" and width >= 1:
        low, high = center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2
        middle = ((x - (center - 0.5)) / (width - 1) + 0.5) * 255 if width > 1 else np.zeros_like(x)
        return np.where(x <= low, 0.0, np.where(x > high, 255.0, middle))
    return np.clip(((x - center) / width + 0.5) * 255, 0.0, 255.0)


def file_voi(shot: Shot) -> Dataset | tuple[float, float, str] | None:
    """The VOI of the file: the first LUT, else the first window with its function, else nothing."""
    dataset = read(shot.path)
    if dataset.SOPClassUID in (RT_DOSE, PARAMETRIC_MAP, *SEGMENTATIONS):
        return None
    where = groups(shot, "FrameVOILUTSequence")
    if where.get("VOILUTSequence"):
        return where.VOILUTSequence[0]  # type: ignore[no-any-return]
    centers, widths = _numbers(where.get("WindowCenter")), _numbers(where.get("WindowWidth"))
    if not centers or not widths or widths[0] <= 0:
        return None
    return centers[0], widths[0], str(where.get("VOILUTFunction") or "LINEAR")


def is_colour(shot: Shot) -> bool:
    """RGB, YBR or PALETTE COLOR."""
    return not str(read(shot.path).PhotometricInterpretation).startswith("MONOCHROME")


def auto_window(shots: Sequence[Shot]) -> tuple[float, float]:
    """The 2nd and 98th percentile of all values but padding, pooled; label data their extremes."""
    pool = np.concatenate([values[~padding].ravel() for values, padding in map(rescaled, shots)])
    low, high = np.percentile(pool, [2, 98])
    if low == high or read(shots[0].path).SOPClassUID in SEGMENTATIONS:
        low, high = pool.min(), pool.max()
    return float(low), float(high)


def render_all(shots: Sequence[Shot], window: tuple[float, float] | str | None = None) -> list[Grey]:
    """The pictures of all shots of one mosaic, in their own size, grey or RGB.

    `window` is the command line's (center, width) or "auto"; None takes each file's own, if it has one.
    """

    def waits(shot: Shot) -> bool:
        return not is_colour(shot) and (window == "auto" or (window is None and file_voi(shot) is None))

    modalities = {str(read(shot.path).get("Modality")) for shot in shots}
    pooled = {
        modality: auto_window(group)
        for modality in modalities
        if (group := [s for s in shots if waits(s) and read(s.path).get("Modality") == modality])
    }
    made = []
    for shot in shots:
        if is_colour(shot):
            made.append(_colour(shot).astype(float))
            continue
        values, padding = rescaled(shot)
        if waits(shot):
            low, high = pooled[str(read(shot.path).get("Modality"))]
            grey = windowed(values, (low + high) / 2, max(high - low, 1e-9), "LINEAR_EXACT")
        elif isinstance(window, tuple):
            grey = windowed(values, *window, "LINEAR_EXACT")
        else:
            grey = _own(shot, values)
        if _inverted(read(shot.path)):
            grey = 255.0 - grey
        made.append(_supplemented(shot, np.where(padding, 0.0, grey)))
    return made


def _supplemented(shot: Shot, grey: Grey) -> Grey:
    """The colours of a Supplemental Palette (C.7.6.19), from its first mapped value on; below, it stays grey."""
    dataset = read(shot.path)
    descriptor = dataset.get("RedPaletteColorLookupTableDescriptor")
    if dataset.get("PixelPresentation") not in ("COLOR", "MIXED") or descriptor is None:
        return grey
    values = stored(shot.path, shot.frame).astype(int)
    channels = [_palette(dataset, name)[np.clip(values, 0, 65535)] for name in ("Red", "Green", "Blue")]
    return np.where((values >= descriptor[1])[..., np.newaxis], np.dstack(channels), grey[..., np.newaxis])


def _own(shot: Shot, values: NDArray[Any]) -> Grey:
    voi = file_voi(shot)
    if isinstance(voi, Dataset):
        entries, first, bits = _lut(voi)
        return _look_up(values, entries, first) * (255.0 / ((1 << bits) - 1))
    assert voi is not None
    return windowed(values, *voi)


def _inverted(dataset: Dataset) -> bool:
    return bool(
        dataset.PhotometricInterpretation == "MONOCHROME1" or dataset.get("PresentationLUTShape") == "INVERSE"
    )


def _colour(shot: Shot) -> Stored:
    dataset = read(shot.path)
    if dataset.SOPClassUID == SLIDE:
        return _assembled(shot.path)
    values = stored(shot.path, shot.frame)
    if dataset.PhotometricInterpretation != "PALETTE COLOR":
        return values
    channels = [_palette(dataset, name)[values] for name in ("Red", "Green", "Blue")]
    return np.dstack(channels)


def _palette(dataset: Dataset, name: str) -> NDArray[np.uint8]:
    """All 65,536 answers of a plain palette (C.7.6.3.1.5), its 16-bit entries cut to their upper byte."""
    count, first, bits = dataset[f"{name}PaletteColorLookupTableDescriptor"].value
    data = dataset[f"{name}PaletteColorLookupTableData"].value
    entries = np.frombuffer(data, "<u2" if bits == 16 else "u1")[: count or 65536]
    index = np.clip(np.arange(65536) - first, 0, len(entries) - 1)
    return np.asarray((entries[index] >> (8 if bits == 16 else 0)).astype(np.uint8))


def _assembled(path: Path) -> Stored:
    """TILED_FULL: tiles row by row (C.7.6.17.3)."""
    dataset = read(path)
    across = -(-dataset.TotalPixelMatrixColumns // dataset.Columns)
    down = -(-dataset.TotalPixelMatrixRows // dataset.Rows)
    rows = [np.hstack([stored(path, y * across + x) for x in range(across)]) for y in range(down)]
    return np.vstack(rows)[: dataset.TotalPixelMatrixRows, : dataset.TotalPixelMatrixColumns]


def aspect(shot: Shot) -> float:
    """How much higher than wide a pixel is in the patient, or on the detector."""
    dataset = read(shot.path)
    for where, keyword in (
        (groups(shot, "PixelMeasuresSequence"), "PixelSpacing"),
        (dataset, "ImagerPixelSpacing"),
        (dataset, "PixelAspectRatio"),
    ):
        pair = _numbers(where.get(keyword))
        if len(pair) == 2 and min(pair) > 0:
            return pair[0] / pair[1]
    return 1.0


@cache
def _lanczos(size: int, target: int) -> tuple[tuple[int, NDArray[np.float64]], ...]:
    """For each of `target` pixels the first that counts and the weights from there on.

    The kernel of Lanczos with 3 lobes, as wide as what a target pixel covers.
    """
    scale = max(1.0, size / target)
    centres = (np.arange(target) + 0.5) * size / target
    x = (np.arange(size)[np.newaxis, :] + 0.5 - centres[:, np.newaxis]) / scale
    weights = np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    ends = [(row.nonzero()[0][0], row.nonzero()[0][-1] + 1) for row in weights]
    return tuple((int(low), row[low:high]) for row, (low, high) in zip(weights, ends, strict=True))


def _resampled(picture: Grey, target: int) -> Grey:
    """Resample the first direction to `target` pixels."""
    flat = picture.reshape(len(picture), -1)
    made = [part @ flat[low : low + len(part)] for low, part in _lanczos(len(picture), target)]
    return np.clip(np.array(made), 0.0, 255.0).reshape(target, *picture.shape[1:])


def resized(picture: Grey, height: int, width: int) -> Grey:
    """Resample to (height, width); a kernel as wide as the new pixels lets every old one count.

    What the kernel overshoots is cut off after each direction, as it must be where levels have 8 bits.
    """
    if picture.shape[:2] == (height, width):
        return picture
    return _resampled(_resampled(picture.swapaxes(0, 1), width).swapaxes(0, 1), height)


def mosaic(
    shots: Sequence[Shot],
    columns: int,
    rows: int,
    width: int,
    window: tuple[float, float] | str | None = None,
) -> Grey:
    """The canvas: every picture as wide as a tile, centred in cells as high as the highest."""
    pictures = render_all(shots, window)
    heights = [
        max(1, int(np.floor(width * picture.shape[0] * aspect(shot) / picture.shape[1] + 0.5)))
        for shot, picture in zip(shots, pictures, strict=True)
    ]
    cell = max(heights)
    colour = any(picture.ndim == 3 for picture in pictures)
    canvas = np.zeros((rows * cell, columns * width, 3))
    for index, (picture, height) in enumerate(zip(pictures, heights, strict=True)):
        top, left = index // columns * cell + (cell - height) // 2, index % columns * width
        tile = resized(picture, height, width)
        canvas[top : top + height, left : left + width] = tile if tile.ndim == 3 else tile[..., np.newaxis]
    return canvas if colour else canvas[..., 0]
