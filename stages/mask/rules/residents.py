"""Resident registration numbers.

주민등록법 시행규칙: date of birth, then a digit for sex, century and nationality
(1 to 8; 9 and 0 are of the nineteenth century), then six digits, which are random since 2020.
"""

import re

from stages.mask.context import account_near, amount_of, word_before
from stages.mask.rules.base import END, HIDDEN, Match, alone, rule

_DAY = (
    r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|[12][0-9]))"
)
_BIRTH = rf"[0-9]{{2}}{_DAY}"
_STARRED = rf"[0-9]{{0,5}}(?P<star>[{HIDDEN}])(?P=star){{0,5}}"


def _is_person(match: Match) -> bool:
    """Companies are registered under numbers of the same form (110111-1234567), and orders too."""
    word = word_before(match.string, match.start())
    return _is_whole(match) and word not in ("company", "other")


def _is_whole(match: Match) -> bool:
    """Hidden digits must be as many as are missing, or one less, and no more of the same follow;
    but a star may embrace the whole number."""
    star = match.groupdict().get("star")
    if star is None:
        return True
    text, start, end = match.string, match.start(), match.end()
    shown = len(re.sub("[^0-9]", "", match[0])) + match[0].count(star)
    embraced = text[max(0, start - 1) : start] == star
    return shown in (12, 13) and (embraced or text[end : end + 1] != star)


def _is_spaced_person(match: Match) -> bool:
    """The nineteenth century only beside a word for it: nobody alive was born then."""
    said = word_before(match.string, match.start()) == "person"
    return _is_person(match) and (said or match["sex"] not in "90")


def _is_bare_person(match: Match) -> bool:
    """Thirteen digits in a row: sex digit and century must agree, and it is no bar code."""
    word = word_before(match.string, match.start())
    if match["sex"] in "90":
        return word == "person" and alone(match) and _is_whole(match)
    born_in_2000s = match["sex"] in "3478"
    if born_in_2000s != (match[0][:2] < "30") or not alone(match) or not _is_whole(match):
        return False
    if word == "person":
        return True
    text, start, end = match.string, match.start(), match.end()
    other = word in ("company", "other") or account_near(text, start, end) or amount_of(text, end)
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
        rf"{_BIRTH} ?- ?(?P<star>[{HIDDEN}])(?P=star){{5,6}}(?![0-9])",
        _is_person,
    ),
    rule(
        "rrn",
        "space",
        "A date of birth, one or two spaces and seven digits, the last of them hidden or not.",
        "900101 1234567",
        rf"{_BIRTH} {{1,2}}(?P<sex>[0-9])(?:[0-9]{{6}}{END}|{_STARRED})",
        _is_spaced_person,
    ),
    rule(
        "rrn",
        "bare",
        "Thirteen digits in a row whose seventh fits the century of the birth they begin with.",
        "9001011234567",
        rf"{_BIRTH}(?P<sex>[0-9])(?:[0-9]{{6}}{END}|[0-9]{{0,3}}(?P<star>[{HIDDEN}])(?P=star){{2,5}})",
        _is_bare_person,
    ),
]
