"""What can go wrong with queues on this machine."""


class LocalQueueError(Exception):
    """Its message is a sentence for the person who runs it."""
