"""Blanks of a template that nobody filled in: {{client_name}}, [Insert client name], $XX,XXX.

Those that the reader is to fill in are meant: a worksheet, the draft of a letter, a text about templates.
"""

import re
from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code

MESSAGE = "holds a blank of a template that was not filled in"
MARKS = re.compile(r"[{\[<【]|[$€£]\s?XX|XX\s?%")

# Between two braces a name of at least two characters. In front of it is no TeX (\frac{{a}}), no word, no third brace,
# behind it neither; ${{ secrets.KEY }} is of GitHub's workflows.
DOUBLE_BRACES = re.compile(
    r"(?<![\w\\^_{}])\{\{[ \t]{0,3}(?!(?:secrets|github|env|matrix|steps|needs|inputs|vars|runner|job)\.)"
    r"[^\W\d][\w.\-| ]{1,60}\}\}(?![{}])"
)
# Between single ones only the names of those who talk: {x} and /users/{user_id} are common in texts.
WHO = r"(?:client|customer|user|advisor|adviser|consultant|agent|assistant|company|business)"
SINGLE_BRACES = re.compile(
    rf"(?<![\w/\\$=^_{{:.])\{{(?:{WHO}_?name|(?:first|last|full)_?name|your_name)\}}(?![\w}}])", re.IGNORECASE
)
# A link or its definition has brackets too: [Your name](…), [your name]: ….
BRACKETS = re.compile(
    rf"""(?<![\w\]!\\]) (?:
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

# A text about templates, in whose words the names between braces are.
ABOUT_TEMPLATES = re.compile(
    r"\b(?:jinja2?|handlebars|mustache|liquid|angular|vue|django|helm|ansible|github actions|dbt|twig|nunjucks"
    r"|f-strings?|curly|braces|template (?:engine|variable|syntax|language|tag)s?|merge (?:field|tag)s?"
    r"|interpolat\w{2,5}|placeholders?|platzhalter|marcador(?:es)? de posici[oó]n)\b",
    re.IGNORECASE,
)
# A text that the reader is to complete and to send.
TO_FILL_IN = re.compile(
    r"\b(?:templates?|fill(?:ed|ing)?[ -]?(?:in|out)|replace|replacing|brackets|sample|draft(?:ed)?|scripts?|worksheet"
    r"|fill the|copy|paste|adapt|customi[sz]e|personali[sz]e|wording|vorlage|entwurf|ausfüllen|ersetzen?"
    r"|plantilla|borrador|rellen\w{1,4}|reemplaz\w{1,4}|modèle|brouillon|rempli\w{1,4}|remplac\w{1,4})\b",
    re.IGNORECASE,
)
LETTER = re.compile(
    r"\b(?:letters?|e-?mails?|messages?|dear|sincerely|regards|something like|for example|example|form"
    r"|brief|sehr geehrte|grüßen|carta|correo|estimad[oa]|atentamente|lettre|courriel|cordialement)\b"
    r"|\b(?:subject|betreff|asunto|objet) ?:",
    re.IGNORECASE,
)
# Whoever is greeted in the first line is written to: such a letter is the text itself and no draft.
SALUTATION = re.compile(
    r"\s{0,9}(?:dear|hi|hello|hey|hallo|liebe[r]?|hola|bonjour|estimad[oa])\b[^\n]{1,60}[,:!]\s*\n", re.I
)


def template_blanks_in(text: str) -> Iterator[tuple[int, str]]:
    if not MARKS.search(text):
        return
    prose = without_code(text)
    found = [match.start() for pattern in (DOUBLE_BRACES, SINGLE_BRACES) for match in pattern.finditer(prose)]
    if found and ABOUT_TEMPLATES.search(text):
        return
    to_fill_in = [match.start() for pattern in (BRACKETS, FIGURES) for match in pattern.finditer(prose)]
    if to_fill_in and not _is_to_be_filled_in(text):
        found += to_fill_in
    for offset in sorted(found):
        yield offset, MESSAGE


def _is_to_be_filled_in(text: str) -> bool:
    if ABOUT_TEMPLATES.search(text) or TO_FILL_IN.search(text):
        return True
    return bool(LETTER.search(text)) and not SALUTATION.match(text)
