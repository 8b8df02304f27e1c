"""Records of a source: written, spoiled, repeated and planted, each from its own random state."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

from stages.corpus import defects, formats, numbers, writing
from stages.corpus.grammar import Grammar
from stages.corpus.names import Names
from stages.corpus.params import SampleParams
from stages.corpus.records import Record
from stages.corpus.world import Thing

ATTEMPTS = 20  # to write something new; after them the source repeats itself, as real ones do


@dataclass(frozen=True)
class Source:
    name: str
    share: float  # of all records
    write: Callable[[Grammar, Thing], Record]
    save: Callable[[Random, list[Record], Path], str]
    byte_defects: tuple[str, ...] = ()  # that its format can carry beside those of any text


SOURCES = (
    Source("nsmc", 0.30, writing.film_review, formats.nsmc, ("broken_utf8",)),
    Source("kcbert", 0.20, writing.comment, formats.kcbert, ("broken_utf8",)),
    Source("modu", 0.10, writing.news, formats.modu),
    Source("wikipedia", 0.10, writing.article, formats.wikipedia),
    Source("aihub", 0.10, writing.dialogue, formats.aihub),
    Source("blog", 0.20, writing.post, formats.blog, ("broken_utf8", "broken_json")),
)


def records(
    source: Source, params: SampleParams, names: Names, things: list[Thing]
) -> list[Record]:
    """The source's share of the corpus; no two texts are equal but planted duplicates."""
    written: list[Record] = []
    seen: set[str] = set()
    count = round(params.documents * source.share)
    for position in range(count):
        rng = Random(f"{params.seed} {source.name} {position}")
        defect = _defect(rng, source, params.defects) if position else None
        if defect == "duplicate":
            whole = [r for r in written if r.defect not in ("broken_utf8", "broken_json")]
            written.append(replace(rng.choice(whole), defect=defect))
            continue
        grammar = Grammar(rng, names, things)
        record = _new(partial(source.write, grammar, things[position % len(things)]), seen)
        written.append(_planted(grammar, record, defect, params))
    return written


def _defect(rng: Random, source: Source, share: float) -> str | None:
    if rng.random() >= share:
        return None
    return rng.choice([*defects.TEXT_DEFECTS, "duplicate", *source.byte_defects])


def _new(write: Callable[[], Record], seen: set[str]) -> Record:
    for _ in range(ATTEMPTS):
        record = write()
        if record.text not in seen:
            break
    seen.add(record.text)
    return record


def _planted(grammar: Grammar, record: Record, defect: str | None, params: SampleParams) -> Record:
    """``record`` with its defect, and numbers unless it is empty or unreadable."""
    if defect in defects.TEXT_DEFECTS:
        record = defects.spoil(grammar.rng, record, defect)
    elif defect is not None:
        return replace(record, defect=defect)
    if not record.text.strip():
        return record
    if grammar.rng.random() < params.pii:
        record = numbers.plant(grammar, record, personal=True)
    if grammar.rng.random() < params.lookalikes:
        record = numbers.plant(grammar, record, personal=False)
    return record
