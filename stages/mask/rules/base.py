"""What a rule is, and the text that rules see.

Full-width digits, the many dashes and blanks have become ASCII in it (``NORMAL``), one character
for one, so that places stay the same. ``\\b`` and ``\\d`` are of no use: there is no ``\\b`` in
``5678으로``, and ``\\d`` takes Arabic digits.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stages.mask.params import MaskParams

_DASHES = "‐‑‒–—―−－﹣ㅡ〜～"
_BLANKS = "\t\u00a0\u2002\u2003\u2009\u202f\u3000"
NORMAL = str.maketrans(
    "０１２３４５６７８９（）＋．＊／ㆍ・‧•" + _DASHES + _BLANKS,
    "0123456789()+.*/····" + "-" * len(_DASHES) + " " * len(_BLANKS),
)

HIDDEN = "*xX●○◯#"  # what stands in place of a digit that somebody has hidden
END = r"(?![0-9])(?! ?-[0-9])"

Match = re.Match[str]


@dataclass(frozen=True)
class Rule:
    kind: str  # a key of kinds.yaml
    name: str
    says: str  # what it finds, in a sentence for people
    example: str  # an invented text in which it finds something
    pattern: re.Pattern[str]  # of normal text
    accept: Callable[[Match], bool]
    wanted: Callable[[MaskParams], bool] = lambda params: True


@dataclass(frozen=True)
class Family:
    """Rules that are tried at the same places, in their order; the first that matches wins."""

    look: str  # RE2, of raw text: every text in which a rule finds something contains it
    start: re.Pattern[str]  # of normal text: where the rules are tried
    rules: list[Rule]


def rule(
    kind: str,
    name: str,
    says: str,
    example: str,
    pattern: str,
    accept: Callable[[Match], bool] = lambda match: True,
) -> Rule:
    """A rule from the text of its pattern."""
    return Rule(kind, name, says, example, re.compile(pattern), accept)


_CODE_BEFORE = re.compile(r"(?:[A-Za-z_=/#&]|[0-9][.,:])$")
_TELEPHONE = re.compile(r"(?:tel|phone|ph|hp|h\.p|fax)[.:]?$", re.IGNORECASE)
_CODE_AFTER = re.compile(r"[A-Za-z_]|[-.,:][0-9]")


def alone(match: Match) -> bool:
    """Digits without separators are a number only if no code, address or decimal goes on there."""
    before = match.string[max(0, match.start() - 6) : match.start()]
    if _CODE_AFTER.match(match.string, match.end()):
        return False
    return bool(_TELEPHONE.search(before)) or not _CODE_BEFORE.search(before)
