"""Benchmarks: `python -m tests.bench`.  Nothing in the tests depends on them."""
