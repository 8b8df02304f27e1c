"""Phone numbers.

전기통신번호관리세칙: 01x mobile, 02 to 064 areas, 070 internet, 050x personal, 080 free calls.
"""

import re

from stages.mask.context import word_before
from stages.mask.rules.base import Match, alone, rule

_GAP = r" {0,2}[-~./·)]? {0,2}"  # between the groups of a phone number
_END = r"(?![0-9])(?!-[0-9]{2})"  # a range may follow: 02-123-4567-8

_MOBILE = r"01[016-9]"
_AREA = r"(?:02|03[1-3]|04[1-4]|05[1-5]|06[1-4]|070|080|050[0-9]?)"
_YEARS = re.compile(r" (?:19|20)[0-9]{2} +(?:19|20)[0-9]{2}$")
_ABROAD = r"(?:1[016-9]|2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50[0-9]?)"


def _is_mobile(match: Match) -> bool:
    if not match[0].isdigit():
        return True
    complete = len(match[0]) == 11 or not match[0].startswith("010")
    return complete and alone(match) and word_before(match.string, match.start()) != "other"


def _is_area_phone(match: Match) -> bool:
    """Parted by blanks alone, it must be no row of years; not parted at all, the exchange must be
    a real one, which begins with 2 to 9."""
    if re.search("[-~./·)]", match[0]):
        return True
    word = word_before(match.string, match.start())
    if " " in match[0]:
        return word == "phone" or not (word == "other" or _YEARS.search(match[0]))
    real = match["exchange"][0] >= "2" or word == "phone"
    return real and alone(match) and word != "other"


PHONES = [
    rule(
        "phone",
        "international",
        "A phone number with the country code 82, +82 or 0082, its first 0 left out or not.",
        "+82-10-1234-5678",
        rf"(?:\(?\+ ?82\)?|0082|82(?=[-. )])){_GAP}(?:\(0\)|0)?\(?{_ABROAD}\)?"
        rf"{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_END}",
    ),
    rule(
        "phone",
        "mobile",
        "A mobile number: 010, 011 or 016 to 019, then seven or eight digits, parted or not.",
        "010-1234-5678",
        rf"(?:\({_MOBILE}\)|{_MOBILE}\)?){_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_END}",
        _is_mobile,
    ),
    rule(
        "phone",
        "area",
        "An area code (02 to 064), 070, 080 or 050, then seven or eight digits.",
        "02)123-4567",
        rf"(?:\({_AREA}\)|{_AREA}\)?){_GAP}(?P<exchange>[0-9]{{3,4}}){_GAP}[0-9]{{4}}{_END}",
        _is_area_phone,
    ),
]
