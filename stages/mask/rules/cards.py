"""Numbers of payment cards: issuer, length and check digit of ISO/IEC 7812-1.

Ranges of the issuers as they publish them: Visa 4, Mastercard 51 to 55 and 2221 to 2720, American
Express 34 and 37, Diners 300 to 305, 36 and 38, JCB 3528 to 3589, Discover 6011, 644 to 65,
UnionPay 62; 9 is left to the countries, and Korea's own cards begin with it.
"""

import re

from stages.mask.rules.base import Family, Match, alone, rule
from stages.mask.words import Words

_ISSUER_16 = (
    r"(?:4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|352[89]|35[3-8]|6011|64[4-9]|65|62|9[0-9])"
)
_ISSUER_15 = r"3[47]"
_ISSUER_14 = r"3(?:0[0-5]|[68])"
_GAP = r"(?P<gap> ?- ?| |\.)"
_END = r"(?![0-9])(?! ?- ?[0-9])(?!\.[0-9])"

_WORDS = Words("card")


def luhn(number: str) -> bool:
    """Whether the last of some digits is their check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(character) for character in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _digits(match: Match) -> str:
    return "".join(character for character in match[0] if character.isdigit())


def _is_parted(match: Match) -> bool:
    return luhn(_digits(match)) and _WORDS.say(match) is not False


def _is_bare(match: Match) -> bool:
    """Without groups: Korea's own issuers say too little, so that a word must say it."""
    said = _WORDS.say(match)
    sure = said or (said is None and match[0][0] != "9")
    return sure and luhn(match[0]) and alone(match)


CARDS = Family(
    look=r"[0-9０-９](?:[^0-9０-９\n]{0,4}[0-9０-９]){13,}",
    start=re.compile(r"[2-69](?<![0-9][0-9])(?<![0-9][-.][0-9])(?=(?:[-. ]{0,3}[0-9]){13})"),
    rules=[
        rule(
            "card",
            "four by four",
            "Sixteen digits in fours with the range of an issuer and the check digit of a card.",
            "4111-1111-1111-1111",
            rf"(?={_ISSUER_16})[0-9]{{4}}{_GAP}[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)[0-9]{{4}}{_END}",
            _is_parted,
        ),
        rule(
            "card",
            "four six five",
            "Fourteen or fifteen digits, parted after the fourth and the tenth, of a card.",
            "3782-822463-10005",
            rf"(?:(?={_ISSUER_15})[0-9]{{4}}{_GAP}[0-9]{{6}}(?P=gap)[0-9]{{5}}"
            rf"|(?={_ISSUER_14})[0-9]{{4}}(?P<gap14> ?- ?| |\.)[0-9]{{6}}(?P=gap14)[0-9]{{4}})"
            rf"{_END}",
            _is_parted,
        ),
        rule(
            "card",
            "bare",
            "The same numbers without any gap, unless a word says that they are another.",
            "카드 4111111111111111",
            rf"(?:(?={_ISSUER_16})[0-9]{{16}}|(?={_ISSUER_15})[0-9]{{15}}"
            rf"|(?={_ISSUER_14})[0-9]{{14}}){_END}",
            _is_bare,
        ),
    ],
)
