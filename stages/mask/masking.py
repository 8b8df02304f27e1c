"""Masking of one text."""

from dataclasses import dataclass

from stages.mask.rules import CANDIDATE, NORMAL, RULES, START

# As the Polyglot-Ko model card writes them.
TOKENS = {"account": "<|acc|>", "rrn": "<|rrn|>", "phone": "<|tell|>"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A personal number in a text."""

    kind: str  # phone, rrn or account
    rule: str  # the rule that found it
    start: int  # characters of the text before masking
    end: int


def find(text: str) -> list[Hit]:
    """The personal numbers of ``text``, in order, not overlapping."""
    if not CANDIDATE.search(text):
        return []
    normal = text.translate(NORMAL)
    hits: list[Hit] = []
    position = 0
    while begin := START.search(normal, position):
        hit = _hit(normal, begin.start())
        if hit:
            hits.append(hit)
        position = hit.end if hit else begin.end()
    return hits


def mask(text: str) -> tuple[str, list[Hit]]:
    """``text`` with a token in place of every personal number, and where they stood."""
    hits = find(text)
    parts, position = [], 0
    for hit in hits:
        parts += [text[position : hit.start], TOKENS[hit.kind]]
        position = hit.end
    return "".join([*parts, text[position:]]), hits


def _hit(text: str, start: int) -> Hit | None:
    for rule in RULES:
        match = rule.pattern.match(text, start)
        if match and rule.accept(match):
            return Hit(rule.kind, rule.name, start, match.end())
    return None
