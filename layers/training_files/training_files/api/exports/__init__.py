"""Calls about exports."""
