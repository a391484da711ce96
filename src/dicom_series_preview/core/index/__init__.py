"""A series as rows and columns, and back."""
