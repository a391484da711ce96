"""The page and the manual page of the command line say what `--help` says."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.conftest import Run
from tests.docs.pages import ROOT

COMMANDS = ("", "batch", "build-index", "demo", "gallery", "headers", "info")
SOURCE = ROOT / "docs" / "site" / "command_line.py"


@pytest.fixture(scope="module")
def command_line() -> ModuleType:
    spec = importlib.util.spec_from_file_location("command_line", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words_of(text: str) -> str:
    """The text as words with one blank between, without the frames and escapes around it."""
    return " ".join(re.sub(r"[│╭╮╰╯─]|\\(?=[^\s\w])", " ", text).replace("\\", "").split())


@pytest.fixture(scope="module")
def helps(run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `--help` says, wide enough that no line is broken."""
    folder = tmp_path_factory.mktemp("help")
    program = (
        "import os, sys; os.environ['COLUMNS'] = '600'; "
        "from dicom_series_preview.shell.cli.app import run_command; run_command(sys.argv[1:])"
    )
    return {name: run(folder, "-c", program, *filter(None, [name]), "--help").stdout for name in COMMANDS}


def test_all_commands_are_told(command_line: ModuleType) -> None:
    assert [command.name for command in command_line.command_line()] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_told_in_the_words_of_help(
    name: str, command_line: ModuleType, helps: dict[str, str]
) -> None:
    (command,) = (one for one in command_line.command_line() if one.name == name)
    said = words_of(helps[name])
    for usage in command.usage:
        assert usage in said
    assert command.summary in said
    for argument in command.arguments:
        assert argument.spelled in said, argument
        assert words_of(argument.words) in said, argument
    told = {part for argument in command.arguments for part in argument.names.split()}
    shown = set(re.findall(r"│ (--[a-z-]+)", helps[name]))
    assert shown - {"--help", "--version", "--install-completion"} == {
        one for one in told if one.startswith("--")
    }


def test_the_manual_page_has_every_word(command_line: ModuleType, tmp_path: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff, which sets manual pages, is not installed")
    page = tmp_path / "dicom-series-preview.1"
    page.write_text(command_line.man(), encoding="utf-8")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-rLL=5000n", "-rHY=0", "-P-c", str(page)],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.replace("−", "-").replace("’", "'").replace("‐", "-").split())
    for command in command_line.command_line():
        for argument in command.arguments:
            assert argument.words.replace("  ", " ") in said, argument
