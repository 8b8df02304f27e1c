"""Masking as plainly as its rules can be read, for the fast way to be held against.

Every rule at every place of the whole text: no look, no search for likely places, no column.
"""

from stages.mask.masking import Hit, Masker
from stages.mask.rules import Family
from stages.mask.rules.base import NORMAL


def find(masker: Masker, text: str) -> list[Hit]:
    """What ``masker.find`` is to return."""
    normal = text.translate(NORMAL)
    hits: list[Hit] = []
    for family in masker.families:  # where two meet, the first family wins
        position = 0
        while position < len(normal):
            hit = _hit_at(family, normal, position)
            position = hit.end if hit else position + 1
            if hit and not any(hit.start < other.end and other.start < hit.end for other in hits):
                hits.append(hit)
    return sorted(hits, key=lambda hit: hit.start)


def _hit_at(family: Family, normal: str, place: int) -> Hit | None:
    if family.start.match(normal, place):
        for rule in family.rules:
            match = rule.pattern.match(normal, place)
            if match and rule.accept(match):
                return Hit(rule.kind, rule.name, place, match.end())
    return None
