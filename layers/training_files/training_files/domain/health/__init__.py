"""Text health of one conversation: the rules, and what they find."""
