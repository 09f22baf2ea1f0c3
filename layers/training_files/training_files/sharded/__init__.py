"""Builds beyond one worker: planned, done in shards, put together, committed, as the state machine says."""
