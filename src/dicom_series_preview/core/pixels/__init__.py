"""Where a frame's bytes lie, and what its samples mean."""
