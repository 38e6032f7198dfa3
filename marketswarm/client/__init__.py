"""A small client of the gateway, for notebooks and programs."""
