"""What a DICOMweb server (PS3.18) is asked, and what its answers mean, without I/O."""
