"""The quality report: what there is to know of a training file before anyone trains on it."""
