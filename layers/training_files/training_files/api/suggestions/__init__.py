"""The call for suggestions."""
