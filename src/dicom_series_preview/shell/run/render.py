"""A plan -> its canvas: all pictures fetched, decoded, windowed and resized at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Final, TypeAlias, TypeVar

from attrs import evolve, field, frozen
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from dicom_series_preview.core.ask.look import Look
from dicom_series_preview.core.choose.contrast import AutoWindow, SliceContrast
from dicom_series_preview.core.choose.plan import Plan, Tile
from dicom_series_preview.core.faults.fault import Fault, NothingReadable, ObjectFault
from dicom_series_preview.core.faults.tally import Tally
from dicom_series_preview.core.faults.words import plural
from dicom_series_preview.core.grey import Lut, Window
from dicom_series_preview.core.odd_pixels import PixelOddity
from dicom_series_preview.core.order.series import Ref
from dicom_series_preview.core.remarks import BlackTile, by_cause
from dicom_series_preview.core.show.burn import burn
from dicom_series_preview.core.show.canvas import compose, frames
from dicom_series_preview.core.show.marks import marks_of
from dicom_series_preview.core.show.odd import odd_pixels, one_grey
from dicom_series_preview.core.show.tile import Shown, Waiting, settle
from dicom_series_preview.core.show.tile_map import ShownTile, tile_map
from dicom_series_preview.shell.progress import Progress
from dicom_series_preview.shell.run.renderer import Made, Renderer, is_gone
from dicom_series_preview.shell.sources.source import PictureSource
from dicom_series_preview.shell.workers import Memory, run_all

_Key = TypeVar("_Key")
_Done = TypeVar("_Done")

_MOST_WINDOWS: Final = 5
"""Different windows that are told of one picture; more are counted."""


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
    memory: Memory,
) -> Result[Rendered, Fault]:
    """Fetch and render all tiles; one that cannot be read stays black, unless none can.

    `places` are those of the objects in reading order, by their names.
    """
    source.expect(tile.slice for tile in planned.tiles)
    renderer = Renderer(source, memory)
    return _read(planned.tiles, renderer, progress).map(
        lambda read: Rendered(
            _canvases(planned, look, _finished(planned.tiles, read, renderer, progress)),
            tile_map(planned.tiles, places, read.windows, read.faults),
        )
    )


_Group: TypeAlias = tuple[int, ...]
"""The numbers of the tiles that show one slice: it is fetched and decoded once."""


def _by_slice(tiles: Sequence[Tile]) -> list[_Group]:
    groups: dict[Ref, list[int]] = {}
    for index, tile in enumerate(tiles):
        groups.setdefault(tile.slice.ref, []).append(index)
    return [tuple(group) for group in groups.values()]


def _of(tiles: Sequence[Tile], group: _Group) -> list[Tile]:
    return [tiles[index] for index in group]


@frozen(eq=False)
class _Read:
    """What came of tiles, by their numbers."""

    shown: Mapping[int, Shown | Waiting]
    faults: Mapping[int, ObjectFault]
    odd: Mapping[int, tuple[PixelOddity, ...]]
    """What was odd about the pixels of a slice, by the number of its first tile."""
    windows: Mapping[AutoWindow, Window] = field(factory=dict)
    """The windows found from the pixels of all tiles."""


def _read(tiles: Sequence[Tile], renderer: Renderer, progress: Progress) -> Result[_Read, Fault]:
    """Read all tiles at once, and tell of it; that none could be read is a fault."""
    began, received = monotonic(), progress.received
    progress.phase("pixels")
    groups = _by_slice(tiles)

    def told(read: _Read) -> Result[_Read, Fault]:
        if len(read.faults) == len(tiles):
            return Failure(NothingReadable(len(groups), read.faults[0]))
        for count, fault in by_cause([fault for _, fault in sorted(read.faults.items())]):
            progress.remark(BlackTile(count, fault))
        count, size = len(tiles) - len(read.faults), progress.received - received
        progress.say(f"{count} {plural(count, 'image')}, {size:,} bytes, in {monotonic() - began:.2f} s")
        return Success(read)

    return Result.do(
        whole
        for first in _collect(groups, tiles, renderer.show, renderer.threads, progress)
        for read in _read_again(first, groups, tiles, renderer, progress)
        for whole in told(read)
    )


def _read_again(
    first: _Read, groups: Sequence[_Group], tiles: Sequence[Tile], renderer: Renderer, progress: Progress
) -> Result[_Read, Fault]:
    """Find the windows that depend on pixels, and read once more for them what there was no room to keep."""
    windows = settle([one for _, one in sorted(first.shown.items()) if isinstance(one, Waiting)])
    _tell_contrast([tile.contrast for tile in tiles], windows, progress)
    gone = [group for group in groups if any(is_gone(first.shown.get(index)) for index in group)]
    show = partial(renderer.show_again, windows=windows)
    return _collect(gone, tiles, show, renderer.threads, progress).map(
        lambda second: evolve(
            first,
            shown={**first.shown, **second.shown},
            faults={**first.faults, **second.faults},
            windows=windows,
        )
    )


def _collect(
    groups: Sequence[_Group],
    tiles: Sequence[Tile],
    show: Callable[[Sequence[Tile]], Result[Made, ObjectFault]],
    threads: int,
    progress: Progress,
) -> Result[_Read, Fault]:
    """Show the slices of some groups at once."""
    progress.expect(len(groups))
    shown: dict[int, Shown | Waiting] = {}
    faults: dict[int, ObjectFault] = {}
    odd: dict[int, tuple[PixelOddity, ...]] = {}
    tally = Tally()
    jobs = (partial(_keyed, group, partial(show, _of(tiles, group))) for group in groups)
    for group, result in run_all(jobs, threads):
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
    return Success(_Read(shown, faults, odd))


def _keyed(key: _Key, job: Callable[[], _Done]) -> tuple[_Key, _Done]:
    return key, job()


def _finished(
    tiles: Sequence[Tile], read: _Read, renderer: Renderer, progress: Progress
) -> list[Shown | None]:
    """All tiles, None where none could be read; those that waited for their window are made now."""
    done = {index: one for index, one in read.shown.items() if not isinstance(one, Waiting)}
    waiting = {index: one for index, one in read.shown.items() if isinstance(one, Waiting)}
    jobs = (
        partial(_keyed, index, partial(renderer.finish, tiles[index], one, read.windows[one.group]))
        for index, one in waiting.items()
        if not is_gone(one)
    )
    done |= dict(run_all(jobs, renderer.threads))
    finished = [None if index in read.faults else done[index] for index in range(len(tiles))]
    for remark in (*odd_pixels(tiles, read.odd), one_grey(tiles, finished)):
        if remark is not None:
            progress.remark(remark)
    return finished


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


def _canvases(planned: Plan, look: Look, finished: Sequence[Shown | None]) -> tuple[Shown, ...]:
    marked = [
        one if one is None or not look.labels else burn(one, marks_of(tile, look.labels))
        for tile, one in zip(planned.tiles, finished, strict=True)
    ]
    if planned.layout.paged:
        return frames(planned.layout, marked, look.background)
    return (compose(planned.layout, marked, look.background),)
