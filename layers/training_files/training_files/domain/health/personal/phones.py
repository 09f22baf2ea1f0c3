"""Telephone numbers, as they are written where they are dialled; no dates, amounts and ranges."""

import re
from collections.abc import Iterator

from training_files.domain.health.personal.spans import Span

PHONE = re.compile(
    r"""
    # International, as ITU E.164 counts the digits; no decimal fraction, no rounded amount
      (?P<international> \(? \+ (?! [0-9]{1,3} \. [0-9]+ (?![0-9 .\-]) ) (?! [0-9 ]{0,16} 000[ ]000 )
        (?: 1 [ .\-/()]{0,3} [0-9]{3} [ .\-/()]{0,3} [0-9]{3} [ .\-]{0,2} [0-9]{4} (?! [.\-]?[0-9] )
          | [1-9] (?: [ .\-/()]{0,3} [0-9] ){7,14} (?! [.\-]?[0-9] ) ) )
    | (?: (?<![0-9]) | (?=\() ) (?:
      # As it is dialled: 0049 30 123456, 011 44 20 7946 0958; no rounded amount
        (?P<dialled> (?: 00 | 011[ \-] ) [1-9][0-9]{0,2} [ /\-]{1,2} (?! [0-9 ]{0,16} 000[ ]000 )
          \(? [0-9] (?: [ \-/()]{0,2} [0-9] ){6,11} (?! [.\-]?[0-9] ) )
      # North America: (415) 555-0132, 1-415-555-0132, 415.555.0132
      | (?P<north_american> (?: 1[ .\-] )? (?: \([0-9]{3}\)[ ]? | [0-9]{3}[.\-] | [2-9][0-9]{2}[ ] )
          [0-9]{3} [ .\-] [0-9]{4} (?! [.\-]?[0-9] (?! [0-9]{2}[.\-][0-9]{3}[.\-][0-9]{4} ) ) )
      # In pairs: 01 23 45 67 89
      | (?P<in_pairs> 0[1-9] (?: (?:[ ][0-9]{2}){4} | (?:[.][0-9]{2}){4} | (?:-[0-9]{2}){4} ) (?![ .\-]?[0-9]) )
      # With the 0 of a trunk call: 020 7946 0958, (030) 123456-78, 0171/1234567; no date, no month of a year
      | (?P<trunk> (?! [0-3]?[0-9][\-/ ][01]?[0-9][\-/ ](?:19|20)?[0-9]{2}(?![0-9]) )
          (?! 0[1-9][\-/ ](?:19|20)[0-9]{2}(?![0-9]) )
          (?: \(0[1-9][0-9]{0,3}\)[ ]? | 0[1-9][0-9]{0,3} (?: \)[ ]? | [ ]?/[ ]? | [ ]?-[ ]? | [ ] ) )
          [0-9] (?: [ \-]?[0-9] ){5,8} (?![ .\-]?[0-9]) )
      # With an area code in brackets: (11) 91234-5678, 8 (495) 123-45-67; no year
      | (?P<in_brackets> (?: [0-9]{1,3}[ ]? )? \( (?!(?:19|20)[0-9]{2}\)) [0-9]{2,5} \)[ ]?
          (?: [0-9]{3}[ \-][0-9]{2}[ \-][0-9]{2} | [0-9]{3,5}[ \-][0-9]{3,5} ) (?! [.\-]?[0-9] ) )
    )
    """,
    re.VERBOSE,
)
# Those that a number may go on across, and so one that runs into the next.
LONG = frozenset({"international", "dialled"})
BETWEEN_GROUPS = re.compile(r"[ .\-/()]+")
FEWEST_DIGITS = 8
# Another number may stand behind a slash as it is dialled at home, with nothing that shows it; a date may, too.
BEHIND_A_SLASH = re.compile(
    r"[ ]?/[ ]?(?![0-9]{1,2}[./\-][0-9]{1,2}[./\-]|(?:19|20)[0-9]{2}[./\-])"
    r"(?P<next>[0-9](?:[ .\-]?[0-9]){5,14})(?![.\-]?[0-9])"
)
# In front of which it is a part of a longer number, by how it is written.
GOES_ON_FROM = re.compile(r"(?:[0-9+.,]|[0-9]-)\Z")
GOES_ON_FROM_A_SPACE = re.compile(r"(?:[0-9+.,]|[0-9][ -])\Z")
PART_OF_MORE = {
    "dialled": GOES_ON_FROM_A_SPACE,
    "north_american": GOES_ON_FROM,
    "in_pairs": GOES_ON_FROM_A_SPACE,
    "trunk": GOES_ON_FROM_A_SPACE,
    "in_brackets": GOES_ON_FROM,
}
EXTENSION = re.compile(
    r"[ ,;]{0,2}\(?(?:x|ext\.?|extension|durchwahl|poste|ramal|int\.)[ .:=]{0,2}[0-9]{1,6}(?!\w)\)?", re.IGNORECASE
)
SAID_TO_BE_A_PHONE = re.compile(
    r"(?:\b(?:(?:tele)?phone|tel|mobile|cell|whatsapp|fax|telefono?|tel\u00e9fono|t\u00e9l\u00e9phone|m\u00f3vil"
    r"|celular|handy|rufnummer|telefonnummer)|\u96fb\u8a71(?:\u756a\u53f7)?|\u7535\u8bdd(?:\u53f7\u7801)?"
    r"|\u624b\u673a(?:\u53f7\u7801?)?|\uc804\ud654(?:\ubc88\ud638)?)"
    r"(?: (?:number|no|nr|#))?[ .:=#\uff1a\u662f\u306f]{0,3}(?:is|at|on)?[ :]{0,2}$",
    re.IGNORECASE,
)
YEARS = re.compile(r"(?:19|20)[0-9]{2} ?[-/] ?(?:19|20)[0-9]{2}")
PHONE_DIGITS = range(7, 16)


