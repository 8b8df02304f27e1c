"""First pass: a shard of documents encoded, split, repeated, and sorted by random places."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime import documents, files
from stages.tokenize import runs
from stages.tokenize.params import TokenizeParams
from stages.tokenize.split import SPLITS, copies_of, held_out, places_of, random_bits
from stages.tokenize.vocabulary import Vocabulary

COLUMNS = ["id", "text", "source"]
BATCH_CHARACTERS = 1 << 20  # documents of so much text together are encoded at once
HELD = 1 << 28  # bytes of documents that a split holds before it writes them
TOKEN, COPY = 2, 48  # bytes: 24 of a copy in the arrays, and as many while they are put in order


class Encode(PipelineStep):
    """Rank ``r`` encodes shard ``r``, by columns, and leaves runs below ``folder``.

    They are ``<split>/<r>-000`` and so on: when ``HELD`` is reached, what is held is written,
    however much is to come, so that a larger shard takes no more memory. Beside the runs goes a
    note of what the sources have, ``notes/<r>.json``.
    """

    type = "tokenizer"
    name = "encode"

    def __init__(
        self, shards: list[Path], folder: Path, tokenizer: Path, params: TokenizeParams
    ) -> None:
        super().__init__()
        self.shards = shards
        self.folder = folder
        self.tokenizer = tokenizer
        self.params = params
        self.done = 0.0  # documents encoded

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        vocabulary = Vocabulary(self.tokenizer)
        splits = {name: Split() for name in SPLITS}
        written = dict.fromkeys(SPLITS, 0)
        for batch in documents.read_batches(self.shards[rank], COLUMNS):
            for part in parts(batch):
                self._encode(part, vocabulary, splits)
                for name, split in splits.items():
                    if split.held >= HELD:
                        self._write(split, name, rank, written)
            self.done += batch.num_rows
        for name, split in splits.items():
            self._write(split, name, rank, written)
        note = {
            name: {"sources": split.sources, "offered": split.offered}
            for name, split in splits.items()
        }
        files.write_json(self.folder / "notes" / f"{rank:05d}.json", note)
        yield from ()

    def _encode(
        self, batch: pa.RecordBatch, vocabulary: Vocabulary, splits: dict[str, "Split"]
    ) -> None:
        params = self.params
        bits = random_bits(batch["id"].to_pylist())
        sources = np.array(batch["source"].to_pylist())
        out = held_out(bits, params.validation_share)
        factors = np.array([params.epochs.get(source, 1.0) for source in sources])
        copies = np.where(out, 1, copies_of(bits, factors))

        wanted = np.flatnonzero(copies)
        ids, encoded = vocabulary.encode(batch["text"].take(pa.array(wanted)).to_pylist())
        lengths = np.zeros(len(copies), np.int64)
        lengths[wanted] = encoded
        starts = np.cumsum(lengths) - lengths
        sizes = pc.binary_length(batch["text"]).to_numpy()
        for name, mine in (("train", np.flatnonzero(~out)), ("validation", np.flatnonzero(out))):
            split = splits[name]
            split.count(sources[mine], copies[mine], lengths[mine], sizes[mine])
            kept = mine[copies[mine] > 0]
            first = split.hold(runs.gathered(ids, starts[kept], lengths[kept]))
            begins = first + np.cumsum(lengths[kept]) - lengths[kept]
            for copy in range(copies[kept].max(initial=0)):
                some = copies[kept] > copy
                places = places_of(bits[kept][some], params.seed, copy)
                split.place(begins[some], lengths[kept][some], places)

    def _write(self, split: "Split", name: str, rank: int, written: dict[str, int]) -> None:
        runs.write(self.folder / name / f"{rank:05d}-{written[name]:03d}", split.documents())
        split.clear()
        written[name] += 1


class Split:
    """Documents of one split in flat arrays, and the counts of all that were ever taken."""

    def __init__(self) -> None:
        self._sources: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._offered: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.clear()

    def clear(self) -> None:
        """Let go of the documents that were taken; they stay counted."""
        self._ids = array("H")
        self._starts = array("q")  # in _ids, one for each copy, as the two below
        self._lengths = array("q")
        self._places = array("Q")

    @property
    def held(self) -> int:
        """Bytes of memory that the documents need until they are written."""
        return len(self._ids) * TOKEN + len(self._places) * COPY

    def hold(self, ids: np.ndarray) -> int:
        """Take token ids, once for all copies; where in the array they begin."""
        first = len(self._ids)
        self._ids.frombytes(ids.tobytes())
        return first

    def place(self, starts: np.ndarray, lengths: np.ndarray, places: np.ndarray) -> None:
        """Take a copy of documents that are held, and the place of each."""
        self._starts.frombytes(starts.tobytes())
        self._lengths.frombytes(lengths.tobytes())
        self._places.frombytes(places.tobytes())

    def count(
        self, sources: np.ndarray, copies: np.ndarray, tokens: np.ndarray, sizes: np.ndarray
    ) -> None:
        """Count documents: their sources, copies, tokens, and the UTF-8 bytes of their texts."""
        for source in np.unique(sources).tolist():
            mine = sources == source
            times = copies[mine]
            self._offered[source].update(documents=len(times), bytes=int(sizes[mine].sum()))
            if times.any():
                self._sources[source].update(
                    documents=int(times.sum()),
                    tokens=int((times * tokens[mine]).sum()),
                    bytes=int((times * sizes[mine]).sum()),
                )

    @property
    def sources(self) -> dict[str, Counter[str]]:
        """``{source: {"documents", "tokens", "bytes"}}`` with all copies, names in order."""
        return dict(sorted(self._sources.items()))

    @property
    def offered(self) -> dict[str, Counter[str]]:
        """``{source: {"documents", "bytes"}}`` with every document once, names in order."""
        return dict(sorted(self._offered.items()))

    def documents(self) -> runs.Documents:
        """The documents that are held, with a copy as often as it is wanted."""
        return runs.Documents(
            np.frombuffer(self._ids, np.uint16).astype(runs.DTYPE, copy=False),
            np.frombuffer(self._starts, np.int64),
            np.frombuffer(self._lengths, np.int64),
            np.frombuffer(self._places, np.uint64),
        )


def parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Rows in their order, about ``BATCH_CHARACTERS`` of text at a time."""
    ends = np.cumsum(pc.utf8_length(batch["text"]).to_numpy(), dtype=np.int64)
    first = 0
    while first < batch.num_rows:
        before = int(ends[first - 1]) if first else 0
        last = int(np.searchsorted(ends, before + BATCH_CHARACTERS, "left")) + 1
        yield batch.slice(first, last - first)
        first = last
