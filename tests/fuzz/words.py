"""What every outcome is held to: a refusal in words, or something that makes sense."""

from __future__ import annotations

from dicom_series_preview.shell.cli.messages import LONGEST


class Wrong(Exception):
    """An outcome that is neither a refusal in words nor a picture."""


def check_words(text: str) -> None:
    """A paragraph: something said, in one line, and not at length."""
    if not text.strip():
        raise Wrong("no words")
    if len(text) > LONGEST + len("warning: "):
        raise Wrong(f"{len(text)} characters are no short paragraph: {text[:300]!r}")
    if not text.isprintable():
        raise Wrong(f"what cannot be printed is said: {text!r}")
