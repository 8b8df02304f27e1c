"""Phone numbers, from the codes of ``phones.yaml``."""

import re
from pathlib import Path

import yaml

from stages.mask.context import account_near, amount_of, word_before
from stages.mask.rules.base import Match, alone, rule

_CODES = yaml.safe_load(Path(__file__).parents[1].joinpath("phones.yaml").read_text("utf-8"))
_AREAS = [code for kind in ("area", "internet", "free", "personal") for code in _CODES[kind]]


def _any(codes: list[str]) -> str:
    return "(?:" + "|".join(sorted(codes, key=lambda code: (-len(code), code))) + ")"


_MOBILE, _AREA = _any(_CODES["mobile"]), _any(_AREAS)
_ABROAD = _any([code.removeprefix("0") for code in [*_CODES["mobile"], *_AREAS]])
BUSINESS = _any(_CODES["business"])

_GAP = r" {0,2}[-~./·)_]? {0,2}"  # between the groups of a phone number
_END = r"(?![0-9])(?! ?-[0-9]{2})"  # a range may follow: 02-123-4567-8

_SIGN = re.compile(r"[-~./·)_]")
_CODE = re.compile("-[0-9A-Za-z]")
_DECIMAL = re.compile(r"0[0-9]\.[0-9]+")
_YEARS = re.compile(r"[ -](?:1[5-9]|20)[0-9]{2} *[- ] *(?:1[5-9]|20)[0-9]{2}$")


def _is_international(match: Match) -> bool:
    """A bare 82 must begin no code or order; twelve digits in a row must be alone as well, and no
    account."""
    word = word_before(match.string, match.start())
    if match[0].startswith("82") and (word == "other" or _CODE.match(match.string, match.end())):
        return False
    if not match[0].isdigit():
        return True
    return alone(match) and word in (None, "phone") and not _is_said_to_be_account(match)


def _is_mobile(match: Match) -> bool:
    if not match[0].isdigit():
        return True
    complete = len(match[0]) == 11 or not match[0].startswith("010")
    if not complete or not alone(match) or word_before(match.string, match.start()) == "other":
        return False
    return match[0].startswith("010") or not _is_said_to_be_account(match)


def _is_area_phone(match: Match) -> bool:
    """Parted by blanks alone, it must be no row of years; not parted at all, the exchange must be
    a real one, which begins with 2 to 9."""
    word = word_before(match.string, match.start())
    if word == "other" or (_DECIMAL.fullmatch(match[0]) and word != "phone"):
        return False
    if _SIGN.search(match[0]):
        return True
    if " " in match[0]:
        return word == "phone" or not _YEARS.search(match[0])
    real = match["exchange"][0] >= "2" or word == "phone"
    if not real or not alone(match) or amount_of(match.string, match.end()):
        return False
    return not _is_said_to_be_account(match)


def _is_said_to_be_account(match: Match) -> bool:
    word = word_before(match.string, match.start())
    return word != "phone" and account_near(match.string, match.start(), match.end())


def _is_business(match: Match) -> bool:
    """Two years are no number: 1592-1598."""
    if match.string[match.end() : match.end() + 1] == "년" or amount_of(match.string, match.end()):
        return False
    word = word_before(match.string, match.start())
    return (
        alone(match) and word != "other" and (word == "phone" or not _YEARS.search(" " + match[0]))
    )


PHONES = [
    rule(
        "phone",
        "international",
        "A phone number with the country code 82, +82 or 0082, its first 0 left out or not.",
        "+82-10-1234-5678",
        rf"(?:\((?:\+ ?|00)82\)|(?:\+ ?|00)?82\)?){_GAP}(?:\(0\)|0)?{_GAP}\(?{_ABROAD}\)?"
        rf"{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_END}",
        _is_international,
    ),
    rule(
        "phone",
        "mobile",
        "A mobile number: 010, 011 or 016 to 019, then seven or eight digits, parted or not.",
        "010-1234-5678",
        rf"(?:\( ?{_MOBILE} ?\)|{_MOBILE}){_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_END}",
        _is_mobile,
    ),
    rule(
        "phone",
        "area",
        "An area code (02 to 064), 070, 080 or 050, then seven or eight digits.",
        "02)123-4567",
        rf"(?:\( ?{_AREA} ?\)|{_AREA}){_GAP}(?P<exchange>[0-9]{{3,4}}){_GAP}[0-9]{{4}}{_END}",
        _is_area_phone,
    ),
]
BUSINESS_PHONES = [
    rule(
        "phone",
        "business",
        "The number of a business: eight digits that begin with 15, 16 or 18.",
        "1588-1234",
        rf"{BUSINESS}{_GAP}[0-9]{{4}}(?![0-9])(?![-.,:/] ?[0-9])",
        _is_business,
        lambda params: params.business_phones,
    )
]
