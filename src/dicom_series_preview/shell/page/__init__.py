"""What a batch left behind, to be looked at: a page, and a table in a notebook."""
