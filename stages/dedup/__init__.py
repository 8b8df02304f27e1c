"""Exact deduplication over all sources: of equal texts, the first in order stays.

Texts are equal if they differ only in white space. Three passes: signatures of every shard,
duplicates of every bucket of signatures, and the documents that are left. Writes ``documents/``
and ``ledger.json`` to ``data/dedup``.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents, executor, files, paths
from runtime.documents import DocumentReader, DocumentWriter, size
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.dedup.params import DedupParams
from stages.dedup.signatures import DuplicateFinder, SignatureWriter, duplicate_rows

__all__ = ["DedupParams", "dedup"]


class DropDuplicates(PipelineStep):
    """Rank ``r`` drops from shard ``r`` the rows that ``DuplicateFinder`` listed."""

    type = "filter"
    name = "duplicates"

    def __init__(self, duplicates: Path, ledger: Ledger) -> None:
        super().__init__()
        self.duplicates = duplicates
        self.ledger = ledger

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        rows = iter(duplicate_rows(self.duplicates, rank).tolist())
        duplicate = next(rows, None)
        for row, document in enumerate(data):
            if row == duplicate:
                self.ledger.drop(document.metadata["source"], "duplicate", size(document.text))
                duplicate = next(rows, None)
            else:
                yield document


def dedup(
    params: DedupParams,
    progress: Progress,
    source: Path = paths.CLEAN,
    final: Path = paths.DEDUP,
) -> None:
    """Write the documents of ``source`` that repeat no earlier one to ``final``.

    Raises:
        PolyglotError: ``source`` holds no documents, or a shard of it is damaged.
    """
    found = source / "documents"
    inputs = documents.shards(found)
    code = sorted(Path(__file__).parent.glob("*.py"))
    with executor.workspace(final, executor.fingerprint(asdict(params), [*inputs, *code])) as work:
        signatures, duplicates = work / "state/signatures", work / "state/duplicates"
        ledger = Ledger("dedup")

        def run(name: str, blocks: list[PipelineStep], tasks: int, total: int, unit: str) -> Ledger:
            progress.start(total, unit)
            return executor.run(name, blocks, tasks, work, progress, ledger)

        count = documents.count(found)
        writer = SignatureWriter(signatures, params.buckets)
        run("sign", [DocumentReader(found), writer], len(inputs), count, "documents read")
        finder = DuplicateFinder(signatures, duplicates)
        run("find", [finder], params.buckets, params.buckets, "buckets compared")
        blocks = [
            DocumentReader(found, ledger),
            DropDuplicates(duplicates, ledger),
            DocumentWriter(work / "documents", ledger),
        ]
        ledger = run("drop", blocks, len(inputs), count, "documents written")
        files.write_json(work / "ledger.json", ledger.json())
    total = ledger.total()
    share = total.dropped["duplicate"].documents / max(1, total.taken.documents)
    progress.headline(f"{total.kept.documents:,} documents, {share:.1%} duplicates")
