"""Canvas -> bytes -> file."""
