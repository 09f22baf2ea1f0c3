"""Numbers that states give their people: found by their shape or by what is said in front, then by their check digits.

The checks are python-stdnum's. A shape that other numbers have too counts only behind the number's name.
"""

import re
from collections.abc import Iterator

from training_files.domain.health.personal.spans import Span, in_front_of

# Each is named after its country and its module of stdnum. Those of one country write them so, and no one else does.
SURE_NUMBER = re.compile(
    r"""(?<![0-9.\-/])(?:
      (?P<br_cpf>  [0-9]{3} \. [0-9]{3} \. [0-9]{3} - [0-9]{2} )
    | (?P<ch_ssn>  756 \. [0-9]{4} \. [0-9]{4} \. [0-9]{2} )
    | (?P<be_nn>   [0-9]{2} \. [0-9]{2} \. [0-9]{2} - [0-9]{3} \. [0-9]{2} )
    | (?P<fr_nir>  [12] [ ] [0-9]{2} [ ] [0-9]{2} [ ] [0-9]{2} [ ] [0-9]{3} [ ] [0-9]{3} [ ] [0-9]{2} )
    | (?P<kr_rrn>  [0-9]{6} - [0-9]{7} )
    | (?P<cl_rut>  [0-9]{1,2} \. [0-9]{3} \. [0-9]{3} - [0-9] )
    | (?P<us_itin> 9 [0-9]{2} - [5-9] [0-9] - [0-9]{4} )
    )(?![0-9]|[.\-/][0-9])""",
    re.VERBOSE,
)
NAME = re.compile(
    r"""(?:
      (?P<de_idnr>          \b (?: IdNr | (?i:steuer-?id(?:nummer|entnummer|entifikationsnummer)?) ) )
    | (?P<br_cpf>           \b CPF )
    | (?P<fr_nir>           \b (?: NIR | (?i:s\u00e9curit\u00e9[ ]sociale) | (?i:num\u00e9ro[ ]de[ ]s\u00e9cu) ) )
    | (?P<ca_sin>           \b (?: SIN | (?i:social[ ]insurance) ) )
    | (?P<in_aadhaar>       \b (?i:aadhaar|aadhar) | \u0906\u0927\u093e\u0930 )
    | (?P<nl_bsn>           \b (?: BSN | (?i:burgerservicenummer) ) )
    | (?P<pl_pesel>         \b (?i:pesel) )
    | (?P<se_personnummer>  \b (?i:personnummer) )
    | (?P<no_fodselsnummer> \b (?i:f\u00f8dselsnummer) )
    | (?P<dk_cpr>           \b (?: CPR | (?i:cpr-n(?:umme)?r) ) )
    | (?P<gb_nhs>           \b (?: NHS ) )
    | (?P<au_tfn>           \b (?: TFN | (?i:tax[ ]file[ ]number) ) )
    | (?P<za_idnr>          \b (?i:id[ ]number|south[ ]african[ ]id) )
    | (?P<tr_tckimlik>      \b (?i:t\.?c\.?[ ]?kimlik) )
    | (?P<ro_cnp>           \b CNP )
    | (?P<us_itin>          \b ITIN )
    | (?P<jp_in_>           \u30de\u30a4\u30ca\u30f3\u30d0\u30fc | \u500b\u4eba\u756a\u53f7 )
    )[^\n0-9]{0,24}$""",
    re.VERBOSE,
)
DIGITS = range(9, 16)
LONGEST = 22

# With letters in them. All begin alike, so that a search is quick, and look back at what they begin with.
LETTERED = re.compile(
    r"""[A-Z0-9] (?<![A-Za-z0-9][A-Z0-9]) (?:
      (?P<es_dni>           (?<=[0-9]) [0-9] \.? [0-9]{3} \.? [0-9]{3} -? [A-Z] )
    | (?P<es_nie>           (?<=[XYZ]) -? [0-9]{7} -? [A-Z] )
    | (?P<it_codicefiscale> (?<=[A-Z]) [A-Z]{5} [0-9LMNP-V]{2} [A-EHLMPRST] [0-9LMNP-V]{2} [A-Z] [0-9LMNP-V]{3} [A-Z] )
    | (?P<mx_curp>          (?<=[A-Z]) [A-Z]{3} [0-9]{6} [HMX] [A-Z]{5} [0-9A-Z] [0-9] )
    | (?P<fi_hetu>          (?<=[0-9]) [0-9]{5} [+A-FU-Y-] [0-9]{3} [0-9A-Y] )
    | (?P<cn_ric>           (?<=[1-9]) [0-9]{5} (?:19|20) [0-9]{9} [0-9X] )
    | (?P<gb_nino>          (?<=[A-CEGHJ-PR-TW-Z]) [A-CEGHJ-NPR-TW-Z] (?P<gap>[ ]?)
                            [0-9]{2} (?P=gap) [0-9]{2} (?P=gap) [0-9]{2} (?P=gap) [A-D] )
    )(?![A-Za-z0-9])""",
    re.VERBOSE,
)
# Their check letter is right by chance too often, or there is none.
NAME_OF_LETTERED = {
    "es_dni": re.compile(r"\b(?:DNI|NIF|(?i:documento nacional))\b[^\n0-9]{0,24}$"),
    "es_nie": re.compile(r"\b(?:NIE|NIF|(?i:identidad de extranjero))\b[^\n0-9]{0,24}$"),
    "gb_nino": re.compile(r"\b(?:NINO|NI|(?i:national insurance))\b[^\n0-9]{0,24}$"),
}
# HM Revenue & Customs gives none of these.
NOBODYS_PREFIXES = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def national_ids_in(text: str) -> Iterator[Span]:
    """Those with letters."""
    for match in LETTERED.finditer(text):
        name = NAME_OF_LETTERED.get(match.lastgroup or "")
        if name and not name.search(in_front_of(text, match.start())):
            continue
        if _is_valid(match.lastgroup, match[0]):
            yield match.span()


def national_numbers_in(stretch: str, before: str) -> Iterator[Span]:
    """Those in a stretch of numbers; `before` is what stands in front of it."""
    sure = [match.span() for match in SURE_NUMBER.finditer(stretch) if _is_valid(match.lastgroup, match[0])]
    yield from sure
    digits = sum(character.isdigit() for character in stretch[:LONGEST])
    name = NAME.search(before) if not sure and len(stretch) <= LONGEST and digits in DIGITS else None
    if name and _is_valid(name.lastgroup, stretch):
        yield 0, len(stretch)


def _is_valid(kind: str | None, number: str) -> bool:
    """By the module of stdnum that a kind is named after; Britain's numbers have no check digit."""
    from stdnum import get_cc_module

    if kind == "gb_nino":
        return not number.startswith(NOBODYS_PREFIXES)
    if kind == "cn_ric":
        return _is_chinese(number)
    country, _, name = (kind or "").partition("_")
    module = get_cc_module(country, name)
    return module is not None and module.is_valid(number.replace(".", ""))


def _is_chinese(number: str) -> bool:
    """By date of birth and check digit: of some regions, stdnum's own check of the place raises KeyError."""
    from stdnum.cn import ric

    try:
        ric.get_birth_date(number)
    except ric.InvalidComponent:
        return False
    return number[-1] == ric.calc_check_digit(number)
