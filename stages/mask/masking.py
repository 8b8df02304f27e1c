"""Masking of one text."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from stages.mask.context import AFTER, BEFORE, LONGEST
from stages.mask.kinds import KINDS
from stages.mask.params import MaskParams
from stages.mask.rules import Family, families
from stages.mask.rules.base import ADDRESS_LONGEST, normalised

_AROUND = max(BEFORE, AFTER) + LONGEST  # characters beside a place that rules may look at


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
        """The personal information in ``text``, in order, not overlapping.

        Rules see only the surroundings of likely places; that gives what the whole text would.
        """
        hits: list[Hit] = []
        for begin, end in _windows(text, self._look):
            normal, places = normalised(text[begin:end])
            taken: list[Hit] = []
            for family in self.families:
                free = [hit for hit in found(family, normal) if _is_free(hit, taken)]
                taken = sorted([*taken, *free], key=_start) if taken else free
            hits += [
                Hit(hit.kind, hit.rule, begin + places[hit.start], begin + places[hit.end - 1] + 1)
                for hit in taken
            ]
        return hits

    def mask(self, text: str) -> tuple[str, list[Hit]]:
        """``text`` with a token in place of every hit, and where they stood."""
        hits = self.find(text)
        parts, position = [], 0
        for hit in hits:
            parts += [text[position : hit.start], KINDS[hit.kind].token]
            position = hit.end
        return "".join([*parts, text[position:]]), hits


def found(family: Family, normal: str) -> list[Hit]:
    """What the rules of a family find in normal text, in order, not overlapping."""
    hits: list[Hit] = []
    position = 0
    while begin := family.start.search(normal, position):
        hit = hit_at(family, normal, begin.start())
        if hit:
            hits.append(hit)
        position = hit.end if hit else begin.start() + 1
    return hits


def hit_at(family: Family, normal: str, place: int) -> Hit | None:
    """What the first rule that matches at a place finds."""
    for rule in family.rules:
        if match := rule.match(normal, place):
            return Hit(rule.kind, rule.name, place, match.end())
    return None


def _windows(text: str, look: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Likely places with all around them that rules may look at; none overlaps another."""
    window: tuple[int, int] | None = None
    for place in look.finditer(text):
        begin = max(0, place.start() - _AROUND)
        end = place.end() + _AROUND
        if window and begin <= window[1]:
            window = (window[0], end)
            continue
        floor = max(window[1] if window else 0, begin - ADDRESS_LONGEST)
        while begin > floor and not text[begin - 1].isspace():  # a web address counts as a whole
            begin -= 1
        if window and begin == window[1]:
            window = (window[0], end)
            continue
        if window:
            yield window
        window = (begin, end)
    if window:
        yield window


def _start(hit: Hit) -> int:
    return hit.start


def _is_free(hit: Hit, taken: list[Hit]) -> bool:
    after = bisect_left(taken, hit.start, key=_start)
    if after and taken[after - 1].end > hit.start:
        return False
    return after == len(taken) or taken[after].start >= hit.end
