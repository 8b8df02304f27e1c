"""The banks of ``banks.yaml`` as patterns."""

import re
from pathlib import Path

import yaml

_BANKS = yaml.safe_load(Path(__file__).with_name("banks.yaml").read_text(encoding="utf-8"))["banks"]


def names() -> str:
    """A pattern of the names that mean a bank wherever they stand."""
    return _any({name for bank in _BANKS for name in bank["names"]})


def short_names() -> str:
    """A pattern of the names that mean a bank only beside a number."""
    return _any({name for bank in _BANKS for name in bank["short"]})


def layouts(separator: str, *, by_word: bool = False) -> str:
    """A pattern of account numbers, the longest first, groups parted by ``separator``.

    With ``by_word``, also of the layouts that other numbers have as well.
    """
    found = {layout for bank in _BANKS for layout in bank["layouts"]}
    if by_word:
        found |= {layout for bank in _BANKS for layout in bank.get("by_word", [])}
    ordered = sorted(found, key=lambda layout: (-len(layout.replace("-", "")), layout))
    return "|".join(
        separator.join(_digits(group) for group in layout.split("-")) for layout in ordered
    )


def _digits(group: str) -> str:
    return re.sub("N+", lambda run: f"[0-9]{{{len(run[0])}}}", group)


def _any(words: set[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))
