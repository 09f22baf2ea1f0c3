"""What one row of an export is made of."""

from typing import Literal

Granularity = Literal["conversation", "turn"]
"""A row for each conversation, or one for each trainable pair."""
