"""Many series: which ones, what to do next, and what became of each."""
