"""What the words around a number say about it: the nearest one counts (``context.yaml``)."""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from stages.mask.banks import names, short_names

BEFORE, AFTER = 24, 14  # characters looked at on either side, within the line
OTHER_BEFORE = 12  # words for orders and the like must be nearer
LONGEST = 14  # characters of a word, so that none is cut in two


def _words(found: Iterable[str]) -> str:
    """A pattern of any of the words: in any case, blanks optional, Latin ones not inside others."""
    patterns = (
        re.escape(word).replace(r"\ ", " ?")
        if not word.isascii()
        else rf"(?<![A-Za-z]){re.escape(word)}"
        for word in sorted(found, key=lambda word: (-len(word), word))
    )
    return "|".join(patterns)


_GROUPS = yaml.safe_load(Path(__file__).with_name("context.yaml").read_text(encoding="utf-8"))
_AMOUNTS, _ORDERS = _words(_GROUPS.pop("amounts")), _words(_GROUPS.pop("orders"))
_GROUP = {group: _words(word for row in rows for word in row) for group, rows in _GROUPS.items()}

_WORDS = re.compile(
    rf"(?P<account>{_GROUP['account']}|{names()})"
    rf"|(?P<phone>{_GROUP['phone']})"
    rf"|(?P<person>{_GROUP['person']})"
    rf"|(?:(?P<company>{_GROUP['company']})|(?P<other>{_GROUP['other']}))(?!.*[0-9]{{4}})",
    re.IGNORECASE,
)
# A name such as 정하나 or 조국민 is no bank, but 회비는하나 is one.
_BANK_BEFORE = re.compile(
    rf"(?<![가-힣](?<![는을를로에]))(?:{short_names()})(?:은행)?[ :)\]>/,.-]{{0,3}}\Z",
    re.IGNORECASE,
)
_BANK_AFTER = re.compile(rf"[ (\[/,]{{0,3}}(?:{short_names()})(?:은행|[)\]\s,]|$)", re.IGNORECASE)
_ORDER_BEFORE = re.compile(rf"(?:{_ORDERS})[ :#]{{0,2}}\Z")
_AMOUNT = re.compile(rf"(?:{_AMOUNTS})(?!의|설)| (?:{_AMOUNTS})(?![가-힣])")


def word_before(text: str, start: int) -> str | None:
    """What the nearest word before a number speaks of.

    One of account, phone, person, company and other (orders, patents, books); None: no such word.
    """
    line = text.rfind("\n", 0, start) + 1
    words = list(_WORDS.finditer(text, max(line, start - BEFORE - LONGEST), start))
    if not words:
        return None
    group = words[-1].lastgroup
    near = OTHER_BEFORE if group == "other" else BEFORE
    return group if words[-1].end() >= start - near else None


def account_near(text: str, start: int, end: int) -> bool:
    """Whether a word for an account or a bank stands before the number, or right after it."""
    if _ORDER_BEFORE.search(text, max(0, start - LONGEST), start):
        return False
    word = word_before(text, start)
    if word == "account" or _BANK_BEFORE.search(text, max(0, start - LONGEST), start):
        return True
    if word is not None:
        return False
    after = text[end : end + AFTER].partition("\n")[0]
    later = _WORDS.search(after)
    return bool(_BANK_AFTER.match(after)) or (later is not None and later.lastgroup == "account")


def amount_of(text: str, end: int) -> bool:
    """Whether a currency or a counter follows the number."""
    return _AMOUNT.match(text, end) is not None
