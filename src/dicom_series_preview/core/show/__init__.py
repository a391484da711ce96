"""Stored values -> grey levels and colours -> canvas."""
