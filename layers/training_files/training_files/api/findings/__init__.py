"""The call for the findings of text health."""
