"""Documents between the stages: shards of zstd Parquet, and the datatrove blocks around them.

A document is datatrove's ``Document``: ``id`` is ``source/file#position``, ``text`` is NFC UTF-8,
``metadata["source"]`` names the source, and the rest of ``metadata`` is a JSON object. Parquet and
not JSON lines, because a torn Parquet file has no footer and is always noticed.
"""

import os
import re
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime.errors import PolyglotError
from runtime.ledger import Ledger

SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "text", "source", "metadata")])
READ_ROWS = 1_000  # documents read at a time
GROUP_ROWS, GROUP_CHARACTERS = 10_000, 1 << 24  # a row group ends at whichever comes first

_REMEDY = "delete it and run the stage that writes it again"

SPECIAL_TOKEN = re.compile(r"<\|(\w{1,32})\|>")


def defuse(text: str) -> str:
    """Put spaces into literal special tokens: ``<|tell|>`` becomes ``<| tell |>``.

    Otherwise a tokenizer would take what somebody typed for the token itself. To undo it, remove
    the two spaces.
    """
    return SPECIAL_TOKEN.sub(r"<| \1 |>", text) if "<|" in text else text


def size(text: str) -> int:
    """Bytes of ``text`` in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def offsets(texts: pa.StringArray) -> np.ndarray:
    """int32 [texts + 1]: where each text begins in Arrow's buffer, and where the last one ends."""
    return np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]


def shards(folder: Path) -> list[Path]:
    """The shards of a folder in their order.

    Raises:
        PolyglotError: there are none.
    """
    found = sorted(folder.glob("*.parquet"))
    if not found:
        raise PolyglotError(f"{folder} holds no documents: run the stage that writes it first.")
    return found


def count(folder: Path) -> int:
    """How many documents all shards hold, read from their footers."""
    return sum(rows(shard) for shard in shards(folder))


def rows(shard: Path) -> int:
    """How many documents one shard holds."""
    with _open(shard) as file:
        return int(file.metadata.num_rows)


def read(folder: Path) -> Iterator[Document]:
    """All documents of a folder, shard after shard.

    Raises:
        PolyglotError: there is no shard, or one is torn or of another schema.
    """
    for shard in shards(folder):
        yield from read_shard(shard)


def read_shard(shard: Path) -> Iterator[Document]:
    """The documents of one shard, in order."""
    for batch in read_batches(shard, SCHEMA.names):
        columns = (batch.column(name).to_pylist() for name in SCHEMA.names)
        for id_, text, source, metadata in zip(*columns, strict=True):
            try:
                extra = orjson.loads(metadata) if metadata != "{}" else {}
            except orjson.JSONDecodeError as error:
                raise _damaged(shard, error) from None
            yield Document(text=text, id=id_, metadata={"source": source, **extra})


def read_batches(shard: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Some columns of one shard, ``READ_ROWS`` documents at a time.

    For a stage that need not build a Python object for each document. A batch never spans two row
    groups, whose size in characters is bounded.
    """
    with _open(shard) as file:
        try:
            for group in range(file.num_row_groups):
                yield from file.iter_batches(READ_ROWS, [group], columns, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise _damaged(shard, error) from None


def _open(shard: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(shard)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(shard, error) from None
    if file.schema_arrow.names != SCHEMA.names:
        raise PolyglotError(f"{shard} has the columns {file.schema_arrow.names}: {_REMEDY}.")
    return file


def _damaged(shard: Path, error: Exception) -> PolyglotError:
    cause = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    return PolyglotError(f"{shard} is damaged ({cause}): {_REMEDY}.")


class BatchWriter:
    """Writes one shard of record batches; it appears under its name only when it is whole.

    The same documents give the same bytes: row groups end with the batch that fills them.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._partial = path.with_suffix(".partial")
        self._file = pq.ParquetWriter(
            self._partial, SCHEMA, compression="zstd", use_dictionary=["source"]
        )
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._characters = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add documents, in the columns of ``SCHEMA``."""
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._characters += pc.sum(pc.utf8_length(batch.column("text"))).as_py() or 0
        if self._rows >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
            self._flush()

    def close(self) -> None:
        """Write what is left and give the shard its name."""
        self._flush()
        self._file.close()
        with self._partial.open("rb") as file:
            os.fsync(file.fileno())
        self._partial.replace(self._path)

    def _flush(self) -> None:
        if self._rows:
            table = pa.Table.from_batches(self._batches, SCHEMA)
            self._file.write_table(table, row_group_size=self._rows)
            self._batches, self._rows, self._characters = [], 0, 0


class ShardWriter:
    """Writes one shard of documents, as ``BatchWriter`` does."""

    def __init__(self, path: Path) -> None:
        self._file = BatchWriter(path)
        self._rows: list[tuple[str, str, str, str]] = []
        self._characters = 0

    def write(self, document: Document) -> None:
        source = document.metadata["source"]
        extra = {key: value for key, value in document.metadata.items() if key != "source"}
        metadata = orjson.dumps(extra).decode() if extra else "{}"
        self._rows.append((document.id, document.text, source, metadata))
        self._characters += len(document.text)
        if len(self._rows) >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
            self._flush()

    def close(self) -> None:
        """Write what is left and give the shard its name."""
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        if self._rows:
            columns = [pa.array(column, pa.string()) for column in zip(*self._rows, strict=True)]
            self._file.write(pa.record_batch(columns, schema=SCHEMA))
            self._rows, self._characters = [], 0


class DocumentReader(PipelineStep):
    """First block of a stage: a rank reads its shards of ``folder`` (one, if tasks = shards)."""

    type = "reader"
    name = "documents"

    def __init__(self, folder: Path, ledger: Ledger | None = None) -> None:
        super().__init__()
        self.folder = folder
        self.ledger = ledger or Ledger("")
        self.done = 0.0  # documents read, for the progress

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        for shard in shards(self.folder)[rank::world_size]:
            for document in read_shard(shard):
                self.done += 1
                self.ledger.take(document.metadata["source"], size(document.text))
                yield document


class DocumentWriter(PipelineStep):
    """Last block of a stage: a rank writes one shard, ``00003.parquet`` for rank 3."""

    type = "writer"
    name = "documents"

    def __init__(self, folder: Path, ledger: Ledger | None = None) -> None:
        super().__init__()
        self.folder = folder
        self.ledger = ledger or Ledger("")

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        shard = ShardWriter(self.folder / f"{rank:05d}.parquet")
        for document in data:
            self.ledger.keep(document.metadata["source"], size(document.text))
            shard.write(document)
            yield document
        shard.close()


class DocumentFilter(PipelineStep):
    """A block that keeps a document or drops it for a reason, which the ledger counts."""

    type = "filter"

    def __init__(self, ledger: Ledger, rejected: Path | None = None) -> None:
        super().__init__()
        self.ledger = ledger
        self.rejected = rejected  # what is dropped goes to a folder of its reason below this one

    @abstractmethod
    def filter(self, document: Document) -> Literal[True] | tuple[Literal[False], str]:
        """True keeps the document; (False, reason) drops it."""

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        shards: dict[str, ShardWriter] = {}
        for document in data:
            verdict = self.filter(document)
            if not isinstance(verdict, tuple):
                yield document
                continue
            reason = verdict[1]
            self.ledger.drop(document.metadata["source"], reason, size(document.text))
            if self.rejected:
                if reason not in shards:
                    shards[reason] = ShardWriter(self.rejected / reason / f"{rank:05d}.parquet")
                shards[reason].write(document)
        for shard in shards.values():
            shard.close()
