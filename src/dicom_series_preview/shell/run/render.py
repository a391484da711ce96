"""A plan -> its canvas: all pictures fetched, decoded, windowed and resized at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Lock
from time import monotonic
from typing import Final, TypeAlias

import numpy as np
from attrs import evolve, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.look import Look
from dicom_series_preview.core.choose.contrast import AutoWindow, SliceContrast
from dicom_series_preview.core.choose.plan import Plan, Tile, shape
from dicom_series_preview.core.faults.fault import Fault, NothingReadable, ObjectFault
from dicom_series_preview.core.faults.tally import Tally
from dicom_series_preview.core.faults.words import plural
from dicom_series_preview.core.grey import Lut, Window
from dicom_series_preview.core.header.instance import Pixels
from dicom_series_preview.core.odd_pixels import PixelOddity
from dicom_series_preview.core.order.series import Ref
from dicom_series_preview.core.remarks import BlackTile, by_cause
from dicom_series_preview.core.show.burn import burn
from dicom_series_preview.core.show.canvas import compose, frames
from dicom_series_preview.core.show.marks import marks_of
from dicom_series_preview.core.show.odd import odd_pixels, one_grey
from dicom_series_preview.core.show.tile import (
    Decoded,
    Shown,
    Waiting,
    group_of,
    least_size,
    settle,
    show,
    show_grey,
)
from dicom_series_preview.core.show.tile_map import ShownTile, tile_map
from dicom_series_preview.shell.outputs.resize import resize
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.sources.source import PictureSource
from dicom_series_preview.shell.workers import Room, run_all

_MOST_WINDOWS: Final = 5
"""Different windows that are told of one picture; more are counted."""


_AT_ONCE: Final = 1 << 27
"""Bytes of pictures that are decoded and rendered at once: that takes several times as much memory."""

_KEPT: Final = 3 << 26
"""Bytes of pictures that are kept until their window is known; the others are read again then."""

_GONE: Final[Decoded] = np.empty((0, 0), np.uint8)


@frozen(eq=False)
class _Made:
    """The tiles of one slice, and what was odd about its pixels."""

    tiles: tuple[Shown | Waiting, ...]
    odd: tuple[PixelOddity, ...]


class _Renderer:
    """Shows all tiles of single slices, from many threads; large pictures take turns."""

    def __init__(self, source: PictureSource) -> None:
        self._source = source
        self._room = Room(_AT_ONCE)
        self._kept = _KEPT
        self._lock = Lock()

    def show(self, tiles: Sequence[Tile]) -> Result[_Made, ObjectFault]:
        """Tiles of one slice: finished, or waiting for their window, without a picture where there is no room."""
        return self._each(tiles, lambda tile, picture: self._resized(tile, show(tile, picture)))

    def show_again(
        self, tiles: Sequence[Tile], windows: Mapping[AutoWindow, Window]
    ) -> Result[_Made, ObjectFault]:
        """Finished tiles of one slice, read once more now that their windows are known."""
        return self._each(
            tiles, lambda tile, picture: _resize(tile, show_grey(tile, picture, windows[group_of(tile)]))
        )

    def _each(
        self, tiles: Sequence[Tile], render_one: Callable[[Tile, Decoded], Shown | Waiting]
    ) -> Result[_Made, ObjectFault]:
        sizes = [least_size(tile) for tile in tiles]
        least = None if None in sizes else max(size for size in sizes if size is not None)
        with self._room.take(_needs(tiles[0])):
            return self._source.picture(tiles[0].slice, least).map(
                lambda decoding: _Made(
                    tuple(render_one(tile, decoding.values) for tile in tiles), decoding.odd
                )
            )

    def finish(self, index: int, tile: Tile, waiting: Waiting, window: Window) -> tuple[int, Shown]:
        """A tile that waited for its window, with its number."""
        with self._room.take(_needs(tile)):
            return index, _resize(tile, show_grey(tile, waiting.picture, window))

    def _resized(self, tile: Tile, shown: Shown | Waiting) -> Shown | Waiting:
        if not isinstance(shown, Waiting):
            return _resize(tile, shown)
        with self._lock:
            if shown.picture.nbytes > self._kept:
                return evolve(shown, picture=_GONE)
            self._kept -= shown.picture.nbytes
            return shown


def _needs(tile: Tile) -> int:
    """Bytes of a tile's decoded picture."""
    pixels = tile.slice.instance.pixels
    if not isinstance(pixels, Pixels):
        return 0
    rows, columns = shape(pixels)
    return rows * columns * pixels.format.samples_per_pixel * max(1, pixels.format.bits_allocated // 8)


def _resize(tile: Tile, shown: Shown) -> Shown:
    return resize(shown, tile.rect.width, tile.rect.height)


@frozen(eq=False)
class Rendered:
    """Finished canvases, and what stands where on them: one, or one for each tile of an animation.

    (height, width) grey or (height, width, 3) RGB, all of one shape.
    """

    canvases: tuple[Shown, ...]
    tiles: tuple[ShownTile, ...]


def render(
    planned: Plan,
    look: Look,
    source: PictureSource,
    places: Mapping[str, int],
    progress: Progress,
) -> Result[Rendered, Fault]:
    """Fetch and render all tiles; one that cannot be read stays black, unless none can.

    `places` are those of the objects in reading order, by their names.
    """
    began, received = monotonic(), progress.received
    progress.phase("pixels")
    tiles = planned.tiles
    source.expect(tile.slice for tile in tiles)
    renderer = _Renderer(source)

    def finish(read: _Read) -> Result[Rendered, Fault]:
        (shown, faults, odd), windows = read
        if len(faults) == len(tiles):
            return Failure(NothingReadable(len(_by_slice(tiles)), faults[0]))
        for count, fault in by_cause([fault for _, fault in sorted(faults.items())]):
            progress.remark(BlackTile(count, fault))
        count, size = len(tiles) - len(faults), progress.received - received
        progress.say(f"{count} {plural(count, 'image')}, {size:,} bytes, in {monotonic() - began:.2f} s")
        settled = _settled(renderer, tiles, shown, windows, source.threads)
        finished = [None if index in faults else settled[index] for index in range(len(tiles))]
        for remark in (*odd_pixels(tiles, odd), one_grey(tiles, finished)):
            if remark is not None:
                progress.remark(remark)
        canvases = _canvases(planned, look, finished)
        return Success(Rendered(canvases, tile_map(tiles, places, windows, faults)))

    return _read_all(renderer, tiles, source.threads, progress).bind(finish)


def _canvases(planned: Plan, look: Look, finished: Sequence[Shown | None]) -> tuple[Shown, ...]:
    marked = [
        one if one is None or not look.labels else burn(one, marks_of(tile, look.labels))
        for tile, one in zip(planned.tiles, finished, strict=True)
    ]
    if planned.layout.paged:
        return frames(planned.layout, marked, look.background)
    return (compose(planned.layout, marked, look.background),)


_Group: TypeAlias = tuple[int, ...]
"""The numbers of the tiles that show one slice: it is fetched and decoded once."""


def _by_slice(tiles: Sequence[Tile]) -> list[_Group]:
    groups: dict[Ref, list[int]] = {}
    for index, tile in enumerate(tiles):
        groups.setdefault(tile.slice.ref, []).append(index)
    return [tuple(group) for group in groups.values()]


def _of(tiles: Sequence[Tile], group: _Group) -> list[Tile]:
    return [tiles[index] for index in group]


def _is_gone(one: Shown | Waiting | None) -> bool:
    return isinstance(one, Waiting) and one.picture is _GONE


_Job: TypeAlias = Callable[[], Result[_Made, ObjectFault]]

_Collected: TypeAlias = (
    "tuple[dict[int, Shown | Waiting], dict[int, ObjectFault], dict[int, tuple[PixelOddity, ...]]]"
)


def _collect(
    groups: Sequence[_Group], jobs: Mapping[_Group, _Job], threads: int, progress: Progress
) -> Result[_Collected, Fault]:
    """Do the jobs at once: what came of each tile, which of them failed, and what was odd about their pixels."""
    progress.expect(len(groups))
    shown: dict[int, Shown | Waiting] = {}
    faults: dict[int, ObjectFault] = {}
    odd: dict[int, tuple[PixelOddity, ...]] = {}
    tally = Tally()
    for group, result in run_all((partial(_keyed, group, jobs[group]) for group in groups), threads):
        progress.advance()
        tally = tally.counting(result.swap().value_or(None))
        if tally.spoilt is not None:
            return Failure(tally.spoilt)
        if is_successful(result):
            made = result.unwrap()
            shown.update(zip(group, made.tiles, strict=True))
            odd[group[0]] = made.odd
        else:
            faults.update(dict.fromkeys(group, result.failure()))
    if tally.down is not None:
        return Failure(tally.down)
    return Success((shown, faults, odd))


def _keyed(group: _Group, job: _Job) -> tuple[_Group, Result[_Made, ObjectFault]]:
    return group, job()


_Read: TypeAlias = tuple[_Collected, Mapping[AutoWindow, Window]]


def _read_all(
    renderer: _Renderer, tiles: Sequence[Tile], threads: int, progress: Progress
) -> Result[_Read, Fault]:
    """What came of all tiles, and the windows found from pixels; what was not kept is read again for them."""
    groups = _by_slice(tiles)

    def again(first: _Collected) -> Result[_Read, Fault]:
        shown, faults, odd = first
        windows = settle([one for _, one in sorted(shown.items()) if isinstance(one, Waiting)])
        _tell_contrast([tile.contrast for tile in tiles], windows, progress)
        gone = [key for key in groups if any(_is_gone(shown.get(index)) for index in key)]
        jobs = {key: partial(renderer.show_again, _of(tiles, key), windows) for key in gone}
        return _collect(gone, jobs, threads, progress).map(
            lambda second: ((shown | second[0], faults | second[1], odd), windows)
        )

    jobs = {key: partial(renderer.show, _of(tiles, key)) for key in groups}
    return _collect(groups, jobs, threads, progress).bind(again)


def _settled(
    renderer: _Renderer,
    tiles: Sequence[Tile],
    shown: Mapping[int, Shown | Waiting],
    windows: Mapping[AutoWindow, Window],
    threads: int,
) -> dict[int, Shown]:
    """All tiles that have a picture; what waited for its window is rendered now that all values are known."""
    done = {index: one for index, one in shown.items() if not isinstance(one, Waiting)}
    late = ((index, one) for index, one in shown.items() if isinstance(one, Waiting) and not _is_gone(one))
    jobs = (partial(renderer.finish, index, tiles[index], one, windows[one.group]) for index, one in late)
    return done | dict(run_all(jobs, threads))


def _tell_contrast(
    contrasts: Sequence[SliceContrast], windows: Mapping[AutoWindow, Window], progress: Progress
) -> None:
    """Tell the windows of command line and files, and those found from pixels."""
    given = Counter(
        f"width {one.width:g}, center {one.center:g}, {one.function.value}"
        if isinstance(one, Window)
        else "the file's VOI LUT"
        for one in contrasts
        if isinstance(one, Window | Lut)
    )
    for text, count in given.most_common(_MOST_WINDOWS):
        progress.say(f"window of {count} {plural(count, 'image')}: {text}")
    if len(given) > _MOST_WINDOWS:
        progress.say(f"{len(given) - _MOST_WINDOWS} more windows")
    for group, window in windows.items():
        name = group.modality or "all"
        progress.say(
            f"window of {name} images, from pixels: width {window.width:g}, center {window.center:g}"
        )
