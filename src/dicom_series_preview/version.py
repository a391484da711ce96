"""The version, apart from everything that could import it."""

from __future__ import annotations

__version__ = "0.1.0"
