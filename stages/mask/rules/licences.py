"""Numbers of driving licences: region, year, six digits and two check digits.

Source: 도로교통법 시행규칙 별지 (운전면허증): regions 11 to 28, or, in old ones, the name of one.
"""

import re

from stages.mask.rules.base import END, Family, Match, alone, rule
from stages.mask.words import Words

_WORDS = Words("licence")
_REGION = r"(?:1[1-9]|2[0-8])"
_NAMES = "(?:서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산)"


def _is_hyphenated(match: Match) -> bool:
    return _WORDS.say(match) is not False


def _is_said(match: Match) -> bool:
    return _WORDS.say(match) is True and alone(match)


LICENCES = Family(
    look=r"[0-9０-９](?:[^0-9０-９\n]{0,5}[0-9０-９]){9,}",
    start=re.compile(rf"{_NAMES}(?= ?[0-9]{{2}})|(?<![0-9])(?<![0-9][-.]){_REGION}"),
    rules=[
        rule(
            "licence",
            "hyphens",
            "Two, two, six and two digits with hyphens, the first two a region from 11 to 28.",
            "11-12-345678-90",
            rf"{_REGION} ?- ?[0-9]{{2}} ?- ?[0-9]{{6}} ?- ?[0-9]{{2}}{END}",
            _is_hyphenated,
        ),
        rule(
            "licence",
            "named region",
            "The name of a region, then two, six and two digits with hyphens.",
            "서울 12-345678-90",
            rf"{_NAMES} ?(?:{_REGION}-)?[0-9]{{2}} ?- ?[0-9]{{6}} ?- ?[0-9]{{2}}{END}",
            _is_hyphenated,
        ),
        rule(
            "licence",
            "by word",
            "Twelve digits, parted by blanks or not at all, beside a word for a licence.",
            "운전면허 111234567890",
            rf"{_REGION} ?[0-9]{{2}} ?[0-9]{{6}} ?[0-9]{{2}}{END}",
            _is_said,
        ),
    ],
)
