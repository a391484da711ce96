"""See a DICOM series as one small picture, without downloading it."""

__version__ = "0.1.0"
