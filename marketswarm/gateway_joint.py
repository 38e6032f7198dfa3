"""Joins the gateway: its store, its tasks and its page."""
