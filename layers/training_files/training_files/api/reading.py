"""The application of handlers that only read: they act with the caller's own token, and hold no key of the server."""

from training_files.api.callers import CallersApp
from training_files.wiring.reading import reading_application


def create_reading_app() -> CallersApp:
    """An application for one function, whose service sees what row level security lets the caller see."""
    return CallersApp(reading_application)
