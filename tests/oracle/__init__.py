"""A second way from a DICOM file to its picture: whole files, full decoding, plain arithmetic.

Written from the standard, slow and obvious, and sharing no code with the package.
"""