def phones_in(stretch: str) -> Iterator[Span]:
    """Those that are written as telephone numbers are, in a stretch of numbers; one may follow another."""
    position, known_up_to = 0, 0
    while match := PHONE.search(stretch, position):
        part_of_more = PART_OF_MORE.get(match.lastgroup or "")
        if part_of_more and part_of_more.search(stretch[max(known_up_to, match.start() - 2) : match.start()]):
            position = match.start() + 1
        else:
            end = _end_of_first(match) if match.lastgroup in LONG else match.end()
            yield match.start(), end
            behind = BEHIND_A_SLASH.match(stretch, end) if match.lastgroup in LONG else None
            if behind:
                yield behind.span("next")
            position = known_up_to = behind.end() if behind else end


def _end_of_first(match: re.Match[str]) -> int:
    """Where the number ends if a second one begins inside of the match and goes on behind it; else where that ends.

    A slash, a bracket or a hyphen between spaces parts numbers rather than a space does.
    """
    groups = [gap for gap in BETWEEN_GROUPS.finditer(match.string, *match.span()) if _is_number_before(gap, match)]
    for gap in sorted(groups, key=lambda gap: len(gap[0]) == 1 and gap[0] != "/"):
        following = [PHONE.match(match.string, place) for place in {gap.end(), max(gap.start(), gap.end() - 1)}]
        following.append(BEHIND_A_SLASH.match(match.string, gap.start()))
        if any(number and number.end() > match.end() for number in following):
            return gap.start()
    return match.end()


def _is_number_before(gap: re.Match[str], match: re.Match[str]) -> bool:
    return sum(map(str.isdigit, match.string[match.start() : gap.start()])) >= FEWEST_DIGITS


def end_with_extension(text: str, end: int) -> int:
    extension = EXTENSION.match(text, end)
    return extension.end() if extension else end


def is_said_to_be_a_phone(stretch: str, before: str) -> bool:
    if not SAID_TO_BE_A_PHONE.search(before) or YEARS.fullmatch(stretch):
        return False
    return sum(character.isdigit() for character in stretch) in PHONE_DIGITS
