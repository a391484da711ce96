"""What is wanted, read from the user's words and checked without I/O."""
