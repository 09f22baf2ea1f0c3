"""A package in a layer's source tree."""

ORIGIN = "source"
