"""Columns in, parts of the picture out: one file an idea."""
