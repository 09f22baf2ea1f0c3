"""AWS: queues, the event bus, the state machine, secrets."""
