"""What MkDocs does on the way: it puts the command line into its page."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

MARKER = "<!-- command-line -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the marker by the commands, as `--help` has them."""
    if MARKER not in markdown:
        return markdown
    found = importlib.util.spec_from_file_location("command_line", Path(__file__).parent / "command_line.py")
    if found is None or found.loader is None:
        raise FileNotFoundError("command_line.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    commands: str = module.markdown()
    return markdown.replace(MARKER, commands)
