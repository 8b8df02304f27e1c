"""What the words of ``words.yaml`` beside a number say of it."""

import re
from pathlib import Path

import yaml

from stages.mask.context import AFTER, BEFORE

_WORDS = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
_LONGEST = max(len(word) for kind in _WORDS.values() for words in kind.values() for word in words)


class Words:
    """The words that tell of one kind."""

    def __init__(self, kind: str) -> None:
        groups = (f"(?P<{role}>{_any(words)})" for role, words in _WORDS[kind].items())
        self._pattern = re.compile("|".join(groups), re.IGNORECASE)

    def say(self, match: re.Match[str]) -> bool | None:
        """True: the number is of the kind; False: it is another; None: no word tells."""
        text, start, end = match.string, match.start(), match.end()
        line = text.rfind("\n", 0, start) + 1
        first = max(line, start - BEFORE)
        words = list(self._pattern.finditer(text, max(line, first - _LONGEST), start))
        if words and words[-1].end() > first:
            return words[-1].lastgroup == "names"
        line_end = text.find("\n", end, end + AFTER)
        word = self._pattern.search(text, end, end + AFTER if line_end < 0 else line_end)
        return word.lastgroup == "names" if word else None


def _any(words: list[str]) -> str:
    """The longest first; Latin words only as whole ones."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(
        rf"(?<![A-Za-z]){word}(?![A-Za-z])" if word.isascii() else word for word in ordered
    )
