"""Shards by columns: this stage reads every document twice or thrice and changes none.

Building a Python object for each would cost more than all the rest.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from runtime.documents import GROUP_CHARACTERS, GROUP_ROWS, READ_ROWS, SCHEMA
from runtime.errors import PolyglotError
from runtime.ledger import Ledger


def batches(shard: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """``columns`` of a shard, some documents at a time.

    Raises:
        PolyglotError: the shard is torn or of another schema.
    """
    with _open(shard) as file:
        try:
            yield from file.iter_batches(READ_ROWS, columns=columns, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise _damaged(shard, error) from None


def count(shard: Path) -> int:
    """How many documents a shard holds."""
    with _open(shard) as file:
        return int(file.metadata.num_rows)


def _open(shard: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(shard)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(shard, error) from None
    if file.schema_arrow.names != SCHEMA.names:
        raise _damaged(shard, ValueError(f"its columns are {file.schema_arrow.names}"))
    return file


def _damaged(shard: Path, error: Exception) -> PolyglotError:
    cause = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    return PolyglotError(
        f"{shard} is damaged ({cause}): delete it and run the stage that writes it again."
    )


def sizes(texts: pa.StringArray) -> np.ndarray:
    """int64: bytes of each text in UTF-8."""
    return pc.binary_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)


def take(batch: pa.RecordBatch, ledger: Ledger) -> None:
    """Count a batch as read, whatever its sources."""
    ledger.sources[""].taken.add(batch.num_rows, int(sizes(batch.column("text")).sum()))


class BatchWriter:
    """Writes batches as one shard in the form of ``documents.ShardWriter``."""

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
