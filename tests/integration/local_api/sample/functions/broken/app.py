"""A function that cannot even be loaded."""

raise RuntimeError("This module does not load.")
