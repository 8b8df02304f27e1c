"""Bank accounts: the layouts of ``banks.yaml``, or any digits beside a word for an account."""

import re

from stages.mask.banks import layouts
from stages.mask.context import account_near, amount_of, word_before
from stages.mask.rules.base import END, Match, alone, rule

_DATED = re.compile(r"(?:19|20)[0-9]{2} ?- ?(?:0[1-9]|1[0-2]) ?-")
_COMPANY = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{5}")  # business registration number


def _is_account(match: Match) -> bool:
    """The layout is enough, unless the number begins like a date or is said to be another."""
    dated = _DATED.match(match[0]) and match[0].count("-") < 3
    if dated or word_before(match.string, match.start()) in ("other", "company"):
        return account_near(match.string, match.start(), match.end())
    return True


def _is_named_account(match: Match) -> bool:
    """Digits in no bank's layout, or not hyphenated: a word must say that it is an account."""
    if amount_of(match.string, match.end()) or _DATED.match(match[0]) or not alone(match):
        return False
    if _COMPANY.fullmatch(match[0]):
        return False
    return account_near(match.string, match.start(), match.end())


# Tried before phones, of which some layouts would leave a rest.
BY_LAYOUT = [
    rule(
        "account",
        "layout",
        "An account number as a bank lays it out, with its hyphens: see banks.yaml.",
        "110-123-456789",
        rf"(?:{layouts(' ?- ?')}){END}",
        _is_account,
    )
]
# Tried last.
BY_WORD = [
    rule(
        "account",
        "layout by word",
        "Any layout of a bank, parted by hyphens, dots or spaces, beside a word for an account.",
        "계좌 110 123 456789",
        rf"(?:{layouts('[-. ]', by_word=True)}){END}",
        _is_named_account,
    ),
    rule(
        "account",
        "by word",
        "Ten to fourteen digits, parted or not, beside a bank or a word for an account.",
        "입금 계좌: 110123456789",
        rf"(?:[0-9](?: ?- ?)?){{9,13}}[0-9]{END}",
        _is_named_account,
    ),
]
