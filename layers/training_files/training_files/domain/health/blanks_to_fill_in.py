"""Which blanks the reader is meant to fill in: those of a worksheet, a draft, a script, a text about templates.

That a text has such a purpose shows in its words; that a single blank has, in what stands around it.
"""

import re
from collections.abc import Iterable, Iterator

# A text about templates, in whose words the names between braces are.
ABOUT_TEMPLATES = re.compile(
    r"\b(?:jinja2?|handlebars|mustache|liquid|angular|vue|django|helm|ansible|github actions|dbt|twig|nunjucks"
    r"|f-strings?|curly|braces|template (?:engine|variable|syntax|language|tag)s?|merge (?:field|tag)s?"
    r"|interpolat\w{2,5}|placeholders?|platzhalter|marcador(?:es)? de posici[oó]n)\b",
    re.IGNORECASE,
)
# A text that the reader is to complete and to send.
TO_FILL_IN = re.compile(
    r"\b(?:templates?|fill(?:ed|ing)?[ -]?(?:in|out)|fill the|brackets|worksheet|draft(?:ed)?|adapt|customi[sz]e"
    r"|personali[sz]e|wording|paste"
    r"|copy (?:this|it|the (?:text|following|letter|message))|sample (?!size)"
    r"|replac(?:e|ing) (?:the |each |every |what |all )?(?:[\[{<$]|text|parts?|words?|names?|blanks?|figures?|in|is)"
    r"|write (?:that|this|it) (?:down )?on|finish (?:the|this|that|your) sentence"
    r"|(?:short|simple|phone|call|this|following) script|script (?:for|you)|example (?:letter|e-?mail|message|text)"
    r"|vorlage|entwurf|ausfüllen|ersetzen?|plantilla|borrador|rellen\w{1,4}|reemplaz\w{1,4}|modèle|brouillon"
    r"|rempli\w{1,4}|remplac\w{1,4})\b",
    re.IGNORECASE,
)
# A letter to nobody whom the writer knows by name, or to someone who is a blank: the reader sends it.
LETTER_OF_THE_READER = re.compile(
    r"\s{0,9}(?:dear (?:sirs?|madam|hiring|landlord|customer service|team"
    r"|\[(?!(?:insert )?(?:client|customer)|(?:first |last |full )?name\]))"
    r"|to whom it may concern|sehr geehrte damen|estimados|a quien corresponda|madame, monsieur|subject ?:|betreff ?:"
    r"|asunto ?:|objet ?:)",
    re.IGNORECASE,
)
# Whoever is greeted in the first line is written to: such a letter is the text itself and no draft.
SALUTATION = re.compile(
    r"\s{0,9}(?:dear|hi|hello|hey|hallo|liebe[r]?|hola|bonjour|estimad[oa])\b[^\n]{1,60}[,:!](?!\S)", re.IGNORECASE
)
CLOSING = re.compile(
    r"\b(?:sincerely|regards|grüßen|atentamente|cordialement|subject ?:|betreff ?:|asunto ?:|objet ?:)", re.IGNORECASE
)
# What the reader is to say or to send begins behind a colon, or with a salutation that is not the first line.
LEAD_IN = re.compile(
    r"\b(?:letter|e-?mail|message|text|note|script|form|sample|statement|sentence|say|saying|write|send|tell|ask|try"
    r"|reply|answer|like this|something like|brief|nachricht|schreib\w{1,3}|sag\w{1,2}|carta|correo|mensaje"
    r"|escrib\w{1,3}|lettre|courriel|dites|écri\w{1,4})\b[^.!?\n:]{0,60}:"
    r"|\n[ \t>*\"“„«]{0,9}(?:dear|to whom it may|sehr geehrte|estimad[oa]s?|madame|subject ?:|betreff ?:|asunto ?:)",
    re.IGNORECASE,
)
# Put {{first_name}} where the name belongs; job ads write $XX,XXX.
VERB_BEFORE = re.compile(
    r"\b(?:put|write|type|enter|use|add|insert|print|sign|keep|leave)(?: the)? [\"'“\u2018*_]{0,3}$", re.I
)
PLACE_BEHIND = re.compile(
    r"[^.!?\n]{0,60}\b(?:where(?:ver)?|at the (?:top|bottom|end|beginning|start)|in place of|instead of"
    r"|(?:in|on) (?:the|your|its) (?:subject|header|field|box|form|first|last|top|envelope|card|line|title|corner))\b",
    re.IGNORECASE,
)
SAID_TO_BE = re.compile(
    r"\b(?:writes?|wrote|written as|says?|reads?|lists?|shows?) (?:only |just )?[\"'“\u2018]{0,2}$", re.I
)
BEFORE_CHARACTERS = 30
BEHIND_CHARACTERS = 100
# How far a quotation, or a line, is looked at around a blank.
AROUND_CHARACTERS = 300


def is_said_to_be_one(blank: re.Match[str]) -> bool:
    """Whether the sentence says where a blank, or what looks like one, is to be written, or who writes it."""
    before = blank.string[max(0, blank.start() - BEFORE_CHARACTERS) : blank.start()]
    if SAID_TO_BE.search(before):
        return True
    behind = blank.string[blank.end() : blank.end() + BEHIND_CHARACTERS]
    return bool(VERB_BEFORE.search(before) and PLACE_BEHIND.match(behind))


def to_be_filled_in(prose: str, offsets: Iterable[int]) -> Iterator[int]:
    """Those of `offsets`, of blanks in the text, that the reader is to fill in."""
    is_of_reader = bool(TO_FILL_IN.search(prose) or LETTER_OF_THE_READER.match(prose))
    is_closed = bool(CLOSING.search(prose)) and not SALUTATION.match(prose)
    lead_in = LEAD_IN.search(prose)
    for offset in offsets:
        is_led_in = lead_in is not None and lead_in.end() <= offset
        if is_of_reader or is_closed or is_led_in or _is_in_a_quotation_or_a_table(prose, offset):
            yield offset


def _is_in_a_quotation_or_a_table(prose: str, offset: int) -> bool:
    before = prose[max(0, offset - AROUND_CHARACTERS) : offset].rpartition("\n")[2]
    behind = prose[offset : offset + AROUND_CHARACTERS].partition("\n")[0]
    if before.lstrip().startswith(">") or ("|" in before and "|" in behind):
        return True
    is_open = before.count('"') % 2 == 1 or any(
        before.rfind(begin) > before.rfind(end) for begin, end in ("“”", "„“", "«»", "「」")
    )
    return is_open and any(end in behind for end in '"”“»」')
