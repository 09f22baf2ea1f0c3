"""Calls about training files and what is in them."""
