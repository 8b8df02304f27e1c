"""Masking of one text."""

import re
from dataclasses import dataclass

from stages.mask.kinds import KINDS
from stages.mask.params import MaskParams
from stages.mask.rules import Family, families
from stages.mask.rules.base import NORMAL


@dataclass(frozen=True, slots=True)
class Hit:
    """Personal information in a text."""

    kind: str  # a key of kinds.yaml
    rule: str  # the rule that found it
    start: int  # characters of the text before masking
    end: int


class Masker:
    """Finds and replaces what ``params`` asks for."""

    def __init__(self, params: MaskParams) -> None:
        self.families = families(params)
        self._look = re.compile("|".join(family.look for family in self.families))

    def find(self, text: str) -> list[Hit]:
        """The personal information in ``text``, in order, not overlapping."""
        if not self._look.search(text):
            return []
        normal = text.translate(NORMAL)
        hits: list[Hit] = []
        for family in self.families:
            found = _found(family, normal)
            hits += [hit for hit in found if not any(_overlap(hit, other) for other in hits)]
        return sorted(hits, key=lambda hit: hit.start)

    def mask(self, text: str) -> tuple[str, list[Hit]]:
        """``text`` with a token in place of every hit, and where they stood."""
        hits = self.find(text)
        parts, position = [], 0
        for hit in hits:
            parts += [text[position : hit.start], KINDS[hit.kind].token]
            position = hit.end
        return "".join([*parts, text[position:]]), hits


def _found(family: Family, normal: str) -> list[Hit]:
    hits: list[Hit] = []
    position = 0
    while begin := family.start.search(normal, position):
        hit = _hit(family, normal, begin.start())
        if hit:
            hits.append(hit)
        position = hit.end if hit else begin.end()
    return hits


def _hit(family: Family, normal: str, start: int) -> Hit | None:
    for rule in family.rules:
        match = rule.pattern.match(normal, start)
        if match and rule.accept(match):
            return Hit(rule.kind, rule.name, start, match.end())
    return None


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end
