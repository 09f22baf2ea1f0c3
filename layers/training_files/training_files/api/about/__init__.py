"""Calls about the API itself."""
