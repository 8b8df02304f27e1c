"""Writes the token files of one shard of documents, and notes what is in them."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import files
from runtime.documents import size
from stages.tokenize.params import TokenizeParams
from stages.tokenize.split import SPLITS, Split, place_of, split_of
from stages.tokenize.vocabulary import Vocabulary

BATCH_CHARACTERS = 1 << 20  # documents of so much text together are encoded at once


class TokenWriter(PipelineStep):
    """Last block: a rank writes its documents as ``train/00003-000.ds`` and so on, shuffled.

    Beside them goes a note of which the manifest is made, ``state/notes/00003.json``.
    """

    type = "writer"
    name = "tokens"

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
        for batch in batches(data):
            texts = [document.text for document in batch]
            for document, ids in zip(batch, vocabulary.encode(texts), strict=True):
                split = splits[split_of(document.id, self.params.validation_share)]
                place = place_of(document.id, self.params.seed)
                split.add(ids, place, document.metadata["source"], size(document.text))
            yield from batch
        note = {
            name: {"files": self._write(split, f"{name}/{rank:05d}"), "sources": split.sources}
            for name, split in splits.items()
        }
        files.write_json(self.folder / "state" / "notes" / f"{rank:05d}.json", note)

    def _write(self, split: Split, prefix: str) -> list[dict[str, Any]]:
        """Write ``<prefix>-000.ds`` and so on; returns ``name``, ``tokens``, ``sha256`` of each."""
        written = []
        for number, ids in enumerate(split.files(self.params.shard_tokens)):
            name = f"{prefix}-{number:03d}.ds"
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            ids.tofile(path)
            digest = hashlib.sha256(ids.data).hexdigest()
            written.append({"name": name, "tokens": len(ids), "sha256": digest})
        return written


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
