"""MinHash of long documents: which of them are likely to be almost the same text.

A document is the set of its character n-grams (Broder, 1997). For every permutation of the hashes
the least one stays; ``rows`` of them together make the hash of a band, and documents that agree in
a band are taken for near duplicates (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets,
section 3.4).

datatrove's blocks for this are not used: their Korean word tokenizer runs at 0.04 MB/s a core (here
it is 35, on documents of 4 KB), their normalisation takes Hangul syllables apart (NFD), their
search merges signatures one by one in Python, and their clustering is one task that holds every
document of a cluster in a dictionary: 24 GB for 1.2 TB, by benchmarks/minhash_clustering.py.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents
from runtime.ledger import Ledger
from stages.dedup import columns
from stages.dedup.characters import mixed, pieces
from stages.dedup.exchange import Exchange
from stages.dedup.params import MinHashParams
from stages.dedup.signatures import listed

BAND = np.dtype([("hash", "<u8"), ("document", "<u8")])
STRIDE = 1 << 14  # n-grams permuted at a time: they stay in the processor's cache
NONE = np.uint32(0xFFFFFFFF)


class MinHash:
    """The permutations: multiply and add modulo 2^32, on hashes that are well mixed already."""

    def __init__(self, params: MinHashParams) -> None:
        random = np.random.default_rng(params.seed)
        count = params.bands * params.rows
        self.params = params
        self.factors = random.integers(0, 1 << 31, count, np.uint32) * np.uint32(2) + np.uint32(1)
        self.terms = random.integers(0, 1 << 32, count, np.uint32)

    def signatures(self, texts: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
        """uint32 [texts, bands * rows]: the least hashes; int64 [texts]: letters and digits."""
        least = np.full((len(texts), len(self.factors)), NONE, np.uint32)
        characters = np.zeros(len(texts), np.int64)
        for piece in pieces(texts):
            text_of = piece.text_of() + piece.first
            counts = np.bincount(text_of, minlength=len(texts))
            characters = np.maximum(characters, counts)  # of a long text, one piece is enough
            hashes, positions = piece.windows(self.params.ngram)
            values = (hashes >> np.uint64(32)).astype(np.uint32)
            for first in range(0, len(values), STRIDE):
                part = slice(first, first + STRIDE)
                self._permute(values[part], text_of[positions[part]], least)
        return least, characters

    def _permute(self, values: np.ndarray, text_of: np.ndarray, least: np.ndarray) -> None:
        starts = np.flatnonzero(np.diff(text_of, prepend=-1))
        texts = text_of[starts]
        permuted = np.empty_like(values)
        for column, (factor, term) in enumerate(zip(self.factors, self.terms, strict=True)):
            np.multiply(values, factor, out=permuted)
            np.add(permuted, term, out=permuted)
            found = np.minimum.reduceat(permuted, starts)
            least[texts, column] = np.minimum(least[texts, column], found)

    def bands(self, signatures: np.ndarray) -> np.ndarray:
        """uint64 [texts, bands]: a hash of the rows of each band and of its number.

        64 bits: among 8 * 10^9 band hashes two are expected to be equal by chance.
        """
        bands, rows = self.params.bands, self.params.rows
        hashes = np.broadcast_to(np.arange(bands, dtype=np.uint64), (len(signatures), bands))
        for row in range(rows):
            hashes = mixed(hashes + signatures[:, row::rows].astype(np.uint64) + np.uint64(1))
        return hashes


class BandWriter(PipelineStep):
    """Rank ``r`` writes the band hashes of shard ``r``'s long documents, a part a bucket.

    ``duplicates`` lists the documents left out, being equal to an earlier one. A document's number
    is ``shard << 32 | row``, so that numbers are in the documents' order.
    """

    type = "dedup"
    name = "minhash"

    def __init__(
        self,
        shards: list[Path],
        duplicates: Path,
        folder: Path,
        buckets: int,
        params: MinHashParams,
    ) -> None:
        super().__init__()
        self.shards = shards
        self.duplicates = duplicates
        self.folder = folder
        self.buckets = buckets
        self.minhash = MinHash(params)
        self.ledger = Ledger("")  # what was read, for the progress
        self.done = 0.0  # documents read

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        shard = self.shards[rank]
        unique = ~listed(self.duplicates, rank, documents.rows(shard))
        row = 0
        with Exchange(self.folder, rank, self.buckets, BAND) as exchange:
            for batch in documents.read_batches(shard, ["text"]):
                self._write(
                    batch.column(0), unique[row : row + batch.num_rows], rank, row, exchange
                )
                columns.take(batch, self.ledger)
                row += batch.num_rows
                self.done = float(row)
        yield from ()

    def _write(
        self, texts: pa.StringArray, unique: np.ndarray, rank: int, first: int, exchange: Exchange
    ) -> None:
        least = self.minhash.params.min_characters
        rows = np.flatnonzero(unique & (columns.sizes(texts) >= least))
        if not len(rows):
            return
        signatures, characters = self.minhash.signatures(pc.take(texts, pa.array(rows)))
        enough = characters >= max(least, self.minhash.params.ngram)
        hashes = self.minhash.bands(signatures[enough])
        numbers = np.uint64(rank << 32) + (first + rows[enough]).astype(np.uint64)
        bands = np.empty(hashes.size, BAND)
        bands["hash"] = hashes.ravel()
        bands["document"] = np.repeat(numbers, hashes.shape[1])
        exchange.write(bands, bands["hash"] % np.uint64(self.buckets))
