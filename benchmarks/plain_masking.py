"""Masking as plainly as its rules can be read, for the fast way to be held against.

Every rule at every place of the whole text: no look, no search for likely places, no column.
"""

from dataclasses import replace

from stages.mask.masking import Hit, Masker, hit_at
from stages.mask.rules.base import normalised


def find(masker: Masker, text: str) -> list[Hit]:
    """What ``masker.find`` is to return."""
    normal, places = normalised(text)
    hits: list[Hit] = []
    for family in masker.families:  # where two meet, the first family wins
        position = 0
        while position < len(normal):
            begins = family.start.match(normal, position)
            hit = hit_at(family, normal, position) if begins else None
            position = hit.end if hit else position + 1
            if hit and not any(hit.start < other.end and other.start < hit.end for other in hits):
                hits.append(hit)
    return [
        replace(hit, start=places[hit.start], end=places[hit.end - 1] + 1)
        for hit in sorted(hits, key=lambda hit: hit.start)
    ]
