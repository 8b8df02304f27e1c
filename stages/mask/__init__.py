"""Phone numbers, resident registration numbers and bank accounts replaced by tokens.

Writes ``documents/`` and ``ledger.json`` to ``data/mask``; the ledger's extra figures count the
numbers masked, by kind. No number is ever written anywhere else.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents, executor, files, paths
from runtime.documents import DocumentReader, DocumentWriter
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.mask.masking import Hit, Masker
from stages.mask.params import MaskParams, check, masked_kinds

__all__ = ["Hit", "MaskParams", "Masker", "mask_documents"]


class Mask(PipelineStep):
    """Masks every document and counts what it masked."""

    type = "format"
    name = "mask"

    def __init__(self, params: MaskParams, ledger: Ledger) -> None:
        super().__init__()
        self.params = params
        self.ledger = ledger

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        masker = Masker(self.params)
        for document in data:
            document.text, hits = masker.mask(document.text)
            for hit in hits:
                self.ledger.count(document.metadata["source"], hit.kind)
            yield document


def mask_documents(
    params: MaskParams, progress: Progress, source: Path = paths.DEDUP, final: Path = paths.MASK
) -> None:
    """Mask the documents of ``source`` into ``final``.

    Raises:
        PolyglotError: ``source`` holds no documents, a shard of it is damaged, or ``params`` name
            an unknown kind.
    """
    check(params)
    kinds = masked_kinds(params)
    inputs = documents.shards(source / "documents")
    code = sorted(Path(__file__).parent.rglob("*.*"))
    with executor.workspace(final, executor.fingerprint(asdict(params), [*inputs, *code])) as work:
        ledger = Ledger("mask")
        blocks = [
            DocumentReader(source / "documents", ledger),
            Mask(params, ledger),
            DocumentWriter(work / "documents", ledger),
        ]
        progress.start(documents.count(source / "documents"), "documents")
        ledger = executor.run("mask", blocks, len(inputs), work, progress, ledger)
        for name in ledger.sources:
            for kind in kinds:
                ledger.count(name, kind, 0)  # none found is a figure, too
        files.write_json(work / "ledger.json", ledger.json())
    found = ledger.total().extra
    progress.headline(", ".join(f"{found[kind]:,} {kind}" for kind in kinds))
