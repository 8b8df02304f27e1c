"""Lines and paragraphs said again."""

from pathlib import Path

from runtime.ledger import Ledger
from stages.clean.filters.base import Text, TextFilter
from stages.clean.params import RepetitionParams


class RepeatedLines(TextFilter):
    """``repeated_lines``, ``repeated_paragraphs``: too many, or too much of the text, are repeats.

    Gopher's rules (arXiv:2112.11446, table A1). Every part after its first occurrence counts.
    """

    name = "repeated_lines"

    def __init__(self, ledger: Ledger, rejected: Path | None, params: RepetitionParams) -> None:
        super().__init__(ledger, rejected)
        self.params = params

    def reason(self, text: Text) -> str | None:
        params = self.params
        if len(text.lines) < 2:
            return None
        if _repeated(text.lines, params.max_line_share, params.max_line_character_share):
            return "repeated_lines"
        paragraphs = text.text.split("\n\n")
        if len(paragraphs) < 2:
            return None
        shares = params.max_paragraph_share, params.max_paragraph_character_share
        return "repeated_paragraphs" if _repeated(paragraphs, *shares) else None


def _repeated(parts: list[str], max_share: float, max_character_share: float) -> bool:
    unique = set(parts)
    if len(unique) == len(parts):
        return False
    if len(parts) - len(unique) > max_share * len(parts):
        return True
    total = sum(map(len, parts))
    return total - sum(map(len, unique)) > max_character_share * total
