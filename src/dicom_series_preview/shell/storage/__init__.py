"""Stores and servers: finding, listing and reading objects."""
