"""What a web page prints around its text: copyright, by-lines, buttons, menus, banners."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import regex
import yaml

from runtime.ledger import Ledger
from stages.clean.repairs.base import LineRepair

TABLE = Path(__file__).with_name("boilerplate.yaml")
ENDS = " |·ㆍ•∙/,<>«»[](){}-▶■●☞"  # bars, brackets and bullets around the words of a menu
LOOK = 3  # characters

_SENTENCE = regex.compile(r"[가-힣](?:다|요|죠|까|음|함|오)[.!?](?!\w)")


@dataclass(frozen=True)
class Line:
    """One entry of the table."""

    name: str
    pattern: regex.Pattern[str]
    needs: tuple[str, ...]
    sentence: bool

    def matches(self, line: str) -> bool:
        return self.pattern.fullmatch(line) is not None and (
            self.sentence or not _SENTENCE.search(line)
        )


@cache
def table() -> tuple[Line, ...]:
    """The entries of ``boilerplate.yaml``, words filled in."""
    content = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    entries = []
    for entry in content["lines"]:
        pattern = entry["pattern"]
        for name, words in content["words"].items():
            pattern = pattern.replace(f"{{{name}}}", words)
        compiled = regex.compile(pattern, regex.IGNORECASE)
        needs = tuple(entry.get("needs", ()))
        entries.append(Line(entry["name"], compiled, needs, entry.get("sentence", False)))
    return tuple(entries)


@cache
def beginnings() -> frozenset[str]:
    """The first ``LOOK`` characters, in small letters, of every line that an entry without
    ``needs`` can match."""
    pattern = regex.compile(
        "|".join(f"(?:{line.pattern.pattern})" for line in table() if not line.needs),
        regex.IGNORECASE,
    )
    letters = set(TABLE.read_text(encoding="utf-8").lower()) - set("\n") | set("0123456789")
    found, short = {""}, set()
    for _ in range(LOOK):
        longer = {text + letter for text in found for letter in letters}
        found = {text for text in longer if pattern.fullmatch(text, partial=True)}
        short |= {text for text in found if pattern.fullmatch(text)}
    return frozenset(found | short)


class Boilerplate(LineRepair):
    """Takes out whole lines that the table ``boilerplate.yaml`` knows.

    A text of one line is left alone: nothing stands around it, and a review may well say 추천.
    """

    name = "boilerplate_lines"

    def __init__(self, ledger: Ledger, max_characters: int) -> None:
        super().__init__(ledger)
        self.max_characters = max_characters
        self._needs = [need for line in table() for need in line.needs]
        self._beginnings = beginnings()
        small = {begin[:2] for begin in self._beginnings}
        self._hints = {*ENDS, *small, *map(str.upper, small), *map(str.title, small)}
        self._hints |= {begin.title().swapcase() for begin in small}

    def suspicious(self, text: str) -> bool:
        if "\n" not in text:
            return False
        for need in self._needs:  # the fastest way to look for a few words
            if need in text:
                return True
        return bool(self._begun(text.split("\n")))

    def removable(self, text: str, lines: list[str]) -> list[bool]:
        candidates = set(self._begun(lines))
        for need in self._needs:
            if need in text:
                candidates.update(line for line in lines if need in line)
        return [line in candidates and self.boilerplate(line) for line in lines]

    def _begun(self, lines: list[str]) -> list[str]:
        """The lines that begin as an entry without ``needs``."""
        hints = self._hints
        hinted = [line for line in lines if line[:2] in hints or line[:1] in hints]
        return [line for line in hinted if _begin(line) in self._beginnings]

    def boilerplate(self, line: str) -> bool:
        """The rule itself: whether the whole of ``line`` is boilerplate."""
        if len(line) > self.max_characters:
            return False
        words = line.strip(ENDS)
        return bool(words) and any(entry.matches(words) for entry in table())


def _begin(line: str) -> str:
    return line.lstrip(ENDS)[:LOOK].lower()
