"""AWS: queues, the event bus, secrets."""
