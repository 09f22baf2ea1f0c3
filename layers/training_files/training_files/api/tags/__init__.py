"""The calls that tag revisions."""
