"""Lines that begin with the name of a role, as in a script: someone else's turn within a text."""

from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code

ROLES = ("User", "Assistant", "System", "Human", "Bot", "AI", "USER", "ASSISTANT", "SYSTEM", "HUMAN", "BOT")
# Marks that may stand around a role's name at the beginning of a line.
AROUND_A_ROLE = " \t>#*_-["


def role_labels_in(text: str) -> Iterator[tuple[int, str]]:
    if ":" not in text:
        return
    begin = 0
    for line in without_code(text).split("\n"):
        if _begins_with_role(line):
            yield begin, "has a line that begins with the name of a role and a colon"
        begin += len(line) + 1


def _begins_with_role(line: str) -> bool:
    begin = line.lstrip(AROUND_A_ROLE)
    if not begin.startswith(ROLES):
        return False
    name, colon, _ = begin.partition(":")
    return bool(colon) and name.rstrip(" *_]") in ROLES
