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

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime.errors import PolyglotError
from runtime.ledger import Ledger

SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "text", "source", "metadata")])
READ_ROWS = 1_000  # documents decoded at a time
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
    return sum(_open(shard).metadata.num_rows for shard in shards(folder))


def read(folder: Path) -> Iterator[Document]:
    """All documents of a folder, shard after shard.

    Raises:
        PolyglotError: there is no shard, or one is torn or of another schema.
    """
    for shard in shards(folder):
        yield from read_shard(shard)


def read_shard(shard: Path) -> Iterator[Document]:
    """The documents of one shard, in order."""
    with _open(shard) as file:
        try:
            for batch in file.iter_batches(READ_ROWS, columns=SCHEMA.names, use_threads=False):
                columns = (batch.column(name).to_pylist() for name in SCHEMA.names)
                for id_, text, source, metadata in zip(*columns, strict=True):
                    extra = orjson.loads(metadata) if metadata != "{}" else {}
                    yield Document(text=text, id=id_, metadata={"source": source, **extra})
        except (OSError, pa.ArrowException, orjson.JSONDecodeError) as error:
            raise PolyglotError(f"{shard} is damaged ({_line(error)}): {_REMEDY}.") from None


def _open(shard: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(shard)
    except (OSError, pa.ArrowException) as error:
        raise PolyglotError(f"{shard} is damaged ({_line(error)}): {_REMEDY}.") from None
    if file.schema_arrow.names != SCHEMA.names:
        raise PolyglotError(f"{shard} has the columns {file.schema_arrow.names}: {_REMEDY}.")
    return file


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


class ShardWriter:
    """Writes one shard; it appears under its name only when it is whole.

    The same documents give the same bytes: row groups end after a fixed number of documents or
    characters.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._partial = path.with_suffix(".partial")
        self._file = pq.ParquetWriter(
            self._partial, SCHEMA, compression="zstd", use_dictionary=["source"]
        )
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
        with self._partial.open("rb") as file:
            os.fsync(file.fileno())
        self._partial.replace(self._path)

    def _flush(self) -> None:
        if self._rows:
            columns = [pa.array(column, pa.string()) for column in zip(*self._rows, strict=True)]
            self._file.write_batch(pa.record_batch(columns, schema=SCHEMA))
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
