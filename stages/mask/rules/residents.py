"""Resident registration numbers.

주민등록법 시행규칙: date of birth, then a digit for sex, century and nationality
(1 to 8; 9 and 0 are of the nineteenth century), then six digits, which are random since 2020.
"""

from stages.mask.context import amount_of, word_before
from stages.mask.rules.base import END, HIDDEN, Match, alone, rule

_DAY = (
    r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|[12][0-9]))"
)
_BIRTH = rf"[0-9]{{2}}{_DAY}"
_STARRED = rf"(?=[0-9{HIDDEN}]{{5,6}}(?![0-9{HIDDEN}]))[0-9]{{0,5}}[{HIDDEN}]+"


def _is_person(match: Match) -> bool:
    """Companies are registered under numbers of the same form (110111-1234567), and orders too."""
    return word_before(match.string, match.start()) not in ("company", "other")


def _is_bare_person(match: Match) -> bool:
    """Thirteen digits in a row: sex digit and century must agree, and it is no bar code."""
    born_in_2000s = match[0][6] in "3478"
    if born_in_2000s != (match[0][:2] < "30") or not alone(match):
        return False
    word = word_before(match.string, match.start())
    if word == "person":
        return True
    other = word in ("account", "company", "other") or amount_of(match.string, match.end())
    return not other and not _is_bar_code(match[0])


def _is_bar_code(number: str) -> bool:
    """An article number of Korea: 880, and the check digit of the GS1 general specifications."""
    if not (number.startswith("880") and number.isdigit()):
        return False
    return sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(number)) % 10 == 0


RESIDENTS = [
    rule(
        "rrn",
        "hyphen",
        "A date of birth, a hyphen and seven digits, the last of them hidden or not.",
        "900101-1234567",
        rf"{_BIRTH} ?- ?[0-9](?:[0-9]{{6}}{END}|{_STARRED})",
        _is_person,
    ),
    rule(
        "rrn",
        "all hidden",
        "A date of birth, a hyphen and six or seven stars or the like.",
        "900101-*******",
        rf"{_BIRTH} ?- ?[{HIDDEN}]{{6,7}}(?![0-9{HIDDEN}])",
        _is_person,
    ),
    rule(
        "rrn",
        "space",
        "A date of birth, a space and seven digits, the first from 1 to 8.",
        "900101 1234567",
        rf"{_BIRTH} [1-8](?:[0-9]{{6}}{END}|{_STARRED})",
        _is_person,
    ),
    rule(
        "rrn",
        "bare",
        "Thirteen digits in a row whose seventh fits the century of the birth they begin with.",
        "9001011234567",
        rf"{_BIRTH}[1-8](?:[0-9]{{6}}{END}|{_STARRED})",
        _is_bare_person,
    ),
]
