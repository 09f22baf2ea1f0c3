"""A line of JSONL that every reader takes for one line."""

from typing import Any

import orjson

# JSON lets these stand raw in a string. Python's str.splitlines, Node's readline and others end a line at them.
# In UTF-8 none of them can be a part of another character.
LINE_SEPARATORS = (
    ("\u2028".encode(), rb"\u2028"),
    ("\u2029".encode(), rb"\u2029"),
    ("\u0085".encode(), rb"\u0085"),
)


def json_line(value: Any) -> bytes:
    """Compact UTF-8 JSON that ends in the line's only newline; its value is the same whatever is escaped."""
    line = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    for separator, escape in LINE_SEPARATORS:
        # One byte is found in a fiftieth of the time that three take, and in most texts there is none.
        if separator[-1] in line and separator in line:
            line = line.replace(separator, escape)
    return line
