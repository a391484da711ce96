"""The imperative shell: it fetches, decodes, encodes and prints, and decides nothing."""
