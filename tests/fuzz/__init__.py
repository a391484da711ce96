"""Damaged objects sent through the whole command, in great number: run by hand."""
