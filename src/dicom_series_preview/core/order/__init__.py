"""Reading order: stacks of slices, which objects belong, what is odd."""
