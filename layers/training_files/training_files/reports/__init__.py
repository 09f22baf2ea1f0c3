"""The quality report of a training file."""
