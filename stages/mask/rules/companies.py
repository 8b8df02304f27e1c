"""Business registration numbers: ten digits, the last a check digit.

Source: 국세청, 사업자등록번호 체계.
"""

import re

from stages.mask.rules.base import END, Family, Match, alone, rule
from stages.mask.words import Words

_WORDS = Words("company")
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def _is_valid(match: Match) -> bool:
    number = [int(sign) for sign in match[0] if sign.isdigit()]
    total = sum(digit * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return (total + number[8] * 5 // 10 + number[9]) % 10 == 0


def _is_hyphenated(match: Match) -> bool:
    return _is_valid(match) and _WORDS.say(match) is not False


def _is_said(match: Match) -> bool:
    return _is_valid(match) and _WORDS.say(match) is True and alone(match)


COMPANIES = Family(
    look=r"[0-9０-９](?:[^0-9０-９\n]{0,5}[0-9０-９]){9,}",
    start=re.compile(
        r"(?<![0-9])(?<![0-9][-.])[1-9](?=[0-9]{2}[- ]{0,3}[0-9]{2}[- ]{0,3}[0-9]{5})"
    ),
    rules=[
        rule(
            "company",
            "hyphens",
            "Three, two and five digits with hyphens, the last their check digit.",
            "123-45-67891",
            rf"[0-9]{{3}} ?- ?[0-9]{{2}} ?- ?[0-9]{{5}}{END}",
            _is_hyphenated,
        ),
        rule(
            "company",
            "by word",
            "The same digits without hyphens, beside a word for a business.",
            "사업자 1234567891",
            rf"[0-9]{{3}} ?[0-9]{{2}} ?[0-9]{{5}}{END}",
            _is_said,
        ),
    ],
)
