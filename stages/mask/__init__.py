"""Personal numbers replaced by tokens: phones, resident registration numbers, bank accounts.

Writes ``documents/``, ``ledger.json`` and ``samples.json`` to ``data/mask``. The ledger's extra
figures count what was masked by kind (``phone``) and by rule (``phone/mobile``), and the
``characters`` of the masked text; the samples show places with all digits hidden. No number is
ever written anywhere else.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents, executor, files, paths
from runtime.documents import SCHEMA
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.mask.columns import mask_column
from stages.mask.masking import Hit, Masker
from stages.mask.params import MaskParams, check, masked_kinds
from stages.mask.samples import Sample, Samples

__all__ = ["Hit", "MaskParams", "Masker", "mask_documents"]


class Mask(PipelineStep):
    """Rank ``r`` masks shard ``r``, by columns: most documents never become Python objects."""

    type = "format"
    name = "mask"

    def __init__(self, params: MaskParams, shards: list[Path], work: Path, ledger: Ledger) -> None:
        super().__init__()
        self.params = params
        self.shards = shards
        self.work = work
        self.ledger = ledger
        self.done = 0.0  # documents masked

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        masker = Masker(self.params)
        samples = Samples(self.params.samples)
        writer = documents.BatchWriter(self.work / "documents" / f"{rank:05d}.parquet")
        for batch in documents.read_batches(self.shards[rank], SCHEMA.names):
            texts, found = mask_column(masker, batch.column("text"))
            masked = batch.set_column(SCHEMA.get_field_index("text"), "text", texts)
            self._count(batch, masked)
            for row, hits in found:
                source, document = batch["source"][row].as_py(), batch["id"][row].as_py()
                self._count_hits(source, hits)
                samples.offer(source, document, hits, texts[row].as_py())
            writer.write(masked)
            self.done += batch.num_rows
        writer.close()
        files.write_json(_samples(self.work) / f"{rank:05d}.json", samples.json())
        yield from ()

    def _count(self, batch: pa.RecordBatch, masked: pa.RecordBatch) -> None:
        sizes = [_numbers(pc.binary_length(texts)) for texts in (batch["text"], masked["text"])]
        characters = _numbers(pc.utf8_length(masked["text"]))
        sources = batch["source"].dictionary_encode()
        source_of = _numbers(sources.indices)
        for number, source in enumerate(sources.dictionary.to_pylist()):
            mine = source_of == number
            account = self.ledger.sources[source]
            for count, size in zip((account.taken, account.kept), sizes, strict=True):
                count.add(int(mine.sum()), int(size[mine].sum()))
            account.extra["characters"] += int(characters[mine].sum())

    def _count_hits(self, source: str, hits: list[Hit]) -> None:
        for hit in hits:
            self.ledger.count(source, hit.kind)
            self.ledger.count(source, f"{hit.kind}/{hit.rule}")


def mask_documents(
    params: MaskParams, progress: Progress, source: Path = paths.DEDUP, final: Path = paths.MASK
) -> None:
    """Mask the documents of ``source`` into ``final``.

    Raises:
        PolyglotError: ``source`` holds no documents, a shard of it is damaged, or ``params`` name
            an unknown kind.
    """
    check(params)
    inputs = documents.shards(source / "documents")
    folder = Path(__file__).parent
    code = sorted([*folder.rglob("*.py"), *folder.rglob("*.yaml")])
    with executor.workspace(final, executor.fingerprint(asdict(params), [*inputs, *code])) as work:
        ledger = Ledger("mask")
        mask = Mask(params, inputs, work, ledger)
        progress.start(documents.count(source / "documents"), "documents")
        ledger = executor.run("mask", [mask], len(inputs), work, progress, ledger)
        for name in ledger.sources:
            for figure in _figures(params):
                ledger.count(name, figure, 0)  # none found is a figure, too
        files.write_json(work / "ledger.json", ledger.json())
        files.write_json(work / "samples.json", _merged(params, work).json())
    found = ledger.total().extra
    progress.headline(", ".join(f"{found[kind]:,} {kind}" for kind in masked_kinds(params)))


def _figures(params: MaskParams) -> list[str]:
    rules = [rule for family in Masker(params).families for rule in family.rules]
    return [*masked_kinds(params), *(f"{rule.kind}/{rule.name}" for rule in rules)]


def _merged(params: MaskParams, work: Path) -> Samples:
    samples = Samples(params.samples)
    for part in sorted(_samples(work).glob("*.json")):
        for sample in files.read_json(part):
            samples.add(Sample(**sample))
    return samples


def _samples(work: Path) -> Path:
    return work / "state" / "samples"


def _numbers(column: pa.Array) -> np.ndarray:
    return column.to_numpy(zero_copy_only=False)
