"""What keeps the system tidy: housekeeping, and events on their way out."""
