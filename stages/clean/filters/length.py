"""Bounds of length."""

from pathlib import Path

from runtime.ledger import Ledger
from stages.clean.filters.base import Text, TextFilter


class Length(TextFilter):
    """``empty`` and ``too_short`` as in the Polyglot-Ko technical report (arXiv:2306.02254);
    ``too_long`` is no document but a dump, and would fill a worker's memory further on."""

    name = "length"

    def __init__(
        self, ledger: Ledger, rejected: Path | None, min_characters: int, max_characters: int
    ) -> None:
        super().__init__(ledger, rejected)
        self.min = min_characters
        self.max = max_characters

    def reason(self, text: Text) -> str | None:
        length = len(text.text)
        if not length:
            return "empty"
        if length < self.min:
            return "too_short"
        return "too_long" if length > self.max else None
