"""The pure core: values and decisions. It does no I/O; see `tests/test_architecture.py` for what it may import."""
