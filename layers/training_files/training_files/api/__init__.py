"""The HTTP side: what all handlers share."""
