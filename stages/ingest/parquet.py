"""Parquet files with flat columns."""

from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from stages.ingest.records import Broken, Fields, Record, Records, extractor
from stages.ingest.streams import CHUNK, Unreadable, seekable


def parquet(chunks: Iterator[bytes], fields: Fields) -> Records:
    """A Parquet file that is not seekable, such as the member of an archive."""
    with seekable(chunks) as file:
        yield from parquet_file(file, fields)


def parquet_file(file: IO[bytes], fields: Fields) -> Records:
    """A Parquet file; of its columns only those that are named are read."""
    names = [*fields.text, *([fields.id] if fields.id else [])]
    try:
        table = pq.ParquetFile(file, buffer_size=CHUNK)  # by pages: a row group may be large
        if missing := [name for name in names if name not in table.schema_arrow.names]:
            raise Unreadable("missing_column", ", ".join(missing).encode())
        extract = extractor(fields)
        for batch in table.iter_batches(100, columns=names, use_threads=False):
            for row in batch.cast(_as_bytes(batch.schema)).to_pylist():
                yield _decoded(row, extract)
    except (pa.ArrowException, OSError):
        raise Unreadable("torn_parquet") from None


def _as_bytes(schema: pa.Schema) -> pa.Schema:
    """Strings as bytes: Arrow does not check that a string column is UTF-8."""
    return pa.schema(
        [(field.name, pa.binary() if _is_string(field.type) else field.type) for field in schema]
    )


def _is_string(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _decoded(row: dict[str, Any], extract: Any) -> Record | Broken:
    try:
        found = extract({k: v.decode() if isinstance(v, bytes) else v for k, v in row.items()})
    except UnicodeDecodeError:
        found = Broken("broken_utf8", b"")
    if isinstance(found, Broken):
        found.raw = b"\n".join(v for v in row.values() if isinstance(v, bytes))
    return found
