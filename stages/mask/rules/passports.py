"""Passport numbers: a letter and eight digits, since 2020 with a letter in fourth place.

Source: 여권법 시행규칙; M is an ordinary passport, S one for a single journey, R a resident's, G an
official's, D a diplomat's.
"""

import re

from stages.mask.rules.base import Family, Match, rule
from stages.mask.words import Words

_WORDS = Words("passport")


def _is_passport(match: Match) -> bool:
    """An ordinary one is peculiar enough; of the others a word must say it."""
    said = _WORDS.say(match)
    return said or (said is None and match[0][0] == "M")


PASSPORTS = Family(
    look=r"[MSRGD](?:[^0-9０-９\n]{0,3}[0-9０-９]){3}[^\n]{0,4}(?:[^0-9０-９\n]{0,3}[0-9０-９]){4}",
    start=re.compile(r"(?<![A-Za-z0-9_-])[MSRGD](?=[0-9]{3})"),
    rules=[
        rule(
            "passport",
            "number",
            "A letter and eight digits, or a letter, three digits, a letter and four digits.",
            "M123A4567",
            r"[MSRGD][0-9]{3}[0-9A-Z][0-9]{4}(?![A-Za-z0-9])(?!-[0-9A-Za-z])",
            _is_passport,
        )
    ],
)
