"""The last pass: what repeats an earlier document or holds a test item goes, the rest is copied."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents
from runtime.documents import SCHEMA
from runtime.ledger import Ledger
from stages.dedup import columns
from stages.dedup.decontamination import Decontamination
from stages.dedup.signatures import listed

REASONS = ("", "duplicate", "near_duplicate", "contaminated")  # a verdict is a place in this row
DUPLICATE, NEAR_DUPLICATE, CONTAMINATED = 1, 2, 3


def contaminated(task: str) -> str:
    """The ledger's figure for documents that hold a test item of ``task``."""
    return f"contaminated_{task}"


class Removal(PipelineStep):
    """Rank ``r`` copies shard ``r`` without the documents that are to go, and counts all.

    ``duplicates`` and ``clusters`` list documents by shard; a document that both list is a
    duplicate. Evaluation items are looked for in what is left.
    """

    type = "filter"
    name = "removal"

    def __init__(
        self,
        shards: list[Path],
        duplicates: Path,
        clusters: Path,
        target: Path,
        decontamination: Decontamination | None,
        ledger: Ledger,
    ) -> None:
        super().__init__()
        self.shards = shards
        self.duplicates = duplicates
        self.clusters = clusters
        self.target = target
        self.decontamination = decontamination
        self.ledger = ledger
        self.done = 0.0  # documents read

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        shard = self.shards[rank]
        verdicts = np.zeros(documents.rows(shard), np.int8)
        verdicts[listed(self.clusters, rank, len(verdicts))] = NEAR_DUPLICATE
        verdicts[listed(self.duplicates, rank, len(verdicts))] = DUPLICATE
        writer = documents.BatchWriter(self.target / f"{rank:05d}.parquet")
        row = 0
        for batch in documents.read_batches(shard, SCHEMA.names):
            verdict = verdicts[row : row + batch.num_rows]
            row += batch.num_rows
            if self.decontamination:
                self._decontaminate(self.decontamination, batch, verdict)
            self._count(batch, verdict)
            writer.write(batch.filter(pa.array(verdict == 0)))
            self.done = float(row)
        writer.close()
        yield from ()

    def _decontaminate(
        self, decontamination: Decontamination, batch: pa.RecordBatch, verdict: np.ndarray
    ) -> None:
        left = np.flatnonzero(verdict == 0)
        texts = batch.column("text").take(pa.array(left))
        for number, items in decontamination.held(texts).items():
            source = batch.column("source")[int(left[number])].as_py()
            verdict[left[number]] = CONTAMINATED
            for task in {decontamination.tasks[item] for item in items}:
                self.ledger.count(source, contaminated(task))

    def _count(self, batch: pa.RecordBatch, verdict: np.ndarray) -> None:
        sizes = columns.sizes(batch.column("text"))
        encoded = batch.column("source").dictionary_encode()
        source_of = encoded.indices.to_numpy(zero_copy_only=False)
        for number, source in enumerate(encoded.dictionary.to_pylist()):
            mine = source_of == number
            account = self.ledger.sources[source]
            account.taken.add(int(mine.sum()), int(sizes[mine].sum()))
            for place in np.unique(verdict[mine]).tolist():
                of_reason = mine & (verdict == place)
                count = account.dropped[REASONS[place]] if place else account.kept
                count.add(int(of_reason.sum()), int(sizes[of_reason].sum()))
