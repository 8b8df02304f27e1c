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

from runtime import documents
from runtime.ledger import Ledger
from stages.dedup import columns
from stages.dedup.exchange import Exchange, records

HASH = np.dtype([("low", "<u8"), ("high", "<u8")])
SIGNATURE = np.dtype([("high", "<u8"), ("low", "<u8"), ("shard", "<u4"), ("row", "<u4")])
ROW = np.dtype("<u4")


def text_hash(text: str) -> bytes:
    """16 bytes that are equal for texts that differ only in white space."""
    return xxhash.xxh3_128_digest(" ".join(text.split()).encode())


class SignatureWriter(PipelineStep):
    """Rank ``r`` writes the signatures of shard ``r``, a part a bucket."""

    type = "dedup"
    name = "signatures"

    def __init__(self, shards: list[Path], folder: Path, buckets: int) -> None:
        super().__init__()
        self.shards = shards
        self.folder = folder
        self.buckets = buckets
        self.ledger = Ledger("")  # what was read, for the progress
        self.done = 0.0  # documents read

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        with Exchange(self.folder, rank, self.buckets, SIGNATURE) as exchange:
            for batch in documents.read_batches(self.shards[rank], ["text"]):
                digests = b"".join(map(text_hash, batch.column(0).to_pylist()))
                halves = np.frombuffer(digests, HASH)
                signatures = np.empty(len(halves), SIGNATURE)
                signatures["high"], signatures["low"] = halves["high"], halves["low"]
                signatures["shard"] = rank
                signatures["row"] = int(self.done) + np.arange(len(halves))
                exchange.write(signatures, signatures["high"] % self.buckets)
                columns.take(batch, self.ledger)
                self.done += len(halves)
        yield from ()


class DuplicateFinder(PipelineStep):
    """Rank ``b`` finds the duplicates of bucket ``b``: the rows to drop, a part a shard."""

    type = "dedup"
    name = "duplicates"

    def __init__(self, signatures: Path, folder: Path, shards: int) -> None:
        super().__init__()
        self.signatures = signatures
        self.folder = folder
        self.shards = shards
        self.done = 0.0  # buckets done

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        duplicates = later_occurrences(records(self.signatures, rank, SIGNATURE))
        with Exchange(self.folder, rank, self.shards, ROW) as exchange:
            exchange.write(duplicates["row"], duplicates["shard"])
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


def listed(folder: Path, shard: int, rows: int) -> np.ndarray:
    """bool [rows]: the documents of a shard that are listed for it in ``folder``."""
    mask = np.zeros(rows, bool)
    mask[records(folder, shard, ROW)] = True
    return mask
