"""Phone numbers of which some or all digits are spelled in words, as people do to hide them."""

import re

from stages.mask.context import word_before
from stages.mask.rules.base import Match, rule

_WORDS = "공영일이삼사오육륙칠팔구"
_DIGIT = f"[{_WORDS}0-9]"
_BLANK = " ?[-.]? ?"  # between two digits or groups
_FIRST = rf"[공영0]{_BLANK}[일1]{_BLANK}[공영일육륙칠팔구016-9]"  # 010, 011, 016 to 019
_GROUPS = "|".join(  # digits in groups, or every digit apart
    rf"{_DIGIT}{{{count}}}{_BLANK}{_DIGIT}{{4}}|(?:{_DIGIT} ){{{count + 3}}}{_DIGIT}"
    for count in (4, 3)
)
_END = rf"(?:(?!{_DIGIT})|(?=이(?:[에고다며나라요란야예니든었]|ㅂ니다)))"  # 이 is 2, and a particle

# Of raw text, in which blanks and hyphens are of many kinds.
_ANY = r"[^가-힣0-9０-９\n]{0,4}"
LOOK = (
    rf"[공영0０]{_ANY}[일1１]{_ANY}[공영일육륙칠팔구016-9０１６-９]"
    rf"(?:{_ANY}[{_WORDS}0-9０-９]){{7}}"
)
START = re.compile(rf"(?<![{_WORDS}0-9])[공영0](?={_BLANK}[일1])")


def _is_spelled(match: Match) -> bool:
    """At least one digit is a word: all others are the business of the rules for digits."""
    other = word_before(match.string, match.start()) == "other"
    return not other and re.search(f"[{_WORDS}]", match[0]) is not None


SPELLED = [
    rule(
        "phone",
        "spelled",
        "A mobile number some of whose digits are words.",
        "공일공 일이삼사 오육칠팔",
        rf"{_FIRST}{_BLANK}(?:{_GROUPS}){_END}",
        _is_spelled,
        lambda params: params.spelled_phones,
    )
]
