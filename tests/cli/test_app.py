"""Words become a request, or all that is wrong with them, without a process in between."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from dicom_series_preview import __version__
from dicom_series_preview.core.ask import contrasts
from dicom_series_preview.core.ask.options import Options
from dicom_series_preview.shell.cli import app as cli

UID = "38902e14-b11f-4548-910e-771ee757dc82"
GIVEN = Options(series=UID, output="out.webp", root=None)


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Options]]:
    """The options as parsed, of runs that go no further."""
    seen: list[Options] = []

    def note(options: Options, missing: tuple[str, ...] = ()) -> int:
        assert not missing
        seen.append(options)
        return 0

    monkeypatch.setattr(cli, "show", note)
    yield seen
    assert len(seen) == 1


def parsed(options: list[Options], *words: str) -> Options:
    assert cli.run_command(words) == 0
    (found,) = options
    return found


def test_what_is_not_given_is_the_default(options: list[Options]) -> None:
    assert parsed(options, UID, "out.webp") == GIVEN
    assert (GIVEN.tile_width, GIVEN.tile_height, GIVEN.image_width, GIVEN.quality) == (None, None, None, 25)
    assert (GIVEN.concurrency, GIVEN.timeout) == (64, 20.0)


EXAMPLES = [
    (
        "--tile-width 8 --tile-height 6 --image-width 64",
        {"tile_width": 8, "tile_height": 6, "image_width": 64},
    ),
    ("--contrast-preset lung -q 50", {"contrast_preset": "lung", "quality": 50}),
    ("--window-width 350 --window-center 50", {"window_width": 350.0, "window_center": 50.0}),
    ("--window-width 1500 --window-center -500", {"window_width": 1500.0, "window_center": -500.0}),
    ("--root /local/dicom/path", {"root": "/local/dicom/path"}),
    ("--start 0.2 --end 0.8", {"start": 0.2, "end": 0.8}),
    ("--position 0.5 --slice-offset -1", {"position": 0.5, "slice_offset": -1}),
    ("--position 0.0 --slice-offset 5", {"position": 0.0, "slice_offset": 5}),
    ("--position=.5 --slice-offset=+2", {"position": 0.5, "slice_offset": 2}),
    ("--quality=0 -v", {"quality": 0}),
    ("-q=7", {"quality": 7}),
    ("--window-center -.5e2 --window-width 1E3", {"window_center": -50.0, "window_width": 1000.0}),
    ("--concurrency 3 --timeout 2.5", {"concurrency": 3, "timeout": 2.5}),
    ("--index a.parquet", {"index": "a.parquet"}),
]


@pytest.mark.parametrize(("words", "given"), EXAMPLES, ids=[words for words, _ in EXAMPLES])
@pytest.mark.parametrize("place", ["before", "behind", "between"])
def test_options_may_stand_anywhere(
    options: list[Options], words: str, given: dict[str, object], place: str
) -> None:
    more = words.split()
    line = {
        "before": [*more, UID, "out.webp"],
        "behind": [UID, "out.webp", *more],
        "between": [UID, *more, "out.webp"],
    }
    expected = Options(**{"series": UID, "output": "out.webp", "root": None, **given})  # type: ignore[arg-type]
    assert parsed(options, *line[place]) == expected


def test_the_environment_gives_what_the_command_line_does_not(
    options: list[Options], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DICOM_SERIES_PREVIEW_CONCURRENCY", "5")
    monkeypatch.setenv("DICOM_SERIES_PREVIEW_TIMEOUT", "7.5")
    found = parsed(options, UID, "out.webp", "--timeout", "9")
    assert found == evolve(GIVEN, concurrency=5, timeout=9.0)


def test_mistakes_of_one_command_line_are_forgotten_in_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run_command([UID, "out.gif", "--bogus", "--quality=x"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 3
    assert cli.run_command([UID, "out.gif"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_every_preset_is_known(options: list[Options]) -> None:
    found = parsed(options, UID, "out.webp", "--contrast-preset", "soft_tissue")
    assert set(found.contrast_preset) <= set(contrasts.CONTRAST_PRESETS)


def test_the_console_command_is_the_module() -> None:
    script = Path(sys.executable).parent / "dicom-series-preview"
    for command in ([script], [sys.executable, "-m", "dicom_series_preview"]):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == (f"{__version__}\n", "")


def test_a_wrong_argument_costs_no_heavy_import() -> None:
    script = (
        "import sys\nfrom dicom_series_preview.shell.cli.app import run_command\n"
        "status = run_command(['x', 'y'])\n"
        "print(status, *sorted({'pydicom', 'numpy', 'pyarrow', 'obstore', 'PIL', 'rich'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
