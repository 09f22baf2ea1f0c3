"""The call that tells of enriched conversations, and the messages that it makes."""
