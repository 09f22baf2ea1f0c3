"""Blanks of a template that nobody filled in: {{client_name}}, [Insert client name], $XX,XXX.

Those that the reader is to fill in are meant: a worksheet, the draft of a letter, a text about templates.
"""

import re
from collections.abc import Iterator

from training_files.domain.health.blanks_to_fill_in import ABOUT_TEMPLATES, is_said_to_be_one, to_be_filled_in
from training_files.domain.health.code_blocks import without_code

MESSAGE = "holds a blank of a template that was not filled in"
MARKS = re.compile(r"[{\[<【]|[$€£]\s?XX|XX\s?%")

# No word goes on in front of a blank; a sign of Chinese, Japanese or Korean does not join it.
BEGINS = r"(?:(?<!\w)|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]))"
# Between two braces a name of at least two characters. In front of it is no TeX (\frac{{a}}), no word, no third brace,
# behind it neither; ${{ secrets.KEY }} is of GitHub's workflows.
DOUBLE_BRACES = re.compile(
    BEGINS + r"(?<![\\^_{}])\{\{[ \t]{0,3}(?!(?:secrets|github|env|matrix|steps|needs|inputs|vars|runner|job)\.)"
    r"[^\W\d][\w.\-| ]{1,60}\}\}(?![{}])"
)
# Between single ones only the names of those who talk: {x} and /users/{user_id} are common in texts.
WHO = r"(?:client|customer|user|advisor|adviser|consultant|agent|assistant|company|business)"
SINGLE_BRACES = re.compile(
    rf"{BEGINS}(?<![/\\$=^_{{:.])\{{(?:{WHO}_?name|(?:first|last|full)_?name|your_name)\}}(?![\w}}])", re.IGNORECASE
)
GREETING = (
    r"\b(?:dear|hi|hello|hey|welcome|good (?:morning|afternoon|evening)|thank you|thanks"
    r"|hallo|liebe[r]?|guten (?:tag|morgen)"
    r"|hola|bonjour|estimad[oa]|\u60a8\u597d|\u4f60\u597d)"
)
# A link or its definition has brackets too: [Your name](…), [your name]: ….
BRACKETS = re.compile(
    rf"""{BEGINS}(?<![\]!\\]) (?:
      \[ (?:
          insert [ ] [^\[\]\n]{{1,60}}
        | (?:enter|add|fill[ ]in) [ ] (?:the[ ]|your[ ])? {WHO}(?:['\u2019]s)? [ ] [^\[\]\n]{{1,40}}
        | (?:the[ ])? {WHO} (?:['\u2019]s)? [ _] (?:(?:first|last|full)[ _])? name (?:[ _]here)?
        | your [ _] (?:(?:first|last|full)[ _])? (?:name|company|business|firm|title|position|organi[sz]ation)
          (?:[ _]name)? (?:[ _]here)?
        | (?:ihr|dein) [ ] (?:vor|nach)?name | name [ ] des [ ] kunden | kundenname
        | [^\[\]\n]{{1,40}} [ ] einfügen
        | (?:tu|su) [ ] nombre | nombre [ ] del [ ] cliente | (?:insertar|inserte) [ ] [^\[\]\n]{{1,60}}
        | (?:votre|ton) [ ] (?:pré)?nom | nom [ ] du [ ] client | insére[rz] [ ] [^\[\]\n]{{1,60}}
      ) \] (?![(\[:])
      | [\[\u3010] (?:客户|用户|您的|你的) (?:姓名|名字|名称)
        [\]\u3011]
      | < (?:insert [ ] [\w '\u2019]{{1,40}} | (?:your|{WHO}) [ _] (?:name|company|business|firm) (?:[ _]name)?) >
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Two of them at least: one X is what one calculates with. Between dollars it is TeX.
FIGURES = re.compile(
    r"(?<!\w)(?:[$€£]\s?X{2,3}(?:[,.]X{2,3}){0,4}(?![\w^_$*+=\\])(?![^\n$]{0,80}\$(?![\dX]))|X{2,3}\s?%(?!\w))"
)

# Of whom nothing but the name is said, where someone is spoken to: Thank you, [Name], …
NAME = re.compile(
    rf"(?:(?:^|[.!?\u2026]\s|\n)[ \t*_]{{0,5}}|, |{GREETING} )"
    r"(\[(?:(?:first|last|full)?[ _]?name|vorname|nombre|pr\u00e9nom)\])"
    r"(?=[*_]{0,3}(?:[,.!?\uff0c]|\s[\u2013\u2014-]\s))",
    re.IGNORECASE,
)
# Whoever is greeted as a client in the first words is written to, whatever is said next.
GREETED_CLIENT = re.compile(
    rf"\s{{0,9}}{GREETING}[,\uff0c]?\s{{0,3}}(?:mr\.? |ms\.? )?(?=[\[{{<\u3010][^\]}}>\n]{{0,20}}"
    rf"(?:{WHO}|kunde|cliente?|\u5ba2\u6237|\u7528\u6237))",
    re.IGNORECASE,
)


def template_blanks_in(text: str) -> Iterator[tuple[int, str]]:
    if not MARKS.search(text):
        return
    prose = without_code(text)
    braces = [match for pattern in (DOUBLE_BRACES, SINGLE_BRACES) for match in pattern.finditer(prose)]
    blanks = [match for pattern in (BRACKETS, FIGURES) for match in pattern.finditer(prose)]
    names = list(NAME.finditer(prose))
    if (not braces and not blanks and not names) or ABOUT_TEMPLATES.search(text):
        return
    found = {match.start() for match in braces if not is_said_to_be_one(match)}
    greeted = GREETED_CLIENT.match(prose)
    starts = {match.start() for match in blanks if not is_said_to_be_one(match)} | {match.start(1) for match in names}
    found |= starts - set(to_be_filled_in(prose, starts)) | (starts & {greeted.end()} if greeted else set())
    for offset in sorted(found):
        yield offset, MESSAGE
