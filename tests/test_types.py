"""What the types allow, and what they refuse: one run of mypy over programs that say it of themselves.

A line that must be refused ends with `# refused:` and the code of the error; every other line must be accepted.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from mypy import api

ROOT: Final = Path(__file__).parents[1]
SOURCE: Final = ROOT / "src" / "dicom_series_preview"

PROGRAM: Final = """
from typing import assert_never, assert_type

from returns.result import Result, Success

from dicom_series_preview import (
    Chosen, IndexOptions, Mosaic, Options, Picture, Ref, SeriesIndex, Single,
    build_index, choose, open_index, parse_root, parse_series, preview,
)
from dicom_series_preview.core.ask.preview import (Preview, check_preview)
from dicom_series_preview.core.faults.request import (
    BadOptions, BadRoot, BadSeriesId, CanvasTooLarge, OutOfRange,
)
from dicom_series_preview.core.faults.index import IndexRefusal
from dicom_series_preview.core.faults.series import NoPixels, SelectionError
from dicom_series_preview.core.header.instance import (Instance, Pixels)
from dicom_series_preview.core.ask.series_id import SeriesId, show_series
from dicom_series_preview.core.choose.canvas_layout import (Layout)
from dicom_series_preview.core.order.stacks import (order)
from dicom_series_preview.core.order.series import Series, Slice
from dicom_series_preview.core.choose.plan import Plan, Tile, plan
from dicom_series_preview.core.ask.views import (View)
from dicom_series_preview.core.ask.roots import Root
from dicom_series_preview.core.choose.positions import spread
from dicom_series_preview.core.faults.fault import (Fault, Stalled)
from dicom_series_preview.shell.storage.folder import Folder
from dicom_series_preview.shell.sources.index import IndexSource
from dicom_series_preview.shell.storage.objects import Objects
from dicom_series_preview.shell.progress import Counter, Progress
from dicom_series_preview.shell.sources.folder import FolderSource
from dicom_series_preview.shell.sources.source import PictureSource, Source
from dicom_series_preview.shell.storage.store import Store
from dicom_series_preview.shell.storage.web import Web


def a_plan_is_made_of_tiles(tiles: tuple[Tile, ...], layout: Layout) -> None:
    Plan(tiles, layout)
    Plan(("one.dcm", "two.dcm"), layout)  # refused: arg-type
    Plan(tiles, "3 x 3")  # refused: arg-type
    Plan(tiles)  # refused: call-arg


def what_is_refused_is_told_by_the_type(
    request: Preview, chosen: tuple[Chosen[Slice], ...], options: Options
) -> None:
    assert_type(plan(request, chosen), Result[Plan, CanvasTooLarge])
    assert_type(check_preview(options), Result[Preview, BadOptions])
    assert_type(parse_series("38*"), Result[SeriesId, BadSeriesId])
    assert_type(parse_root("s3://a"), Result[Root, BadRoot])
    assert_type(open_index("a.parquet"), Result[SeriesIndex, Fault])
    assert_type(preview(options), Result[Picture, Fault])
    assert_type(build_index(IndexOptions("38*", "a.parquet")), Result[None, Fault])


def what_cannot_be_refused_is_plain(instances: tuple[Instance, ...]) -> None:
    assert_type(order(instances), Series[Slice])
    assert_type(spread(100, 9), tuple[int, ...])
    order(instances).unwrap()  # refused: attr-defined


def a_result_is_unwrapped_before_it_is_used(options: Options) -> None:
    assert_type(preview(options).unwrap().encode("png"), bytes)
    preview(options).encode("png")  # refused: attr-defined
    preview(check_preview(options))  # refused: arg-type
    check_preview(options).view  # refused: attr-defined
    show_series(parse_series("38*"))  # refused: arg-type
    show_series(parse_series("38*").failure())  # refused: arg-type
    checked: Preview = check_preview(options)  # refused: assignment


def choosing_takes_a_view(index: SeriesIndex, options: Options) -> None:
    assert_type(
        choose(Single(position=0.5, offset=0), index.order),
        Result[tuple[Chosen[Ref], ...], SelectionError | OutOfRange | NoPixels],
    )
    choose(Mosaic(columns=3, rows=3, start=0.2, end=0.8), index.order)
    choose("middle", index.order)  # refused: arg-type
    choose(0.5, index.order)  # refused: arg-type
    choose(options, index.order)  # refused: arg-type
    choose(Single(position=0.5, offset=0), "a.parquet")  # refused: arg-type
    choose(Single(position=0.5, offset=0))  # refused: call-arg
    Single(position="0.5", offset=0)  # refused: arg-type


def a_series_identifier_is_no_text() -> None:
    show_series("38902e14-b11f-4548-910e-771ee757dc82")  # refused: arg-type


def every_view_is_thought_of(view: View) -> int:
    match view:
        case Mosaic():
            return 0
        case _ as never:
            assert_never(never)  # refused: arg-type


def pixels_may_be_missing_or_wrong(instance: Instance) -> None:
    if isinstance(instance.pixels, Pixels):
        assert_type(instance.pixels.format.rows, int)
    instance.pixels.format  # refused: union-attr


def a_fault_has_words(fault: Fault) -> str:
    a_fault_has_words("it failed")  # refused: arg-type
    a_fault_has_words(Stalled(45.0))
    return str(fault)


def values_stay_as_they_are(view: Mosaic, series: Series[Slice], layout: Layout) -> None:
    view.columns = 3  # refused: misc
    series.stacks = ()  # refused: misc
    layout.width = 1  # refused: misc


def folders_buckets_and_web_servers_are_stores(folder: Folder, objects: Objects, web: Web) -> list[Store]:
    return [folder, objects, web]


class Half:
    place = "half a store: nothing can be read"


def half_a_store_is_none(half: Half) -> Store:
    return half  # refused: return-value


def folders_and_indexes_are_sources(folder: FolderSource, index: IndexSource) -> list[Source]:
    return [folder, index]


def a_source_gives_pictures(source: Source) -> PictureSource:
    return source


def a_counter_is_progress(counter: Counter) -> Progress:
    return counter


def a_success_is_of_what_was_promised() -> Result[Plan, CanvasTooLarge]:
    return Success("a plan")  # refused: arg-type
"""


def errors_by_line(report: str, file: Path) -> list[tuple[int, str]]:
    """The line and code of every error that is told of a file, each once."""
    # By its name alone: what mypy remembers of an equal file bears the folder where that was.
    found = re.findall(
        rf"^(?:.*/)?{re.escape(file.name)}:(\d+): error: .*\[([\w-]+)\]$", report, re.MULTILINE
    )
    return list(dict.fromkeys((int(line), code) for line, code in found))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of all programs, and what mypy said of them."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    files = [str(file) for file in sorted(folder.iterdir())]
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as patch:
        patch.chdir(ROOT)  # where the configuration's paths lead from
        report, trouble, _ = api.run(
            ["--config-file", "pyproject.toml", "--no-error-summary", "--no-pretty", *files]
        )
    assert trouble == ""
    return folder, report


def test_exactly_the_marked_lines_are_refused(checked: tuple[Path, str]) -> None:
    marked = [
        (number, line.partition("# refused: ")[2])
        for number, line in enumerate(PROGRAM.splitlines(), start=1)
        if "# refused: " in line
    ]
    folder, report = checked
    assert errors_by_line(report, folder / "program.py") == marked
