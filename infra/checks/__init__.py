"""What `make verify` looks at."""
