"""Training files as they are: found, listed, changed, downloaded, removed."""
