"""The rules of training files: pure functions and records, no network and no clock."""
