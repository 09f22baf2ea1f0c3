"""Escape sequences that are the backslash of a path of Windows, and the first letter behind it."""

import re

from training_files.domain.health.escapes_reader import Reader
from training_files.domain.health.function_words import LANGUAGES

SERVER = re.compile(r"[\w.-]{1,64}\\\w")
# No word is left of them without the n.
FOLDER_WITH_N = re.compile(r"n(?:ew|etwork|ginx|ode_modules|otes|pm|uget|umpy)(?![A-Za-z])")
# What begins a path without a drive: where one is, one's home, a variable, or a registry.
BEGIN_OF_A_PATH = re.compile(
    r"(?:\.{1,2}|~|%\w{1,40}%|\$(?:env:)?[A-Za-z_]\w{0,40}|HK(?:LM|CU|CR)|HKEY_[A-Z_]{1,30}):?\\"
)
EARLIER_FOLDER = re.compile(r"\\[\w.%]")
# Behind the backslash: a name with underscores, a further folder, or a file.
REST_OF_A_PATH = re.compile(
    r"n(?:[a-z0-9]{1,40}_[a-z0-9]|[\w.-]{0,64}\\{1,2}(?![nrtu])[A-Za-z]|[\w-]{0,40}(?:\\{1,2}[\w-]{1,40}){0,8}"
    r"\.(?:bat|cfg|conf|cpp|css|csv|docx?|dll|exe|html?|ini|java|jpe?g|js|json|log|md|pdf|png|ps1|py|sh|sql|toml|tsx?"
    r"|txt|xlsx?|xml|ya?ml|zip)(?!\w))"
)
DOMAIN = re.compile(r"(?:^|[\s(\"'])[A-Z][A-Z0-9-]{1,14}$")
# The longest name, and what stands before it.
CHARACTERS_OF_A_DOMAIN = 17
USER_OF_A_DOMAIN = re.compile(r"n[a-z][a-z0-9._-]{1,30}(?=[\s.,;:!?)\"']|$)")


def is_in_path(match: re.Match[str], reader: Reader) -> bool:
    """Whether the word goes on from the drive or the server of a path of Windows."""
    word, behind = reader.word(), reader.prose[match.end() : match.end() + 1]
    follows_drive = len(word) == len("C:") and word.endswith(":") and behind.islower()
    return word[1:3] == ":\\" or word.startswith("\\\\") or follows_drive or _is_server(match)


def _is_server(match: re.Match[str]) -> bool:
    """As in a network path that begins with the server nas01: two backslashes, a name, a backslash."""
    name = SERVER.match(match.string, match.end() - 1)
    return match[0][:-1] == "\\\\" and bool(name) and not match.string[: match.start()][-1:].isalnum()


def is_in_path_without_drive(match: re.Match[str], reader: Reader) -> bool:
    """Whether a folder, a file or a user of a domain is what begins with the n."""
    prose, begin, n = reader.prose, match.start(), match.end() - 1
    word, behind = reader.word(), prose[n + 1 : n + 2]
    if not (behind.islower() or behind == "_") or match["line_break"] != "n":
        return False
    if FOLDER_WITH_N.match(prose, n) or BEGIN_OF_A_PATH.match(f"{word}\\") or EARLIER_FOLDER.search(word):
        return True
    if reader.before(begin).isalnum() and REST_OF_A_PATH.match(prose, n):
        return True
    user = USER_OF_A_DOMAIN.match(prose, n) if DOMAIN.search(reader.before(begin, CHARACTERS_OF_A_DOMAIN)) else None
    return user is not None and user[0][1:] not in LANGUAGES
