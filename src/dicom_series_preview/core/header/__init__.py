"""The bytes and elements of a header -> typed instances and their frames."""
