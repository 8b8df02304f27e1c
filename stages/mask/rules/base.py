"""What a rule is, and the text that rules see.

Full-width digits, the many dashes and blanks have become ASCII in it, one character for one, and
what nobody sees is gone. ``\\b`` and ``\\d`` are of no use: there is no ``\\b`` in ``5678으로``,
and ``\\d`` takes Arabic digits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stages.mask.params import MaskParams

_DASHES = "‐‑‒–—―−－﹣ㅡ〜～"
_BLANKS = "\t\u00a0\u2002\u2003\u2009\u202f\u3000"
_NORMAL = str.maketrans(
    "０１２３４５６７８９（）＋．＊／：ㆍ・‧•" + _DASHES + _BLANKS,
    "0123456789()+.*/:····" + "-" * len(_DASHES) + " " * len(_BLANKS),
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")  # soft hyphen, zero-width characters

HIDDEN = "*xX●○◯#"  # what stands in place of a digit that somebody has hidden
END = r"(?![0-9])(?! ?-[0-9])"

Match = re.Match[str]


def normalised(text: str) -> tuple[str, Sequence[int]]:
    """The text that rules see, and where in ``text`` each of its characters and its end are."""
    normal = text.translate(_NORMAL)
    if not _INVISIBLE.search(normal):
        return normal, range(len(text) + 1)
    kept = [place for place, character in enumerate(normal) if not _INVISIBLE.match(character)]
    return "".join(normal[place] for place in kept), [*kept, len(text)]


@dataclass(frozen=True)
class Rule:
    kind: str  # a key of kinds.yaml
    name: str
    says: str  # what it finds, in a sentence for people
    example: str  # an invented text in which it finds something
    pattern: re.Pattern[str]  # of normal text
    accept: Callable[[Match], bool]
    wanted: Callable[[MaskParams], bool] = lambda params: True

    def match(self, normal: str, place: int) -> Match | None:
        """What it finds at a place of normal text."""
        found = self.pattern.match(normal, place)
        return found if found and self.accept(found) else None


@dataclass(frozen=True)
class Family:
    """Rules that are tried at the same places, in their order; the first that matches wins."""

    look: str  # RE2, of raw text: all that a rule finds lies in such a place
    start: re.Pattern[str]  # of normal text: where the rules are tried
    rules: list[Rule]


def rule(
    kind: str,
    name: str,
    says: str,
    example: str,
    pattern: str,
    accept: Callable[[Match], bool] = lambda match: True,
    wanted: Callable[[MaskParams], bool] = lambda params: True,
) -> Rule:
    """A rule for numbers: nothing is one in a web address.

    ``pattern`` is the text of a regular expression; the other parameters are those of ``Rule``.
    """
    return Rule(
        kind,
        name,
        says,
        example,
        re.compile(pattern),
        lambda match: not in_address(match) and accept(match),
        wanted,
    )


ADDRESS_LONGEST = 400  # characters of a web address before a number
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.|[a-z0-9-]{1,60}\.(?:com|net|org|kr|io|me|tv|jp|cn)/)"
    r"[^\s,()<>\"'|가-힣]*\Z",
    re.IGNORECASE,
)


def in_address(match: Match) -> bool:
    """Whether a web address goes on into the match."""
    text, start = match.string, match.start()
    if start == 0 or text[start - 1].isspace() or not text[start - 1].isascii():
        return False
    begin = max(0, start - ADDRESS_LONGEST)
    before = text[begin:start].split()[-1]
    return _ADDRESS.search(before) is not None


_CODE_BEFORE = re.compile(r"(?:[A-Za-z_=/#&@]|[0-9][.,])\Z")
_TELEPHONE = re.compile(r"(?:tel|phone|ph|hp|h\.p|fax|mobile|[tmfcp])[.:]?\Z", re.IGNORECASE)
_CODE_AFTER = re.compile(r"[A-Za-z_]|[-.,:][0-9]")


def alone(match: Match) -> bool:
    """Digits without separators are a number only if no code, address or decimal goes on there."""
    before = match.string[max(0, match.start() - 8) : match.start()]
    if _CODE_AFTER.match(match.string, match.end()):
        return False
    return bool(_TELEPHONE.search(before)) or not _CODE_BEFORE.search(before)
