"""Length of words."""

from pathlib import Path

from runtime.ledger import Ledger
from stages.clean.filters.base import Text, TextFilter
from stages.clean.params import Range


class WordLength(TextFilter):
    """``short_words``, ``long_words``: the mean length of an eojeol, in characters.

    After Gopher's mean word length (arXiv:2112.11446, table A1), whose bounds are for English.
    Long are addresses, codes and text that lost its spaces, short is text with a space after
    every syllable.
    """

    name = "word_length"

    def __init__(self, ledger: Ledger, rejected: Path | None, characters: Range) -> None:
        super().__init__(ledger, rejected)
        self.characters = characters

    def reason(self, text: Text) -> str | None:
        mean = text.visible / (text.gaps + 1)
        if mean < self.characters.min:
            return "short_words"
        return "long_words" if mean > self.characters.max else None
