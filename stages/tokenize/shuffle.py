"""Second pass: the runs of all shards merged into files, in one random order of all documents."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import files
from stages.tokenize import runs

ENDS = np.dtype("<u8")


class Shuffle(PipelineStep):
    """The only block of its pass: rank ``r`` writes one file of one split.

    Of a split's ``files`` number ``k`` holds the documents whose places are in the ``k``-th of as
    many equal ranges. ``<name>.ds`` has token ids, ``<name>.ds.index`` where every document ends,
    as datatrove's readers expect them.
    """

    type = "writer"
    name = "shuffle"

    def __init__(self, encoded: Path, folder: Path, files_of: dict[str, int]) -> None:
        super().__init__()
        self.encoded = encoded
        self.folder = folder
        self.tasks = [(name, k, count) for name, count in files_of.items() for k in range(count)]
        self.done = 0.0

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        split, number, count = self.tasks[rank]
        first, last = (place * runs.PLACES // count for place in (number, number + 1))
        documents = runs.read(self.encoded / split, first, last)
        name = f"{split}/{number:05d}.ds"
        note = {"name": name, **self._write(documents, self.folder / name)}
        files.write_json(self.encoded / "files" / split / f"{number:05d}.json", note)
        yield from ()

    def _write(self, documents: runs.Documents, path: Path) -> dict[str, Any]:
        """Write a file and its index; ``documents``, ``tokens`` and ``sha256`` of the file."""
        path.parent.mkdir(exist_ok=True)
        ordered, digest = documents.ordered(), hashlib.sha256()
        with path.open("wb") as file:
            for count, ids in ordered.blocks():
                file.write(ids.data)
                digest.update(ids.data)
                self.done += count
        ends = np.cumsum(ordered.lengths).astype(ENDS)
        ends.tofile(path.with_name(f"{path.name}.index"))
        return {
            "documents": len(ends),
            "tokens": len(documents.ids),
            "sha256": digest.hexdigest(),
        }
