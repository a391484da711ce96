"""cyclopts: the command line -> a request; it prints, and gives the exit status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from cyclopts import App, CycloptsError, Group, Parameter

from dicom_series_preview.core.ask.contrasts import CONTRAST_PRESETS
from dicom_series_preview.core.ask.options import (
    DEFAULT_CONCURRENCY,
    DEFAULT_FRAMES,
    DEFAULT_IMAGE_WIDTH,
    DEFAULT_QUALITY,
    DEFAULT_TILE_WIDTH,
    DEFAULT_TIMEOUT,
    Options,
)
from dicom_series_preview.core.ask.preview import check_preview
from dicom_series_preview.shell.cli.arguments import all_wrong, mistakes, misuse, parse, real, whole
from dicom_series_preview.shell.cli.messages import finish, log, log_to_stderr, refuse, silent_libraries
from dicom_series_preview.shell.cli.options import (
    RANGE,
    STORAGE,
    Concurrency,
    IndexedRoot,
    Series,
    Timeout,
    Verbose,
    missing_of,
    number,
)
from dicom_series_preview.version import __version__

_TILING: Final = Group("Tiling Options", sort_key=2)
_CONTRAST: Final = Group("Contrast Options", sort_key=3)
_CINE: Final = Group("Cine Options", sort_key=4)
_OUTPUT: Final = Group("Output Options", sort_key=5)
_BATCH_USAGE: Final = (
    "Usage: dicom-series-preview batch [OPTIONS] SERIES OUTDIR\n"
    "       dicom-series-preview batch [OPTIONS] (--collection ID | --study UID | --all --root ROOT) OUTDIR"
)


def _default(value: object) -> str | None:
    """What `--help` tells as an option's default; that of a flag goes without saying."""
    return None if value is None or value is False else str(value)


app = App(
    name="dicom-series-preview",
    usage="Usage: dicom-series-preview [OPTIONS] SERIESUID OUTPUT\n"
    "       dicom-series-preview COMMAND --help",
    help="See a DICOM series as one small picture, without downloading it.",
    version=__version__,
    help_format="plaintext",
    default_parameter=Parameter(negative=(), show_default=_default),
    group_commands=Group("Commands", sort_key=9),
    suppress_keyboard_interrupt=False,
)


def run_command(arguments: Sequence[str]) -> int:
    """Parse and carry out a command line; the exit status is 0 or 1."""
    try:
        command, bound = parse(app, arguments)
    except CycloptsError as error:
        return refuse([*mistakes.get().messages, misuse(error)])
    status = command(*bound.args, **bound.kwargs)
    return status if isinstance(status, int) else 0


