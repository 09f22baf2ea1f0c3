"""A revision, from asking to commit: while the caller waits, or by a worker."""
