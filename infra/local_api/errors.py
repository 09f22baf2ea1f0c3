"""What can go wrong when an API is served on this machine.

- LocalApiError
  - TemplateError: the template cannot be served
  - FunctionError: an invocation brought no answer
    - FunctionFailedError: the function raised an error, or its process ended
    - FunctionTimedOutError: the function took longer than its time-out
"""


class LocalApiError(Exception):
    """Base of all errors of the local API; its message is a sentence for the person who runs it."""


class TemplateError(LocalApiError):
    """The SAM template is missing, malformed, or asks for what cannot be served here."""


class FunctionError(LocalApiError):
    """An invocation of a function brought no answer."""


class FunctionFailedError(FunctionError):
    """The function raised an error, answered too much, or its process ended."""

    def __init__(self, function: str, error_type: str, error_message: str) -> None:
        super().__init__(f"{function} failed: {error_type}: {error_message}")
        self.function = function
        self.error_type = error_type
        self.error_message = error_message


class FunctionTimedOutError(FunctionError):
    """The function took longer than its time-out, or than a process may take to start."""

    def __init__(self, function: str) -> None:
        super().__init__(f"{function} timed out.")
        self.function = function
