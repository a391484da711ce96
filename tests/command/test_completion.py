"""`--install-completion`: the shells' files, below a home of the test's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command.here import run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_file_of_a_shell_names_commands_and_options(shell: str, tmp_path: Path) -> None:
    done = run("--install-completion", "--shell", shell, env={"HOME": str(tmp_path)})
    assert (done.status, done.err) == (0, "")
    written = Path(done.out.splitlines()[0])
    assert written.is_relative_to(tmp_path)
    text = written.read_text(encoding="utf-8")
    assert all(word in text for word in ("build-index", "headers", "contrast-preset"))
    program = shutil.which(shell)
    if program is not None:
        assert subprocess.run([program, "-n", str(written)], check=False).returncode == 0


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    done = run("--install-completion", "--shell", "tcsh", env={"HOME": str(tmp_path)})
    assert (done.status, done.out, len(done.messages)) == (1, "", 1)
    assert "--shell tcsh is not allowed" in done.err
    (tmp_path / "file").touch()
    arguments = ("--shell", "bash", "--output", str(tmp_path / "file" / "below"))
    done = run("--install-completion", *arguments, env={"HOME": str(tmp_path)})
    assert (done.status, len(done.messages)) == (1, 1)
    assert "cannot be written" in done.err
    assert not (tmp_path / ".bashrc").exists()
