"""A training file: its records, its revisions, its totals and the bytes of its two formats."""
