"""Texts and conversations that make a careless function take the square of their length, or worse."""

from collections.abc import Callable

from tests.support.builders import Json, a_pair

# Each is repeated up to a length.
REPEATED = {
    "letters": "a",
    "spaces": " ",
    "line breaks": "\n",
    "paragraphs": "a\n\n",
    "digits": "7",
    "digits apart": "7 ",
    "digits by pairs": "01 23 ",
    "digits with hyphens": "1-",
    "zeros": "000 ",
    "addresses of machines": "1.1.1.1 ",
    "addresses with ports": "10.20.30.40:8 ",
    "addresses of version 6": "fe80::",
    "colons": "a:",
    "short telephone numbers": "+1 ",
    "long telephone numbers": "+49 30 1234567 / ",
    "telephone numbers with hyphens": "415.555.0132-",
    "hours": " 12:30",
    "telephone numbers": "(415) 555-0132 ",
    "figures": "1,000.00 ",
    "accounts": "DE12 3456 ",
    "accounts without spaces": "DE12ABCD",
    "accounts far apart": "DE12 3456" + " " * 60,
    "social security": "ssn 123-45-6789 ",
    "cards": "4111 1111 1111 1112 ",
    "mailboxes": "a@b.",
    "at signs": "@a",
    "labels": "@" + "a" * 62 + ".",
    "hosts": "a.b.",
    "links": "http://a",
    "web tokens": ".eyJaaaaaaaa",
    "long web tokens": "eyJ" + "a" * 200 + ".",
    "keys": "sk-",
    "private keys": "-----BEGIN AB ",
    "escaped line breaks": "\\n",
    "escaped line breaks in paths": "C:\\new ",
    "escaped line breaks in quotes": '"\\n" ',
    "escaped commands": "\\nu ",
    "escaped line breaks in strings of JSON": '{"a": "\\n',
    "escaped line breaks in paths without a drive": "a\\b\\n",
    "escaped line breaks and tabs": "\\n\\t",
    "escaped line breaks in lines of code": "    f(\\n)\n",
    "escaped line breaks in one line of code": "    f(\\n)",
    "ranges of escaped characters": "\\u0041-",
    "escaped quotes": '\\"',
    "escaped quotes in quotes": '"\\"a ',
    "escaped tabs": "\\t",
    "escaped characters": "\\u00e9",
    "backslashes": "\\",
    "quotes": '"',
    "quotes in paragraphs": '"a\n\n',
    "backticks": "`",
    "code": "`a` ",
    "fences": "```\n",
    "fences that differ": "```a\n~~~\n",
    "list items": "- a\n",
    "numbered": "1. ",
    "tables": "|",
    "tags": "<a>",
    "open tags": "<a",
    "brackets": "[1]",
    "open brackets": "(",
    "asterisks": "*a",
    "superscripts": "\u00b9",
    "roles": "User:",
    "roles in lines": "User: a\n",
    "reserved words": "<image>[EOS]",
    "control tokens": "<|im_en",
    "ends of sequences": "</s",
    "objects": "[object A",
    "objects of Python": "<a.b",
    "zero-width spaces": "\u200b",
    "fillers": "a\u3164",
    "brackets that close": "\u3011",
    "accents": "\u00e9",
    "kana": "\u3042",
    "emoji": "\U0001f600\u200d",
    "marks": "\u0315",
    "marks in another order": "\u0315\u0323",
    "no characters": "\u0000",
}


def repeated(unit: str) -> Callable[[int], str]:
    return lambda length: (unit * (length // len(unit) + 1))[:length]


def _two_runs_of_marks(length: int) -> str:
    return "a" + "\u0315" * (length // 2) + "\u0323" * (length // 2)


def _unbalanced_at_the_end(length: int) -> str:
    return "a" * (length // 2) + "\n" * (length // 2) + '"'


TEXTS: dict[str, Callable[[int], str]] = {name: repeated(unit) for name, unit in REPEATED.items()} | {
    "two runs of marks": _two_runs_of_marks,
    "a quote at the end": _unbalanced_at_the_end,
}


def pairs_that_say_little(count: int) -> list[Json]:
    return [a_pair(turn, id=str(turn), conversation_history=None) for turn in range(count)]


def pairs_that_repeat_one_text(count: int) -> list[Json]:
    return [
        a_pair(turn, id=str(turn), conversation_history=[], current_user_input="a", target_response="b")
        for turn in range(count)
    ]


def pairs_without_targets(count: int) -> list[Json]:
    return [a_pair(turn, id=str(turn), conversation_history=None, target_response=None) for turn in range(count)]


def one_pair_with_a_long_history(count: int) -> list[Json]:
    history = [{"role": ("user", "assistant")[place % 2], "content": f"text {place}."} for place in range(count * 2)]
    return [a_pair(1, conversation_history=history, current_user_input="And?")]


def pairs_that_disagree(count: int) -> list[Json]:
    """Each history is another one than what was said."""
    return [
        a_pair(turn, id=str(turn), conversation_history=[{"role": "user", "content": f"other {turn}"}])
        for turn in range(count)
    ]


PAIRS: dict[str, Callable[[int], list[Json]]] = {
    "pairs that say little": pairs_that_say_little,
    "pairs that repeat one text": pairs_that_repeat_one_text,
    "pairs without targets": pairs_without_targets,
    "one pair with a long history": one_pair_with_a_long_history,
    "pairs that disagree": pairs_that_disagree,
}
