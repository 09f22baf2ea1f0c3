"""What is wrong with a value, in words for whoever wrote it. Pydantic's own speak of Python.

The types of its errors: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

from collections.abc import Mapping
from typing import Any

UNKNOWN_PROBLEM = "it is not valid"

PROBLEMS: Mapping[str, str] = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such field",
    "none_required": "it must be null",
    "model_type": "it must be an object",
    "model_attributes_type": "it must be an object",
    "dict_type": "it must be an object",
    "list_type": "it must be a list",
    "tuple_type": "it must be a list",
    "string_type": "it must be a text",
    "string_sub_type": "it must be a text",
    "string_unicode": "it is no text: it has half a character in it",
    "string_too_short": "it is too short: at least {min_length} characters",
    "string_too_long": "it is too long: at most {max_length} characters",
    "string_pattern_mismatch": "it has a character that is not allowed",
    "too_short": "it must have at least {min_length} of them",
    "too_long": "it must have at most {max_length} of them",
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_parsing_size": "it is too large a number",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number",
    "float_parsing": "it must be a number",
    "finite_number": "it must be a number that is finite",
    "decimal_type": "it must be a number",
    "decimal_parsing": "it must be a number",
    "decimal_max_places": "it must have at most {decimal_places} decimal places",
    "decimal_max_digits": "it must have at most {max_digits} digits",
    "decimal_whole_digits": "it is too large a number",
    "greater_than": "it must be more than {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be at most {le}",
    "literal_error": "it must be {expected}",
    "enum": "it must be {expected}",
    "uuid_type": "it must be a UUID",
    "uuid_parsing": "it must be a UUID",
    "datetime_type": "it must be a time, such as 2026-01-31T12:00:00Z",
    "datetime_parsing": "it must be a time, such as 2026-01-31T12:00:00Z",
    "datetime_from_date_parsing": "it must be a time, such as 2026-01-31T12:00:00Z",
    "timezone_aware": "it must be a time with a time zone, such as 2026-01-31T12:00:00Z",
}


def problem_of(error: Mapping[str, Any], own: Mapping[str, str] | None = None) -> str:
    """Words for one of the errors of a pydantic ValidationError, with `own` ones where there are some.

    What a validator of ours raised as ValueError goes through as it is.
    """
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    words = (own or {}).get(kind) or PROBLEMS.get(kind, UNKNOWN_PROBLEM)
    return words.format(**{name: _plain(value) for name, value in context.items()})


def _plain(value: Any) -> Any:
    """A bound that was given as a float, as a person writes it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
