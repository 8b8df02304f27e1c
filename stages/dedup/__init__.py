"""Deduplication and decontamination over all sources: every text once, and no test item.

Of equal texts the first in order stays, then of texts that are nearly equal; what holds an item of
the evaluation's test sets goes. Texts are equal if they differ only in white space. Passes:

    sign, find            hashes of every text, and those that an earlier text has
    minhash, pairs        band hashes of long texts, and texts that share one
    stars, clusters       which of them hang together, round after round
    drop                  the documents that are left

Writes ``documents/`` and ``ledger.json`` to ``data/dedup``.
"""

import shutil
from dataclasses import asdict
from pathlib import Path

from datatrove.pipeline.base import PipelineStep

from runtime import documents, executor, files, paths
from runtime.ledger import Account, Ledger
from runtime.progress import Progress
from stages.dedup import items
from stages.dedup.clusters import BandPairs, join
from stages.dedup.decontamination import Decontamination
from stages.dedup.minhash import BandWriter
from stages.dedup.params import DedupParams, MinHashParams
from stages.dedup.removal import REASONS, Removal, contaminated
from stages.dedup.signatures import DuplicateFinder, SignatureWriter

__all__ = ["DedupParams", "dedup"]


class Passes:
    """The passes over the shards of ``source``, and what they leave each other."""

    def __init__(self, params: DedupParams, source: Path, work: Path, progress: Progress) -> None:
        self.params = params
        self.shards = documents.shards(source)
        self.count = documents.count(source)
        self.work = work
        self.exchange = work / "state" / "exchange"  # away from the executor's own folders
        self.progress = progress
        self.duplicates = self.exchange / "duplicates"  # rows to drop, by shard
        self.clusters = self.exchange / "clusters"

    def run(
        self,
        name: str,
        block: PipelineStep,
        unit: str,
        *,
        by_part: bool = False,
        ledger: Ledger | None = None,
    ) -> Ledger:
        """One pass: a task a part if ``by_part``, else a task a shard; ``unit`` is what is done."""
        tasks = self.params.buckets if by_part else len(self.shards)
        self.progress.start(tasks if by_part else self.count, unit)
        ledger = ledger or Ledger("dedup")
        return executor.run(name, [block], tasks, self.work, self.progress, ledger)

    def equal(self) -> None:
        """List the documents that repeat an earlier one."""
        signatures = self.exchange / "signatures"
        sign = SignatureWriter(self.shards, signatures, self.params.buckets)
        self.run("sign", sign, "documents signed")
        find = DuplicateFinder(signatures, self.duplicates, len(self.shards))
        self.run("find", find, "buckets compared", by_part=True)
        shutil.rmtree(signatures, ignore_errors=True)

    def nearly_equal(self, params: MinHashParams) -> None:
        """List the documents that are not the first of their cluster."""
        buckets = self.params.buckets
        bands, pairs = self.exchange / "bands", self.exchange / "pairs"
        minhash = BandWriter(self.shards, self.duplicates, bands, buckets, params)
        self.run("minhash", minhash, "documents hashed")
        pair = BandPairs(bands, pairs, buckets, Ledger("dedup"))
        self.run("pairs", pair, "buckets paired", by_part=True)
        shutil.rmtree(bands, ignore_errors=True)
        join(pairs, self.clusters, self.exchange, buckets, len(self.shards), self._join)

    def _join(self, name: str, block: PipelineStep, ledger: Ledger) -> Ledger:
        return self.run(name, block, "parts of pairs joined", by_part=True, ledger=ledger)

    def drop(self, decontamination: Decontamination | None) -> Ledger:
        """Copy the documents that are left."""
        ledger = Ledger("dedup")
        removal = Removal(
            self.shards,
            self.duplicates,
            self.clusters,
            self.work / "documents",
            decontamination,
            ledger,
        )
        return self.run("drop", removal, "documents written", ledger=ledger)


def dedup(
    params: DedupParams,
    progress: Progress,
    source: Path = paths.CLEAN,
    final: Path = paths.DEDUP,
) -> None:
    """Write the documents of ``source`` that repeat no other and hold no test item to ``final``.

    Raises:
        PolyglotError: ``source`` holds no documents, a shard of it is damaged, or the evaluation's
            test sets are missing.
    """
    found = source / "documents"
    held = params.decontamination
    texts: list[Path] = []
    decontamination = None
    if held.data:
        texts = items.files(held.data, held.tasks)
        decontamination = Decontamination(items.load(held.data, held.tasks), held)
    inputs = [*documents.shards(found), *texts, *sorted(Path(__file__).parent.glob("*.py"))]
    with executor.workspace(final, executor.fingerprint(asdict(params), inputs)) as work:
        passes = Passes(params, found, work, progress)
        passes.equal()
        if params.minhash:
            passes.nearly_equal(params.minhash)
        ledger = passes.drop(decontamination)
        for name in ledger.sources if decontamination else ():
            for task in held.tasks:
                ledger.count(name, contaminated(task), 0)  # none found is a figure, too
        files.write_json(work / "ledger.json", ledger.json())
    progress.headline(_headline(ledger.total()))


def _headline(total: Account) -> str:
    share = {
        reason: total.dropped[reason].documents / max(1, total.taken.documents)
        for reason in REASONS[1:]
    }
    return (
        f"{total.kept.documents:,} documents, {share['duplicate']:.1%} duplicates, "
        f"{share['near_duplicate']:.1%} nearly so, {share['contaminated']:.2%} with test items"
    )
