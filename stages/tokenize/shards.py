"""Writes the token files of one shard of documents, and notes what is in them."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import files
from runtime.documents import size
from stages.tokenize.params import TokenizeParams
from stages.tokenize.split import SPLITS, Split, copies_of, place_of, split_of
from stages.tokenize.vocabulary import Vocabulary

BATCH_CHARACTERS = 1 << 20  # documents of so much text together are encoded at once
BUFFER = 1 << 20  # bytes written at once
HELD = 1 << 28  # bytes of documents that a split holds before it writes them


class TokenWriter(PipelineStep):
    """Last block: a rank writes its documents as ``train/00003-000.ds`` and so on, shuffled.

    When ``HELD`` is reached, what is held is written, however much is to come: a larger shard
    takes no more memory.

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
        written: dict[str, list[dict[str, Any]]] = {name: [] for name in SPLITS}
        for batch in batches(data):
            drawn = [(document, *self._draw(document)) for document in batch]
            encoded = iter(vocabulary.encode([d.text for d, _, places in drawn if places]))
            for document, name, places in drawn:
                ids = next(encoded) if places else []
                split = splits[name]
                split.add(ids, places, document.metadata["source"], size(document.text))
                if split.held >= HELD:
                    self._write(split, f"{name}/{rank:05d}", written[name])
            yield from batch
        for name, split in splits.items():
            self._write(split, f"{name}/{rank:05d}", written[name])
        note = {
            name: {"files": written[name], "sources": split.sources, "offered": split.offered}
            for name, split in splits.items()
        }
        files.write_json(self.folder / "state" / "notes" / f"{rank:05d}.json", note)

    def _draw(self, document: Document) -> tuple[str, list[int]]:
        """The split of a document and the place of each of its copies there."""
        split = split_of(document.id, self.params.validation_share)
        factor = self.params.epochs.get(document.metadata["source"], 1.0)
        copies = copies_of(document.id, factor) if split == "train" else 1
        return split, [place_of(document.id, self.params.seed, copy) for copy in range(copies)]

    def _write(self, split: Split, prefix: str, written: list[dict[str, Any]]) -> None:
        """Write what ``split`` holds as ``<prefix>-000.ds`` and so on, after those ``written``.

        Adds ``name``, ``tokens`` and ``sha256`` of each file.
        """
        for documents in split.files(self.params.shard_tokens):
            name = f"{prefix}-{len(written):03d}.ds"
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            written.append({"name": name} | write(documents, path))
        split.clear()


def write(documents: Iterable[np.ndarray], path: Path) -> dict[str, Any]:
    """Write the ids of ``documents`` one after another; ``tokens`` and ``sha256`` of the file."""
    tokens, digest = 0, hashlib.sha256()
    with path.open("wb", BUFFER) as file:
        for ids in documents:
            file.write(ids.data)
            digest.update(ids.data)
            tokens += len(ids)
    return {"tokens": tokens, "sha256": digest.hexdigest()}


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
