"""One conversation: its row, its enriched file, its dialogues, its figures, and what can be wrong with it."""
