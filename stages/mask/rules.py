"""What a Korean phone number, resident registration number and bank account look like.

The rules see text in which full-width digits, the many dashes and blanks have become ASCII
(``NORMAL``), one character for one, so that places stay the same. They are tried where a run of
digits begins (``START``), in the order of ``RULES``, and the first that matches wins. ``\\b`` and
``\\d`` are of no use: there is no ``\\b`` in ``5678으로``, and ``\\d`` takes Arabic digits.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stages.mask.context import account_near, amount_of, word_before
from stages.mask.layouts import layouts

_DASHES = "‐‑‒–—―−－﹣ㅡ〜～"
_BLANKS = "\t\u00a0\u2002\u2003\u2009\u202f\u3000"
NORMAL = str.maketrans(
    "０１２３４５６７８９（）＋．＊" + _DASHES + _BLANKS,
    "0123456789()+.*" + "-" * len(_DASHES) + " " * len(_BLANKS),
)

# Texts with fewer than six digits close together hold nothing to mask.
CANDIDATE = re.compile(r"[0-9０-９](?:[^0-9０-９\n]{0,3}[0-9０-９]){5}")

# A digit, + or ( that is not in the middle of a number, before eight more digits or hidden digits.
_HIDE = "*xX●○"
START = re.compile(
    r"[0-9+(](?<![0-9][0-9+(])(?<![0-9]-[0-9+(])" rf"(?=(?:[-~. ()]{{0,3}}[0-9{_HIDE}]){{8}})"
)

_GAP = r" ?[-~.]? ?"  # between the groups of a phone number
_END = r"(?![0-9])(?! ?-[0-9])"
_PHONE_END = r"(?![0-9])(?!-[0-9]{2})"  # a range may follow: 02-123-4567-8

# 전기통신번호관리세칙: 01x mobile, 02 to 064 areas, 070 internet, 050x personal, 080 free calls.
_MOBILE = r"01[016-9]"
_AREA = r"(?:02|03[1-3]|04[1-4]|05[1-5]|06[1-4]|070|080|050[0-9]?)"
_ABROAD = r"(?:1[016-9]|2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50[0-9]?)"

# 주민등록법 시행규칙: date of birth, then 1 to 8 for sex, century and nationality, then six digits.
_BIRTH = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_HIDDEN = rf"[0-9]{{0,5}}[{_HIDE}]{{3,6}}(?![0-9{_HIDE}])"

_CODE_BEFORE = re.compile(r"(?:[A-Za-z_=/#&]|[0-9][.,:])$")
_TELEPHONE = re.compile(r"(?:tel|phone|ph|hp|h\.p|fax)[.:]?$", re.IGNORECASE)
_CODE_AFTER = re.compile(r"[A-Za-z_]|[-.,:][0-9]")
_DATED = re.compile(r"(?:19|20)[0-9]{2} ?- ?(?:0[1-9]|1[0-2]) ?-")
_COMPANY = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{5}")  # business registration number

Match = re.Match[str]


@dataclass(frozen=True)
class Rule:
    kind: str  # phone, rrn or account
    name: str
    pattern: re.Pattern[str]
    accept: Callable[[Match], bool]


def _alone(match: Match) -> bool:
    """Digits without separators are a number only if no code, address or decimal goes on there."""
    before = match.string[max(0, match.start() - 6) : match.start()]
    if _CODE_AFTER.match(match.string, match.end()):
        return False
    return bool(_TELEPHONE.search(before)) or not _CODE_BEFORE.search(before)


def _is_mobile(match: Match) -> bool:
    if not match[0].isdigit():
        return True
    complete = len(match[0]) == 11 or not match[0].startswith("010")
    return complete and _alone(match) and word_before(match.string, match.start()) != "other"


def _is_area_phone(match: Match) -> bool:
    """Without a hyphen or the like, the exchange must be a real one, which begins with 2 to 9."""
    if re.search("[-~.)]", match[0]):
        return True
    word = word_before(match.string, match.start())
    real = match["exchange"][0] >= "2" or word == "phone"
    return real and _alone(match) and word != "other"


def _is_person(match: Match) -> bool:
    """Companies are registered under numbers of the same form (110111-1234567)."""
    return word_before(match.string, match.start()) != "company"


def _is_bare_person(match: Match) -> bool:
    """Thirteen digits in a row: sex digit and century must agree, and it is no bar code."""
    born_in_2000s = match[0][6] in "3478"
    if born_in_2000s != (match[0][:2] < "30") or not _alone(match):
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


def _is_account(match: Match) -> bool:
    """The layout is enough, unless the number begins like a date or is said to be another."""
    if _DATED.match(match[0]) or word_before(match.string, match.start()) in ("other", "company"):
        return account_near(match.string, match.start(), match.end())
    return True


def _is_named_account(match: Match) -> bool:
    """Digits in no bank's layout, or not hyphenated: a word must say that it is an account."""
    if amount_of(match.string, match.end()) or _DATED.match(match[0]) or not _alone(match):
        return False
    if _COMPANY.fullmatch(match[0]):
        return False
    return account_near(match.string, match.start(), match.end())


def _rule(kind: str, name: str, pattern: str, accept: Callable[[Match], bool]) -> Rule:
    return Rule(kind, name, re.compile(pattern), accept)


RULES = [
    _rule("rrn", "hyphen", rf"{_BIRTH} ?- ?[1-8](?:[0-9]{{6}}{_END}|{_HIDDEN})", _is_person),
    _rule("rrn", "all hidden", rf"{_BIRTH} ?- ?[{_HIDE}]{{6,7}}(?![0-9{_HIDE}])", _is_person),
    _rule("rrn", "space", rf"{_BIRTH} [1-8](?:[0-9]{{6}}{_END}|{_HIDDEN})", _is_person),
    _rule("rrn", "bare", rf"{_BIRTH}[1-8](?:[0-9]{{6}}{_END}|{_HIDDEN})", _is_bare_person),
    _rule("account", "layout", rf"(?:{layouts(' ?- ?')}){_END}", _is_account),
    _rule(
        "phone",
        "international",
        rf"(?:\(?\+ ?82\)?|0082|82(?=[-. )])){_GAP}(?:\(0\)|0)?\(?{_ABROAD}\)?"
        rf"{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_PHONE_END}",
        lambda match: True,
    ),
    _rule(
        "phone",
        "mobile",
        rf"(?:\({_MOBILE}\)|{_MOBILE}\)?){_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_PHONE_END}",
        _is_mobile,
    ),
    _rule(
        "phone",
        "area",
        rf"(?:\({_AREA}\)|{_AREA}\)?){_GAP}(?P<exchange>[0-9]{{3,4}}){_GAP}[0-9]{{4}}{_PHONE_END}",
        _is_area_phone,
    ),
    _rule("account", "layout by word", rf"(?:{layouts('[-. ]')}){_END}", _is_named_account),
    _rule("account", "by word", rf"(?:[0-9](?: ?- ?)?){{9,15}}[0-9]{_END}", _is_named_account),
]
