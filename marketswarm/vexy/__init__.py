"""Vexy: what changed in a market, in plain words."""
