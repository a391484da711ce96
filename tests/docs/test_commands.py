"""Every command of the README and the docs is one that the application takes; those that need no network run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from dicom_series_preview.shell.cli.app import run_command
from tests.command.here import run
from tests.docs.pages import PAGES, ROOT, Block, blocks, commands

PROGRAM: Final = "dicom-series-preview"

WORK: Final = {
    "demo": "shell.run.demo.write_demo",
    "build-index": "shell.run.build_index.write_index",
    "batch": "shell.batch.run.run_batch",
    "info": "shell.run.info.series_told",
    "headers": "shell.run.headers.series_headers",
    "--install-completion": "shell.cli.completion_command.install",
    "gallery": "shell.page.gallery.write_gallery",
    "": "shell.run.preview.write_picture",
}
"""What a command calls once all its arguments are found to be good."""

SHELL: Final = blocks("sh")


class Reached(Exception):
    """The arguments are good: now the work would begin."""


def own(block: Block) -> list[list[str]]:
    """The arguments of this program's commands in a block."""
    text = re.sub(r"\$[A-Z_]+", "1", block.text)  # what the environment holds
    return [words[1:] for words in commands(text) if Path(words[0]).name == PROGRAM]


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.name)
def test_every_command_has_arguments_that_are_taken(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(*_: object) -> None:
        raise Reached

    for place in WORK.values():
        monkeypatch.setattr(f"dicom_series_preview.{place}", reached)
    for words in own(block):
        with pytest.raises(Reached):
            run_command(words)


def test_scripts_modules_and_extras_are_those_that_are_there() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    for program, *words in (found for block in SHELL for found in commands(block.text)):
        match Path(program).name, words:
            case "python" | "python3", ["-m", module, *_] if module.startswith("tests."):
                path = ROOT.joinpath(*module.split("."))
                assert path.is_dir() or path.with_suffix(".py").is_file(), module
            case "python" | "python3", [script, *_] if script != "-m":
                assert (ROOT / script).is_file(), script
            case "pip", ["install", *_, what] if what.startswith(".["):
                assert set(what[2:-1].split(",")) <= extras.keys(), what
            case _:
                pass


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_on_the_demo_do_what_they_say(page: Path, examples: Path) -> None:
    asked = [words for block in SHELL if block.page == page for words in own(block)]
    for words in (words for words in asked if words[:1] and words[0] in ("./demo-series", "demo")):
        done = run(*words, folder=examples)
        assert done.status == 0, (words, done.err[-2000:])
