"""Resident registration numbers.

주민등록법 시행규칙: date of birth, then 1 to 8 for sex, century and nationality, then six digits.
"""

from stages.mask.context import amount_of, word_before
from stages.mask.rules.base import END, HIDDEN, Match, alone, rule

_BIRTH = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_STARRED = rf"[0-9]{{0,5}}[{HIDDEN}]{{3,6}}(?![0-9{HIDDEN}])"


def _is_person(match: Match) -> bool:
    """Companies are registered under numbers of the same form (110111-1234567)."""
    return word_before(match.string, match.start()) != "company"


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
    rule("rrn", "hyphen", rf"{_BIRTH} ?- ?[1-8](?:[0-9]{{6}}{END}|{_STARRED})", _is_person),
    rule("rrn", "all hidden", rf"{_BIRTH} ?- ?[{HIDDEN}]{{6,7}}(?![0-9{HIDDEN}])", _is_person),
    rule("rrn", "space", rf"{_BIRTH} [1-8](?:[0-9]{{6}}{END}|{_STARRED})", _is_person),
    rule("rrn", "bare", rf"{_BIRTH}[1-8](?:[0-9]{{6}}{END}|{_STARRED})", _is_bare_person),
]
