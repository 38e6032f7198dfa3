"""Recordings: what the provider sent, as it came, and how it is played again."""
