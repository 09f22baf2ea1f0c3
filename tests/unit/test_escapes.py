"""Sequences that were left escaped are found and mended where a character was meant, and nowhere else."""

import pytest

from training_files.domain.health.escapes import Escape, escapes_in, unescaped

LEFT = {
    "line breaks": (r"Save first.\n\nThen wait.", "Save first.\n\nThen wait."),
    "line break of Windows": (r"Save first.\r\nThen wait.", "Save first.\r\nThen wait."),
    "list": (r"Steps:\n* Save\n* Wait\n\t- a week", "Steps:\n* Save\n* Wait\n\t- a week"),
    "text behind a tab": (r"First\n\ttwo words", "First\n\ttwo words"),
    "columns": (r"Name\tAge", "Name\tAge"),
    "tab at the beginning": (r"\tSave it.", "\tSave it."),
    "numbered": (r"1.\tSave it.", "1.\tSave it."),
    "quoted words": (r"the three \"big\" numbers", 'the three "big" numbers'),
    "quoted sentence at the end": (r"She said: \"Start small.\"", 'She said: "Start small."'),
    "quotation behind a line break": (
        r'She said:\n"Start small.\nThen wait."',
        'She said:\n"Start small.\nThen wait."',
    ),
    "quotes in brackets": (r"(\"Plan A\")", '("Plan A")'),
    "quotes in Chinese": (r"他说\"你好\"吧", '他说"你好"吧'),
    "quotes of both kinds": (r'He said "yes" and then \"no\".', 'He said "yes" and then "no".'),
    "quotes behind an open one in the line before": ('A 5" pipe.\nIt is \\"fine\\".', 'A 5" pipe.\nIt is "fine".'),
    "inches": (r"a 6\" pipe and a 4\" one", 'a 6" pipe and a 4" one'),
    "JSON that was escaped": (r"{\"goal\": \"save\"}", '{"goal": "save"}'),
    "letter by its code": (r"caf\u00e9 and \u00c0 la carte", "café and À la carte"),
    "apostrophe by its code": (r"It\u2019s fine", "It\u2019s fine"),
    "dash by its code": (r"Budget \u2014 monthly", "Budget — monthly"),
    "surrogate pair": (r"Well done \ud83d\ude00!", "Well done 😀!"),
    "escaped twice": (r"Save.\\n\\nWait, \\\"please\\\", in a caf\\u00e9.", 'Save.\n\nWait, "please", in a café.'),
    "path behind a line break": (r"Look there:\nC:\new", "Look there:\nC:\\new"),
    "paragraphs": (r"you care about this.\n\nAdd them up", "you care about this.\n\nAdd them up"),
    "tab behind a colon": (r"First:\tthe", "First:\tthe"),
    "two quotations": (r"\"Stop.\"\n\"Go.\"", '"Stop."\n"Go."'),
    "two quotations in paragraphs": (r'"Stop."\n\n"Go."', '"Stop."\n\n"Go."'),
    "quotation in single quotes": (r"He said.\n'Yes,' she said", "He said.\n'Yes,' she said"),
    "quoted sequence in escaped quotes": (r"We write \"\n\" for newline.", r'We write "\n" for newline.'),
    "table": (r"| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
    "spaces around": (r"Save. \n \n Then", "Save. \n \n Then"),
    "spaces behind a comma": (r"Dear Kim, \n I am here", "Dear Kim, \n I am here"),
    "spaces before an item": (r"first \n- a", "first \n- a"),
    "marks behind": (
        r"Save.\n\n* Wait\n+ Go\n**Next**\n*\"Yes\"*\n+$50",
        'Save.\n\n* Wait\n+ Go\n**Next**\n*"Yes"*\n+$50',
    ),
    "verse": (r"Roses are red\nviolets are blue", "Roses are red\nviolets are blue"),
    "small word behind capitals": (r"Put it in the IRA\nand wait", "Put it in the IRA\nand wait"),
    "word of one letter by its code": (r"Isto \u00e9 bom", "Isto é bom"),
    "quotes by their codes": (r"\u201cA\u201d-\u201cB\u201d", "\u201cA\u201d-\u201cB\u201d"),
    "code within a word, in a line about codes": (r"The Unicode caf\u00e9", "The Unicode café"),
    "list that is indented": ("    - Save (some)\\n    - Wait", "    - Save (some)\n    - Wait"),
    "paragraph that is indented": ("    Save first.\\nThen wait.", "    Save first.\nThen wait."),
    "line that begins with code": (r"`round` calls round(x).\n\nThen go.", "`round` calls round(x).\n\nThen go."),
    "points": (r"Hmm ...\nThen", "Hmm ...\nThen"),
    "object over several lines": (
        r'Send this:\n{\n  "goal": "save"\n}',
        'Send this:\n{\n  "goal": "save"\n}',
    ),
    "behind code": ("`a\\nb` then\\nmore", "`a\\nb` then\nmore"),
}
AS_WRITTEN = {
    "inline code": r"A tab is `\t`, a quote `\"`, an é `\u00e9`.",
    "code between two backticks": r"A tab is ``\t``, a line break ``\n``.",
    "fenced code": '```python\nprint("a\\tb\\n", "say \\"hi\\"")\n```',
    "TeX": r"\textbf{a} \theta \times \tan \tau \to \top \nabla \neq \nu",
    "accents of TeX": r"G\"odel and Schr\"odinger and na\"{i}ve",
    "drive": r"C:\temp\new and D:\notes and C:\\new\\temp",
    "server": r"\\server\notes\tools and \\nas01\media",
    "folders": r"docs\templates\test and \temp",
    "quoted sequences": '\'\\t\' and "\\n" and \'\\"\' and "\\u00e9"',
    "string in a string": r'Type echo "say \"hi\" to me".',
    "string of a program": 'Write print "Hello\\n"; and then die "$name: $!\\n" there.',
    "pattern without line breaks": r"It stands for [^\n] there.",
    "regular expressions": r"[^\"]+ and [\"'] and [\u4e00-\u9fff] and \s\t\d and [ \t]+ and \t*x too",
    "a word about tabs": r"Use \t to separate, or (\t).",
    "named in a sentence": r"In Python, \n means a line break.",
    "named at the beginning": r"\n means a line break.",
    "named before a comma": r"Split at \n, then join.",
    "named with both": r"Use \r\n on Windows.",
    "named in brackets": r"The newline character (\n) is one byte.",
    "quoted with both": r'Use "\r\n" there, or “\n”.',
    "indented code": "Run this:\n\n    re.sub(r'\\n+', ' ', text)\n\tx = \"a\\tb\\nc\"",
    "alternatives of a pattern": r"/(\r\n|\n|\r)/gm",
    "classes of a pattern": r"It is [\r\n]+ or \s*\n\s* or [\n,;].",
    "counted in a pattern": r"Use r'\n+' or r'\n{2,}' there.",
    "pattern of a command": r"sed 's/\n/ /g'",
    "format strings": r"printf '%s\n' and printf '%s\t%d\n' there",
    "end of a string": r"x = 'one\n'; y",
    "inline JSON": r'Send {"msg": "one\ntwo"}',
    "members and lists of inline JSON": r'Send {"a": "x", "b": ["one\ntwo", "three\tfour"]}.',
    "argument of a call": r'Use print("a\nb") here.',
    "path of a file": r"src\new_module\test.py",
    "path from the folder above": r"..\node_modules",
    "path from a variable": r"%APPDATA%\npm and $HOME\notes",
    "path from home or here": r"~\notes and .\new",
    "path of folders": r"docs\api\notes and packages\node_modules and code\next\api",
    "registry": r"HKCU\network\new",
    "user of a domain": r"CORP\nbauer",
    "code named in a sentence": r"U+00E9 is written \u00e9 in JSON.",
    "range of codes": r"The range \u4e00-\u9fff has them.",
    "JSON": '{"say": "\\"hi\\"\\n\\tyou"}',
    "half a surrogate pair": r"Well done \ud83d!",
    "two low surrogates": r"Well done \ude00\ude00!",
    "control character": r"Nothing \u0000 here \u0007.",
    "no code": r"Nothing \u12 here, \user.",
    "slash": r"and\/or",
    "backslash at the end": "I see something called a \\",
    "quote that ends the text": r"I see something called a \"",
    "plain": "Save first. Then wait.",
    "empty": "",
}


@pytest.mark.parametrize("name", LEFT)
def test_what_was_left_escaped_becomes_what_was_meant(name: str) -> None:
    text, meant = LEFT[name]

    mended, count = unescaped(text)

    assert (mended, count) == (meant, len(list(escapes_in(text))))
    assert unescaped(mended) == (mended, 0)


@pytest.mark.parametrize("name", AS_WRITTEN)
def test_what_is_meant_as_it_is_written_stays_character_for_character(name: str) -> None:
    assert unescaped(AS_WRITTEN[name]) == (AS_WRITTEN[name], 0)


def test_each_sequence_is_told_with_its_place_and_its_character() -> None:
    assert list(escapes_in(r"é \"a\"\n\ud83d\ude00")) == [
        Escape(2, 2, r"\"", '"'),
        Escape(5, 2, r"\"", '"'),
        Escape(7, 2, r"\n", "\n"),
        Escape(9, 12, r"\ud83d\ude00", "😀"),
    ]


def test_a_quote_that_ends_a_text_belongs_to_another_one_or_shows_that_the_text_was_cut_off() -> None:
    assert unescaped(r"\"Yes,\" she said, \"and ") == ('"Yes," she said, "and ', 3)
    assert unescaped(r"\"Yes,\" she said. \"") == (r'"Yes," she said. \"', 2)
