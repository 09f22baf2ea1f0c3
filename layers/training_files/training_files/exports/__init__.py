"""An export, from asking to ready: while the caller waits, or by a worker."""
