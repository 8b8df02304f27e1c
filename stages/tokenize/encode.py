"""First pass: a shard of documents encoded, split, repeated, and sorted by random places."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import files
from runtime.documents import size
from stages.tokenize import runs
from stages.tokenize.params import TokenizeParams
from stages.tokenize.split import SPLITS, Split, copies_of, place_of, split_of
from stages.tokenize.vocabulary import Vocabulary

BATCH_CHARACTERS = 1 << 20  # documents of so much text together are encoded at once
HELD = 1 << 28  # bytes of documents that a split holds before it writes them


class Encode(PipelineStep):
    """Last block: rank ``r`` leaves runs ``<split>/<r>-000`` and so on below ``folder``.

    When ``HELD`` is reached, what is held is written, however much is to come: a larger shard takes
    no more memory. Beside the runs goes a note of what the sources have, ``notes/<r>.json``.
    """

    type = "writer"
    name = "encode"

    def __init__(self, folder: Path, tokenizer: Path, params: TokenizeParams) -> None:
        super().__init__()
        self.folder = folder
        self.tokenizer = tokenizer
        self.params = params

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        vocabulary = Vocabulary(self.tokenizer)
        splits = {name: Split() for name in SPLITS}
        written = dict.fromkeys(SPLITS, 0)
        for batch in batches(data):
            drawn = [(document, *self._draw(document)) for document in batch]
            encoded = iter(vocabulary.encode([d.text for d, _, places in drawn if places]))
            for document, name, places in drawn:
                ids = next(encoded) if places else []
                splits[name].add(ids, places, document.metadata["source"], size(document.text))
                if splits[name].held >= HELD:
                    self._write(splits[name], name, rank, written)
            yield from batch
        for name, split in splits.items():
            self._write(split, name, rank, written)
        note = {
            name: {"sources": split.sources, "offered": split.offered}
            for name, split in splits.items()
        }
        files.write_json(self.folder / "notes" / f"{rank:05d}.json", note)

    def _draw(self, document: Document) -> tuple[str, list[int]]:
        """The split of a document and the place of each of its copies there."""
        split = split_of(document.id, self.params.validation_share)
        factor = self.params.epochs.get(document.metadata["source"], 1.0)
        copies = copies_of(document.id, factor) if split == "train" else 1
        return split, [place_of(document.id, self.params.seed, copy) for copy in range(copies)]

    def _write(self, split: Split, name: str, rank: int, written: dict[str, int]) -> None:
        runs.write(self.folder / name / f"{rank:05d}-{written[name]:03d}", split.documents())
        split.clear()
        written[name] += 1


def batches(data: Iterable[Document]) -> Iterator[list[Document]]:
    """Documents in their order, about ``BATCH_CHARACTERS`` of text at a time."""
    batch: list[Document] = []
    characters = 0
    for document in data:
        batch.append(document)
        characters += len(document.text)
        if characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
