"""The calls about conversations to choose from."""
