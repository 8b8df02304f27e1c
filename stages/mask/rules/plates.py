"""Car plates: two or three digits, a syllable for the use, four digits.

Source: 자동차 등록번호판 등의 기준에 관한 고시: 32 syllables for private cars, 바사아자 for hire,
허하호 for rent, 배 for parcels; on older and commercial plates the region stands before.
"""

import re

from stages.mask.context import amount_of
from stages.mask.rules.base import Family, Match, rule
from stages.mask.words import Words

_WORDS = Words("plate")
_USE = "[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자허하호배]"
_REGION = "(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)"


def _is_plate(match: Match) -> bool:
    """``30조 1000억`` has the form of a plate: a word or a region must say that it is one."""
    if amount_of(match.string, match.end()):
        return False
    said = _WORDS.say(match)
    return bool(said or (said is None and match["region"]))


PLATES = Family(
    look=r"[0-9０-９][^0-9０-９\n]{0,4}[가-힣](?:[^0-9０-９\n]{0,4}[0-9０-９]){4}",
    start=re.compile(rf"{_REGION}(?= ?[0-9]{{2}})|(?<![0-9])[0-9](?=[0-9]{{1,2}} ?[가-힣])"),
    rules=[
        rule(
            "plate",
            "plate",
            "Two or three digits, a syllable and four digits, behind a region or beside a word.",
            "차량번호 123가 4567",
            rf"(?P<region>{_REGION} ?)?[0-9]{{2,3}}{_USE} ?[0-9]{{4}}(?![0-9])",
            _is_plate,
        )
    ],
)
