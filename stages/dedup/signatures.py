"""Which documents repeat an earlier one, found through signatures in buckets of their hash.

datatrove's own exact deduplication keeps, of equal documents in different shards, the one that
stands nearer the beginning of its shard, and reads shards unordered; here the first one stays.

A signature is 24 bytes: 128 bits of hash, the shard and the row. Equal texts meet in the same
bucket, and only one bucket at a time is in a worker's memory.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xxhash
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

SIGNATURE = np.dtype([("high", "<u8"), ("low", "<u8"), ("shard", "<u4"), ("row", "<u4")])
FLUSH = 1_000_000  # signatures a worker gathers before it writes them


def text_hash(text: str) -> int:
    """128 bits that are equal for texts that differ only in white space."""
    return xxhash.xxh3_128_intdigest(" ".join(text.split()).encode())


class SignatureWriter(PipelineStep):
    """Rank ``r`` writes the signatures of shard ``r`` to ``<folder>/<bucket>/<r>.bin``."""

    type = "dedup"
    name = "signatures"

    def __init__(self, folder: Path, buckets: int) -> None:
        super().__init__()
        self.folder = folder
        self.buckets = buckets

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        for bucket in range(self.buckets):
            path = _file(self.folder, bucket, rank)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
        hashes: list[int] = []
        rows = 0
        for document in data:
            hashes.append(text_hash(document.text))
            if len(hashes) == FLUSH:
                self._flush(hashes, rank, rows)
                rows += len(hashes)
                hashes = []
            yield document
        self._flush(hashes, rank, rows)

    def _flush(self, hashes: list[int], rank: int, first_row: int) -> None:
        packed = b"".join(value.to_bytes(16, "little") for value in hashes)
        halves = np.frombuffer(packed, dtype=[("low", "<u8"), ("high", "<u8")])
        signatures = np.empty(len(hashes), SIGNATURE)
        signatures["high"], signatures["low"] = halves["high"], halves["low"]
        signatures["shard"] = rank
        signatures["row"] = np.arange(first_row, first_row + len(hashes))
        bucket_of = signatures["high"] % self.buckets
        for bucket in range(self.buckets):
            with _file(self.folder, bucket, rank).open("ab") as file:
                file.write(signatures[bucket_of == bucket].tobytes())


class DuplicateFinder(PipelineStep):
    """Rank ``b`` finds the duplicates of bucket ``b``: the rows to drop, a file a shard."""

    type = "dedup"
    name = "duplicates"

    def __init__(self, signatures: Path, folder: Path) -> None:
        super().__init__()
        self.signatures = signatures
        self.folder = folder
        self.done = 0.0  # buckets done

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        files = sorted((self.signatures / f"{rank:05d}").iterdir())
        found = np.concatenate([np.fromfile(file, SIGNATURE) for file in files])
        duplicates = later_occurrences(found)
        for shard, file in enumerate(files):
            rows = duplicates["row"][duplicates["shard"] == shard]
            path = self.folder / file.stem / f"{rank:05d}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows.tofile(path)
        self.done = 1.0
        yield from ()


def later_occurrences(signatures: np.ndarray) -> np.ndarray:
    """The signatures, in order of shard and row, whose hash an earlier one has."""
    order = np.lexsort([signatures[name] for name in ("row", "shard", "low", "high")])
    ordered = signatures[order]
    same = (ordered["high"][1:] == ordered["high"][:-1]) & (
        ordered["low"][1:] == ordered["low"][:-1]
    )
    return ordered[1:][same]


def duplicate_rows(folder: Path, shard: int) -> np.ndarray:
    """Rows of a shard that repeat an earlier document, in increasing order."""
    files = sorted((folder / f"{shard:05d}").iterdir())
    return np.sort(np.concatenate([np.fromfile(file, "<u4") for file in files]))


def _file(folder: Path, bucket: int, rank: int) -> Path:
    return folder / f"{bucket:05d}" / f"{rank:05d}.bin"
