"""Where a page goes on."""

from training_files.errors import RequestInvalidError


def not_a_cursor() -> RequestInvalidError:
    return RequestInvalidError("The cursor is not one that this service gave.")
