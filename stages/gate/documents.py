"""Gate documents: after dedup, nothing was lost silently and every document is fit to train on."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from runtime import paths
from runtime.progress import Progress
from stages.gate import ledgers, shards
from stages.gate.params import DocumentsGate
from stages.gate.suite import Check, Table, at_least, at_most, contains, sum_at_least

HANGUL = "[가-힣ㄱ-ㅎㅏ-ㅣ]"
CONTROL = r"[\x00-\x08\x0b-\x1f\x7f\x{80}-\x{9f}]"  # all but tab and line feed


@dataclass
class Shard:
    """What is kept of a shard: counts, and 64-bit hashes that find what occurs twice.

    The hashes of all shards stay in memory, 16 bytes a document, and looking for the repeated ones
    takes 58 more at its peak: 7.4 GB for a hundred million documents.
    Two of n different documents share a hash with a probability of n² / 2⁶⁵: one in 37 for a
    billion documents, nothing to speak of below a hundred million.
    """

    counts: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    shortest: int | None = None  # characters
    longest: int = 0
    ids: list[np.ndarray] = field(default_factory=list)
    texts: list[np.ndarray] = field(default_factory=list)


def tables(demands: DocumentsGate, progress: Progress) -> list[Table]:
    """Ledgers of ingest, clean and dedup; sources and shards of what dedup wrote."""
    flow = ledgers.flow([paths.INGEST, paths.CLEAN, paths.DEDUP])
    measured = shards.scan(paths.DEDUP / "documents", measure, progress)
    shipped = ledgers.shipped(paths.DEDUP, [shard.sources for shard in measured.values()])
    return [
        Table("ledgers", flow, ledger_checks(demands)),
        Table("sources", shipped, source_checks(demands)),
        Table("shards", shard_figures(measured), shard_checks(demands)),
    ]


def measure(path: Path) -> Shard:
    """Read one shard of documents."""
    shard = Shard()
    for batch in shards.batches(path, ["id", "text", "source"]):
        texts = batch["text"].fill_null("")
        lengths = pc.utf8_length(texts)
        extent = pc.min_max(lengths).as_py()
        shard.shortest = min(
            extent["min"], extent["min"] if shard.shortest is None else shard.shortest
        )
        shard.longest = max(extent["max"], shard.longest)
        shard.sources += shards.by_source(batch["source"])
        shard.ids.append(_hashes(batch["id"].fill_null("")))
        shard.texts.append(_hashes(texts))
        shard.counts += Counter(
            bytes=shards.total(pc.binary_length(texts)),
            characters=shards.total(lengths),
            spaces=shards.occurrences(texts, r"\s"),
            hangul=shards.occurrences(texts, HANGUL),
            null=batch["text"].null_count,
            empty=shards.total(pc.equal(pc.utf8_trim_whitespace(texts), "")),
            control=shards.matching(texts, CONTROL),
            not_nfc=sum(not unicodedata.is_normalized("NFC", t) for t in texts.to_pylist()),
        )
    return shard


def shard_figures(measured: dict[str, Shard]) -> pd.DataFrame:
    """A row per shard; repeated documents count where they occur for the second time."""
    ids = _repeats([shard.ids for shard in measured.values()])
    texts = _repeats([shard.texts for shard in measured.values()])
    rows = {
        name: {
            "bytes": shard.counts["bytes"],
            "null": shard.counts["null"],
            "empty": shard.counts["empty"],
            "repeated_ids": repeated_ids,
            "repeated_texts": repeated_texts,
            "not_nfc": shard.counts["not_nfc"],
            "control": shard.counts["control"],
            "hangul_share": shard.counts["hangul"]
            / max(shard.counts["characters"] - shard.counts["spaces"], 1),
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
        at_most(
            "dropped_share",
            demands.max_dropped_share,
            "the share of a source's documents that a stage drops",
            "look up the reasons in its ledger.json, then mend the source or raise "
            "gates.documents.max_dropped_share",
        ),
    ]


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


def shard_checks(demands: DocumentsGate) -> list[Check]:
    """On the columns of ``shard_figures``."""
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
        at_most("repeated_ids", 0, "the number of ids that occur again", "run ingest again"),
        at_most("repeated_texts", 0, "the number of texts that occur again", "run dedup again"),
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


def _hashes(texts: pa.Array) -> np.ndarray:
    return pd.util.hash_array(texts.to_numpy(zero_copy_only=False), categorize=False)


def _repeats(shards_of_hashes: list[list[np.ndarray]]) -> list[int]:
    """Per shard, how many hashes have occurred before, in it or in an earlier one."""
    parts = [np.concatenate([np.empty(0, np.uint64), *batches]) for batches in shards_of_hashes]
    everything = np.concatenate([np.empty(0, np.uint64), *parts])
    again = np.ones(len(everything), bool)
    again[np.unique(everything, return_index=True)[1]] = False
    ends = np.cumsum([len(part) for part in parts])
    return [int(part.sum()) for part in np.split(again, ends[:-1])]
