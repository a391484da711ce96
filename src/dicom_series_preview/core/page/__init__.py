"""What a batch left behind, as a page: rows and tile maps -> HTML text."""