@app.default
def preview(
    seriesuid: Series = None,
    output: Annotated[
        str | None,
        Parameter(
            name="OUTPUT",
            help="The picture: .webp, .jpg, .jpeg, .png, or - for stdout. [required]",
        ),
    ] = None,
    /,
    *,
    root: IndexedRoot = None,
    index: Annotated[
        str | None,
        Parameter(
            group=STORAGE,
            help="Use this index, made by build-index, instead of listing and reading headers.",
        ),
    ] = None,
    tile_width: Annotated[
        int | None,
        number(
            _TILING,
            f"Images in a row of the mosaic. [default: {DEFAULT_TILE_WIDTH}, or as few as fit]",
            whole,
        ),
    ] = None,
    tile_height: Annotated[
        int | None,
        number(_TILING, "Images in a column of the mosaic. [default: same as --tile-width]", whole),
    ] = None,
    image_width: Annotated[
        int | None,
        number(
            _TILING,
            "Width of an image in pixels; its height follows from its shape. "
            f"[default: {DEFAULT_IMAGE_WIDTH}, more in a mosaic of few]",
            whole,
        ),
    ] = None,
    gap: Annotated[int, number(_TILING, "Pixels between images.", whole)] = 0,
    background: Annotated[
        str, Parameter(group=_TILING, help="What is behind images: a grey level from 0 to 255, or #rrggbb.")
    ] = "0",
    labels: Annotated[
        str,
        Parameter(
            group=_TILING,
            help="Marks on images: none, all, or a comma list of orientation, position, number, scale.",
        ),
    ] = "none",
    contrast_preset: Annotated[
        list[str] | None,
        Parameter(
            group=_CONTRAST,
            help=f"One of {', '.join(CONTRAST_PRESETS)}, or WIDTH/LEVEL; several times to compare: a row for each "
            "slice, a column for each window. [default: the file's own window, or else auto]",
        ),
    ] = None,
    window_width: Annotated[
        float | None,
        number(
            _CONTRAST, "Width of the window in the modality's units, HU for CT; with --window-center.", real
        ),
    ] = None,
    window_center: Annotated[
        float | None,
        number(
            _CONTRAST, "Center of the window in the modality's units, HU for CT; with --window-width.", real
        ),
    ] = None,
    start: Annotated[
        float | None,
        number(
            RANGE, "Where the range begins: 0 is the first slice (head), 1 the last. [default: 0.0]", real
        ),
    ] = None,
    end: Annotated[float | None, number(RANGE, "Where the range ends. [default: 1.0]", real)] = None,
    position: Annotated[
        float | None,
        number(RANGE, "Show the one image at this position, from 0 to 1, instead of a mosaic.", real),
    ] = None,
    slice_offset: Annotated[
        int | None,
        number(RANGE, "Go so many slices on from --position, or back. [default: 0]", whole),
    ] = None,
    cine: Annotated[
        bool,
        Parameter(
            group=_CINE,
            help="An animation of all slices, or of the times at one place, instead of a mosaic: .webp or .mp4.",
        ),
    ] = False,
    frames: Annotated[
        int | None, number(_CINE, f"Frames of the animation, at most. [default: {DEFAULT_FRAMES}]", whole)
    ] = None,
    rate: Annotated[
        float | None, number(_CINE, "Frames a second. [default: the header's rate, or else 10]", real)
    ] = None,
    quality: Annotated[
        int,
        Parameter(
            name=("--quality", "-q"),
            group=_OUTPUT,
            converter=whole,
            help="Quality of the picture, 0 to 100.",
        ),
    ] = DEFAULT_QUALITY,
    lossless: Annotated[bool, Parameter(group=_OUTPUT, help="Lose nothing, in .webp.")] = False,
    map: Annotated[  # noqa: A002  the option's name
        str | None,
        Parameter(group=_OUTPUT, help="Also write what stands where on the picture, to this .json."),
    ] = None,
    format: Annotated[  # noqa: A002  the option's name
        str | None,
        Parameter(group=_OUTPUT, help="Format of the picture on standard output: webp, jpeg or png."),
    ] = None,
    concurrency: Concurrency = DEFAULT_CONCURRENCY,
    timeout: Timeout = DEFAULT_TIMEOUT,
    verbose: Verbose = False,
) -> int:
    """See a DICOM series as one small picture, without downloading it."""
    log_to_stderr(verbose)
    options = Options(
        series=seriesuid or "",
        output=output or "",
        root=root,
        tile_width=tile_width,
        tile_height=tile_height,
        image_width=image_width,
        contrast_preset=contrast_preset or (),
        labels=labels,
        gap=gap,
        background=background,
        cine=cine,
        frames=frames,
        rate=rate,
        map=map,
        format=format,
        lossless=lossless,
        window_width=window_width,
        window_center=window_center,
        start=start,
        end=end,
        position=position,
        slice_offset=slice_offset,
        quality=quality,
        concurrency=concurrency,
        timeout=timeout,
        index=index,
    )
    return show(options, missing_of(SERIESUID=seriesuid, OUTPUT=output))


def show(options: Options, missing: Sequence[str] = ()) -> int:
    """Check the options and write the picture; `missing` names arguments that were not given."""
    checked = check_preview(options)
    wrong = all_wrong(app, missing, checked)
    if wrong:
        return refuse(wrong)
    # Imported only now: what a wrong argument costs should be a moment.
    from dicom_series_preview.shell.progress import progress_bar
    from dicom_series_preview.shell.run.preview import write_picture

    with silent_libraries(), progress_bar(log.log) as progress:
        request = checked.unwrap()
        result = write_picture(request, request.output.path or "", progress)
    return finish(result)


# Loaded when they are called: nobody else waits for them.
app.command(
    "dicom_series_preview.shell.cli.index_command:build_index",
    name="build-index",
    usage="Usage: dicom-series-preview build-index [OPTIONS] SERIESUID OUTPUT",
    help="Write the headers of a series as a typed Parquet table, in reading order.",
)
app.command(
    "dicom_series_preview.shell.cli.series_commands:info",
    name="info",
    usage="Usage: dicom-series-preview info [OPTIONS] SERIESUID",
    help="Tell what a series is: its objects, stacks and windows, and what is odd about it.",
)
app.command(
    "dicom_series_preview.shell.cli.series_commands:headers",
    name="headers",
    usage="Usage: dicom-series-preview headers [OPTIONS] SERIESUID",
    help="Print the headers of a series in the DICOM JSON model, in reading order.",
)
app.command(
    "dicom_series_preview.shell.cli.completion_command:install_completion",
    name="--install-completion",
    usage="Usage: dicom-series-preview --install-completion [OPTIONS]",
    help="Teach the shell to complete this command.",
)
app.command(
    "dicom_series_preview.shell.cli.batch_command:batch",
    name="batch",
    usage=_BATCH_USAGE,
    help="See many series: a picture of each, and a table of what became of them.",
)
app.command(
    "dicom_series_preview.shell.cli.gallery_command:gallery",
    name="gallery",
    usage="Usage: dicom-series-preview gallery OUTDIR",
    help="Write a page to look at the series of a batch: OUTDIR/index.html.",
)
app.command(
    "dicom_series_preview.shell.cli.demo_command:demo",
    name="demo",
    help="Write a synthetic CT series and preview it; needs no network.",
)
