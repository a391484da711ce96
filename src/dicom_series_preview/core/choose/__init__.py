"""Which slices, where on the canvas, through what window."""
