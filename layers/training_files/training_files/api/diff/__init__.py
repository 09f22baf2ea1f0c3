"""The call that compares two revisions."""
