"""What stores and servers say, without I/O: listings, answers, origins, ranges, signatures, searches."""
