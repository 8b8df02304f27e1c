"""Records of a source: written, spoiled, repeated and planted, each from its own random state."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

from stages.corpus import defects, numbers, prose, publications, talk, writing
from stages.corpus.formats import markup, objects, tables
from stages.corpus.formats.files import Place
from stages.corpus.grammar import Grammar
from stages.corpus.names import Names
from stages.corpus.params import SampleParams
from stages.corpus.records import Record
from stages.corpus.world import Thing

ATTEMPTS = 20  # to write something new; after them the source repeats itself, as real ones do
NEAR = 300  # characters of a record that is worth a near-duplicate
COPIES = ("duplicate", "near_duplicate")  # of an earlier record


@dataclass(frozen=True)
class Source:
    name: str
    share: int  # of a thousand records
    write: Callable[[Grammar, Thing], Record]
    save: Callable[[Random, list[Record], Path], list[Place]]
    defects: tuple[str, ...]  # beside COMMON; what stands there twice is twice as frequent


COMMON = (*defects.GARBLED, *defects.UNTIDY, "duplicate", "duplicate", "contaminated")
LONG = (*["near_duplicate"] * 4, *defects.OF_LINES)

SOURCES = (
    Source("blog", 270, writing.post, tables.posts, (*LONG, *defects.BYTES)),
    Source("news", 60, publications.bulletin, tables.articles, LONG),
    Source("modu", 70, publications.publication, objects.modu, ()),
    Source("patent", 20, prose.patent, markup.patents, ()),
    Source("qa", 40, talk.question, tables.chatbot, ()),
    Source("kcbert", 130, writing.comment, tables.news_comments, ("broken_utf8",)),
    Source("fiction", 5, prose.chapter, tables.novels, ()),
    Source("comments", 35, talk.comment, tables.online_comments, ("broken_utf8",)),
    Source("wikipedia", 60, writing.article, tables.encyclopaedia, LONG),
    Source("clovacall", 30, talk.call, objects.calls, ()),
    Source("nsmc", 170, writing.film_review, tables.ratings, ("broken_utf8",)),
    Source("hate_speech", 25, talk.celebrity, tables.hate_speech, ("broken_utf8",)),
    Source("opensubtitles", 10, talk.film, markup.films, ()),
    Source("aihub", 50, writing.dialogue, objects.dialogues, ()),
    Source("stdict", 25, prose.entry, markup.dictionary, ()),
)


def counts(documents: int) -> dict[str, int]:
    """How many of ``documents`` records each source has; all of them together are all."""
    before, found = 0, {}
    for source in SOURCES:
        upto = before + source.share
        found[source.name] = documents * upto // 1000 - documents * before // 1000
        before = upto
    return found


def records(
    source: Source, params: SampleParams, names: Names, things: list[Thing]
) -> list[Record]:
    """The source's share of the corpus; no two texts are equal but planted duplicates."""
    written: list[Record] = []
    seen: set[str] = set()
    for position in range(counts(params.documents)[source.name]):
        rng = Random(f"{params.seed} {source.name} {position}")
        defect = _defect(rng, source, params.defects) if position else None
        if defect in COPIES and (copy := _copy(rng, written, defect)):
            written.append(copy)
            continue
        grammar = Grammar(rng, names, things)
        record = _new(partial(source.write, grammar, things[position % len(things)]), seen)
        written.append(_planted(grammar, record, defect, params))
    return written


def _defect(rng: Random, source: Source, share: float) -> str | None:
    if rng.random() >= share:
        return None
    return rng.choice([*COMMON, *source.defects])


def _copy(rng: Random, written: list[Record], defect: str) -> Record | None:
    """A duplicate of an earlier record; only of a sound, long one without numbers if near."""
    if defect == "duplicate":
        whole = [r for r in written if r.defect not in (*defects.BYTES, "contaminated")]
        return replace(rng.choice(whole), defect=defect)
    long = [r for r in written if len(r.text) >= NEAR]
    sound = [r for r in long if not (r.defect or r.personal or r.lookalikes)]
    copy = defects.near_duplicate(rng, rng.choice(sound)) if sound else None
    return copy if copy and all(copy.text != r.text for r in long) else None


def _new(write: Callable[[], Record], seen: set[str]) -> Record:
    for _ in range(ATTEMPTS):
        record = write()
        if record.text not in seen:
            break
    seen.add(record.text)
    return record


def _planted(grammar: Grammar, record: Record, defect: str | None, params: SampleParams) -> Record:
    """``record`` with its defect, and numbers unless little or nothing of it can be read."""
    if defect in defects.TEXT:
        record = defects.spoil(grammar, record, defect)
    elif defect not in COPIES:
        record = replace(record, defect=defect)
    if defect in defects.GARBLED or defect in defects.BYTES:
        return record
    if grammar.rng.random() < params.pii:
        record = numbers.plant(grammar, record, personal=True)
    if grammar.rng.random() < params.lookalikes:
        record = numbers.plant(grammar, record, personal=False)
    return record
