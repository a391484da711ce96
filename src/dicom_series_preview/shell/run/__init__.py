"""The straight lines: a preview, an index, the demo."""
