"""Joins Vexy: made by whoever speaks."""
