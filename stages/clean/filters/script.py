"""Is it Korean, and is it text?"""

import re
from pathlib import Path

from runtime.ledger import Ledger
from stages.clean.filters.base import Text, TextFilter

_SYLLABLES = re.compile("[가-힣]+")
_SYMBOLS = re.compile(r"([^\w\s])\1*")
_NOT_COMMON = bytes(byte for byte in range(256) if byte not in (0xEB, 0xEC))


class Script(TextFilter):
    """``few_hangul``: too few Hangul syllables among the visible characters.

    In the place of a language identifier, as Hangul writes no other language: RefinedWeb and
    FineWeb-2 keep a document by its language score (arXiv:2306.01116, 2506.20920).

    ``symbols``: too many of the visible characters are neither letters nor digits. After Gopher's
    symbol-to-word ratio (arXiv:2112.11446, table A1), here of all symbols.
    """

    name = "script"

    def __init__(
        self, ledger: Ledger, rejected: Path | None, min_hangul: float, max_symbols: float
    ) -> None:
        super().__init__(ledger, rejected)
        self.min_hangul = min_hangul
        self.max_symbols = max_symbols

    def reason(self, text: Text) -> str | None:
        if common_syllables(text) >= max(self.min_hangul, 1 - self.max_symbols) * text.visible:
            return None
        if syllables(text.text) < self.min_hangul * text.visible:
            return "few_hangul"
        return "symbols" if symbol_share(text) > self.max_symbols else None


def common_syllables(text: Text) -> int:
    """A cheap look, never above ``syllables``: U+B000 to U+CFFF, whose first byte in UTF-8 is EB
    or EC, are all Hangul syllables, and two thirds of those in a text."""
    return len(text.first_bytes.translate(None, _NOT_COMMON))


def syllables(text: str) -> int:
    """Hangul syllables in ``text``; single letters such as ㅋㅋ and ㅠㅠ do not count."""
    return len(text) - len(_SYLLABLES.sub("", text))


def symbol_share(text: Text) -> float:
    """Share of symbols, neither letters nor digits, among the visible characters, 0 to 1.

    A run of one symbol counts once: ``강추~~~~~!!!`` says something.
    """
    runs = [len(match[0]) for match in _SYMBOLS.finditer(text.text)]
    return len(runs) / max(1, text.visible - sum(runs) + len(runs))
