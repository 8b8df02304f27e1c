"""Gate documents: after dedup, nothing was lost silently and every document is fit to train on."""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from runtime import documents, paths
from runtime.progress import Progress
from stages.gate import characters, ledgers, repeats, shards
from stages.gate.params import DocumentsGate, DroppedShares
from stages.gate.suite import (
    Check,
    Table,
    at_least,
    at_most,
    at_most_each,
    contains,
    number,
    sum_at_least,
)


@dataclass
class Shard:
    """What is kept of a shard: counts, and the hashes of ``repeats`` by column."""

    counts: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    shortest: int | None = None  # characters
    longest: int = 0
    ids: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))
    texts: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))


def tables(demands: DocumentsGate, progress: Progress) -> list[Table]:
    """Ledgers of ingest, clean and dedup; sources and shards of what dedup wrote."""
    folder = paths.DEDUP / "documents"
    flow = ledgers.flow([paths.INGEST, paths.CLEAN, paths.DEDUP])
    count = documents.count(folder)
    measured = shards.scan(folder, partial(measure, limit=repeats.limit(count)), progress)
    shipped = ledgers.shipped(paths.DEDUP, [shard.sources for shard in measured.values()])
    looked_at = sum(len(shard.ids) for shard in measured.values()) / max(count, 1)
    return [
        Table("ledgers", flow, ledger_checks(demands)),
        *dropped_tables(demands.max_dropped_share),
        Table("sources", shipped, source_checks(demands)),
        Table("shards", shard_figures(measured), shard_checks(demands, looked_at)),
    ]


def dropped_tables(limits: DroppedShares) -> list[Table]:
    """What clean and dedup dropped, a table each."""
    return [
        Table(
            f"dropped by {stage}",
            ledgers.dropped(paths.DATA / stage, of_stage),
            [dropped_check(stage, of_stage)],
        )
        for stage, of_stage in vars(limits).items()
    ]


def measure(path: Path, limit: int) -> Shard:
    """Read one shard of documents, and keep the hashes that are not above ``limit``."""
    shard = Shard()
    ids, texts_seen = [shard.ids], [shard.texts]
    for batch in shards.batches(path, ["id", "text", "source"]):
        texts = batch["text"].fill_null("")
        lengths = pc.utf8_length(texts)
        extent = pc.min_max(lengths).as_py()
        shard.shortest = min(
            extent["min"], extent["min"] if shard.shortest is None else shard.shortest
        )
        shard.longest = max(extent["max"], shard.longest)
        shard.sources += shards.by_source(batch["source"])
        ids.append(repeats.hashes(batch["id"].fill_null(""), limit))
        texts_seen.append(repeats.hashes(texts, limit))
        suspects = characters.suspects(texts)
        shard.counts += Counter(
            bytes=shards.total(pc.binary_length(texts)),
            visible=characters.visible(texts),
            hangul=characters.hangul(texts),
            null=batch["text"].null_count,
            empty=shards.total(pc.equal(pc.utf8_trim_whitespace(texts), "")),
            control=shards.matching(suspects, characters.CONTROL),
            not_nfc=characters.not_nfc(suspects),
        )
    shard.ids, shard.texts = np.concatenate(ids), np.concatenate(texts_seen)
    return shard


def shard_figures(measured: dict[str, Shard]) -> pd.DataFrame:
    """A row per shard; repeated documents count where they occur for the second time."""
    ids = repeats.repeated(shard.ids for shard in measured.values())
    texts = repeats.repeated(shard.texts for shard in measured.values())
    rows = {
        name: {
            "bytes": shard.counts["bytes"],
            "null": shard.counts["null"],
            "empty": shard.counts["empty"],
            "repeated_ids": repeated_ids,
            "repeated_texts": repeated_texts,
            "not_nfc": shard.counts["not_nfc"],
            "control": shard.counts["control"],
            "hangul_share": shard.counts["hangul"] / max(shard.counts["visible"], 1),
            "shortest": shard.shortest,
            "longest": shard.longest,
        }
        for (name, shard), repeated_ids, repeated_texts in zip(
            measured.items(), ids, texts, strict=True
        )
        if shard.shortest is not None  # small runs have more shards than documents
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def ledger_checks(demands: DocumentsGate) -> list[Check]:
    """On the columns of ``ledgers.flow``."""
    return [
        *ledgers.balance(),
        at_most(
            "torn_files",
            demands.max_torn_files,
            "the number of a source's files that could not be read to their end",
            "look in data/ingest/quarantine for file and reason, then replace the file or raise "
            "gates.documents.max_torn_files",
        ),
        at_most(
            "quarantined_share",
            demands.max_quarantined_share,
            "the share of a source's documents that a stage quarantines",
            "look up the reasons in its quarantine folder, then mend the raw files or raise "
            "gates.documents.max_quarantined_share",
        ),
    ]


def dropped_check(stage: str, limits: dict[str, float]) -> Check:
    """On the columns of ``ledgers.dropped``."""
    others = [f"{name} {number(share)}" for name, share in limits.items() if name != "default"]
    expected = ", ".join([f"at most {number(limits['default'])}", *others])
    return at_most_each(
        "share",
        "limit",
        f"the share of a source's documents that {stage} drops",
        expected,
        f"look up the reasons in data/{stage}/ledger.json, then mend the source or raise "
        f"gates.documents.max_dropped_share.{stage} for it",
    )


def source_checks(demands: DocumentsGate) -> list[Check]:
    """On the columns of ``ledgers.shipped``."""
    return [
        contains(
            "source",
            demands.required_sources,
            "the sources that still have documents after dedup",
            "look in the ledgers where the missing one lost its documents",
        ),
        sum_at_least(
            "documents",
            demands.min_documents,
            "the number of documents after dedup",
            "add text, or lower gates.documents.min_documents",
        ),
        ledgers.kept_promise("dedup"),
    ]


def shard_checks(demands: DocumentsGate, looked_at: float) -> list[Check]:
    """On the columns of ``shard_figures``; ``looked_at`` is the share of hashes that were kept."""
    among = "" if looked_at == 1 else f" among the {looked_at:.2%} that were looked at"
    cleaner = "this is what clean should have mended: report it with the shard's name"
    length = "set the limits of clean and gates.documents.characters to each other"
    return [
        sum_at_least(
            "bytes",
            demands.min_bytes,
            "the bytes of text after dedup",
            "add text, or lower gates.documents.min_bytes",
        ),
        at_most("null", 0, "the number of documents without a text", cleaner),
        at_most("empty", 0, "the number of empty documents", cleaner),
        at_most(
            "repeated_ids", 0, f"the number of ids that occur again{among}", "run ingest again"
        ),
        at_most(
            "repeated_texts", 0, f"the number of texts that occur again{among}", "run dedup again"
        ),
        at_most("not_nfc", 0, "the number of texts that are not NFC", cleaner),
        at_most("control", 0, "the number of texts with control characters", cleaner),
        at_least(
            "hangul_share",
            demands.min_hangul_share,
            "the share of Hangul among a shard's visible characters",
            "find the source in another language, or lower gates.documents.min_hangul_share",
        ),
        at_least("shortest", demands.characters.min, "a document's length in characters", length),
        at_most("longest", demands.characters.max, "a document's length in characters", length),
    ]
