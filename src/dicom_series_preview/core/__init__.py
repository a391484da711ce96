"""The pure core: values and decisions, no I/O; `tests/test_architecture.py` says what it may import."""
