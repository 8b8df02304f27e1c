"""Phone numbers, resident registration numbers and bank accounts replaced by tokens.

Writes ``documents/`` and ``ledger.json`` to ``data/mask``; the ledger's extra figures count the
numbers masked, by kind. No number is ever written anywhere else.
"""

from collections.abc import Iterator
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents, executor, files, paths
from runtime.documents import DocumentReader, DocumentWriter
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.mask.masking import TOKENS, Hit, mask

__all__ = ["TOKENS", "Hit", "mask", "mask_documents"]


class Mask(PipelineStep):
    """Masks every document and counts what it masked."""

    type = "format"
    name = "mask"

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        for document in data:
            document.text, hits = mask(document.text)
            for hit in hits:
                self.ledger.count(document.metadata["source"], hit.kind)
            yield document


def mask_documents(
    progress: Progress, source: Path = paths.DEDUP, final: Path = paths.MASK
) -> None:
    """Mask the documents of ``source`` into ``final``.

    Raises:
        PolyglotError: ``source`` holds no documents, or a shard of it is damaged.
    """
    inputs = documents.shards(source / "documents")
    code = sorted(Path(__file__).parent.glob("*.*"))
    with executor.workspace(final, executor.fingerprint({}, [*inputs, *code])) as work:
        ledger = Ledger("mask")
        blocks = [
            DocumentReader(source / "documents", ledger),
            Mask(ledger),
            DocumentWriter(work / "documents", ledger),
        ]
        progress.start(documents.count(source / "documents"), "documents")
        ledger = executor.run("mask", blocks, len(inputs), work, progress, ledger)
        for name in ledger.sources:
            for kind in TOKENS:
                ledger.count(name, kind, 0)  # none found is a figure, too
        files.write_json(work / "ledger.json", ledger.json())
    found = ledger.total().extra
    progress.headline(", ".join(f"{found[kind]:,} {kind}" for kind in TOKENS))
