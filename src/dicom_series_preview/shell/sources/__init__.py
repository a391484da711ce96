"""A series as it is given: order, slices and pictures."""
