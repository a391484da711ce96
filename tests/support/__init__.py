"""What the tests and the benchmark share: tiny DICOM objects, and an object store of their own."""
