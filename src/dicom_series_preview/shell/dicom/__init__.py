"""The libraries that know DICOM's bytes: headers and codecs."""
