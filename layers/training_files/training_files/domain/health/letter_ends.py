"""Whether a text ends as a letter does: with words of farewell and a name, or with short lines behind a comma."""

import re

from training_files.domain.health.sentence_ends import last_line

SIGNATURE_LINES = 4
SIGNATURE_WORDS = 5

# What letters are closed with, also where no comma stands behind it: in German and French there is none.
GERMAN_WISHES = "(?:viele|liebe|beste|herzliche|schöne|sonnige|freundliche)[nr]?"
FAREWELLS = (
    rf"(?:mit )?(?:(?:ganz )?(?:{GERMAN_WISHES}|freundlichem) )?(?:gruß|gruss|grüßen?|grüssen?)(?: aus \w{{2,20}})?",
    "alles (?:liebe|gute)|herzlichst|hochachtungsvoll|bis bald|ihre?|deine?|eure|lg|vg|mfg",
    "(?:bien )?(?:cordialement|amicalement)|(?:bien|tout) à (?:vous|toi)|sincèrement|(?:grosses )?(?:bises|bisous)",
    "(?:meilleures|sincères|cordiales) salutations|chaleureusement|respectueusement|à bientôt",
    "avec (?:toute )?mon (?:affection|amitié|soutien)",
    "(?:un |muchos |con )?(?:(?:fuerte|gran|cordial) )?(?:abrazos?|saludos?|besos?|cariño)(?: (?:fuerte|cordiales))?",
    "atentamente|cordialmente|afectuosamente|con afecto|hasta pronto",
    "(?:kind|best|warm|warmest|kindest|many) (?:regards|wishes|thanks)|regards",
    "(?:yours )?(?:sincerely|truly|faithfully)|yours",
    "warmly|cheers|(?:with )?(?:much )?love|all (?:the|my) best|best|thanks|thank you|take care",
    "talk soon|with (?:care|warmth|gratitude|appreciation)",
    "(?:cordiali|distinti|cari) saluti|saluti|un (?:caro )?abbraccio|a presto",
    "(?:um )?(?:grande )?abraços?|atenciosamente|com (?:carinho|os melhores cumprimentos)|até (?:breve|logo)",
    "(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)|liefs",
    "\u0441 уважением|ваша?|всего доброго|此致|敬礼|祝好|敬具",
)
FAREWELL = rf"[ \t>*_]{{0,9}}(?:{'|'.join(FAREWELLS)})[*_]{{0,3}}"
FAREWELL_LINE = re.compile(rf"{FAREWELL}[ \t,.!\uff0c\u3001]{{0,3}}", re.IGNORECASE)
# In one line, too: Un abrazo, Elena.
FAREWELL_AND_COMMA = re.compile(rf"(?:^|(?<=[.!?\u2026] )){FAREWELL}[,!] {{1,3}}", re.IGNORECASE)
# Words with capital letters, initials and academic titles, or of a script without capitals.
NAME_WORD = (
    r"(?:(?:von|van|de|del|der|la|di|da|deine?|ihre?|eure|tu|ton|ta) )?[^\W\d_a-z][\w.'\u2019-]{0,30}[,)\]*_]{0,3}"
)
NAME = re.compile(rf"[ \t>*_(\[]{{0,9}}{NAME_WORD}(?:[ \t]{{1,3}}{NAME_WORD}){{0,4}}\s{{0,3}}")


def ends_a_letter(tail: str) -> bool:
    return _is_signature(tail) or _is_farewell_and_name(tail)


def _is_signature(tail: str) -> bool:
    """Short lines behind a short one that ends in a comma: Kind regards, \u2026"""
    before, _, block = tail.rpartition("\n\n")
    lines = [last_line(before.rstrip()), *block.split("\n")][-1 - SIGNATURE_LINES :]
    closings = [index for index, line in enumerate(lines[:-1]) if line.rstrip().endswith((",", "\uff0c", "\u3001"))]
    return bool(closings) and all(map(_is_short, lines[closings[-1] :]))


def _is_short(line: str) -> bool:
    return len(line.split()) <= SIGNATURE_WORDS


def _is_farewell_and_name(tail: str) -> bool:
    lines = [line for line in tail.split("\n") if line.strip()][-1 - SIGNATURE_LINES :]
    last = lines[-1] if lines else ""
    if any(NAME.fullmatch(last, match.end()) for match in FAREWELL_AND_COMMA.finditer(last)):
        return True
    farewells = [index for index, line in enumerate(lines) if FAREWELL_LINE.fullmatch(line)]
    names = lines[farewells[-1] + 1 :] if farewells else []
    # One word may begin a sentence as well.
    is_sure = bool(names) or (bool(farewells) and " " in last.strip())
    return is_sure and all(map(NAME.fullmatch, names))
