"""Words in, messages and exit status out."""
