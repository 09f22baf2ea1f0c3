"""What an operator or a developer runs: migrate, verify, and the local stack."""
