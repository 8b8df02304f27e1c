"""Raw formats: bytes in, records out, and what cannot be read comes out as Broken.

Fields are named by paths: ``body.dialogue.utterance`` goes down three objects, and through every
item where there is a list on the way. Positions count the records of a file from 0; headers do not
count, empty and broken records do.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from stages.ingest.streams import BOM, LINE, Unreadable, lines

csv.field_size_limit(LINE)


@dataclass(slots=True)
class Record:
    text: str
    id: str | None  # the source's own


@dataclass(slots=True)
class Broken:
    reason: str
    raw: bytes
    torn: bool = False  # whether nothing after it in its file could be read


class Fields(Protocol):
    """What a format needs to know of a layout."""

    text: list[str]
    id: str | None
    records: str | None


Records = Iterator[Record | Broken]


def text_lines(chunks: Iterator[bytes], fields: Fields) -> Records:
    """Plain text, a document a line."""
    for line in lines(chunks):
        try:
            yield Record(line.decode(), None)
        except UnicodeDecodeError:
            yield Broken("broken_utf8", line)


def tsv(chunks: Iterator[bytes], fields: Fields) -> Records:
    """Tab-separated values with a header and without quoting."""
    found = lines(chunks)
    header = next(found, b"").decode(errors="replace").split("\t")
    table = _Table(header, fields)
    for line in found:
        try:
            yield table.record(line.decode().split("\t"), line)
        except UnicodeDecodeError:
            yield Broken("broken_utf8", line)


def comma_separated(chunks: Iterator[bytes], fields: Fields) -> Records:
    """Comma-separated values with a header; quoted fields may hold newlines (RFC 4180).

    A record that does not parse costs its first line only: reading goes on with the next one, so
    that a stray quote does not swallow the rest of the file.
    """
    source = _CsvLines(lines(chunks))
    rows = csv.reader(source, strict=True)
    table = _Table(next(rows, []), fields)
    while True:
        source.taken.clear()
        try:
            found = table.record(next(rows), b"\n".join(source.taken))
        except StopIteration:
            return
        except csv.Error:
            found = Broken("broken_csv", b"")
        if isinstance(found, Broken) and source.taken:
            first, *rest = source.taken
            found.raw = first
            source.waiting.extendleft(reversed(rest))
            rows = csv.reader(source, strict=True)
        yield found


class _CsvLines:
    """Lines for csv.reader that can be given back; bad bytes pass as surrogates."""

    def __init__(self, found: Iterator[bytes]) -> None:
        self.found = found
        self.waiting: deque[bytes] = deque()
        self.taken: list[bytes] = []  # since the last record

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else next(self.found)
        self.taken.append(line)
        return line.decode(errors="surrogateescape") + "\n"


class _Table:
    """Rows below a header."""

    def __init__(self, header: list[str], fields: Fields) -> None:
        missing = [name for name in fields.text if name not in header]
        if missing and any(header):
            raise Unreadable("missing_column", "\t".join(header).encode(errors="replace"))
        self.width = len(header)
        self.text = [header.index(name) for name in fields.text if name in header]
        self.id = header.index(fields.id) if fields.id in header else None

    def record(self, row: list[str], raw: bytes) -> Record | Broken:
        if len(row) != self.width:
            return Broken("wrong_number_of_fields", raw)
        text = "\n".join(row[column] for column in self.text)
        try:
            text.encode()
        except UnicodeEncodeError:
            return Broken("broken_utf8", raw)
        return Record(text, row[self.id] if self.id is not None else None)


def json_lines(chunks: Iterator[bytes], fields: Fields) -> Records:
    """A JSON object a line."""
    for line in lines(chunks):
        yield _parsed(line, lambda value: _record(value, fields))


def json_file(chunks: Iterator[bytes], fields: Fields) -> Records:
    """One JSON value: a list of records, or an object with the records somewhere below."""
    content = b"".join(chunks).removeprefix(BOM)
    if not content.strip():
        return
    value = _parsed(content, lambda value: value)
    if isinstance(value, Broken):  # a torn download, as a rule: all the records are lost
        raise Unreadable(value.reason, value.raw)
    for record in _find(value, fields.records.split(".") if fields.records else []):
        yield _record(record, fields)


def parquet(file: BufferedIOBase, fields: Fields) -> Records:
    """A Parquet file with flat columns."""
    names = [*fields.text, *([fields.id] if fields.id else [])]
    try:
        table = pq.ParquetFile(file)
        if missing := [name for name in names if name not in table.schema_arrow.names]:
            raise Unreadable("missing_column", ", ".join(missing).encode())
        for batch in table.iter_batches(1_000, columns=names, use_threads=False):
            for row in batch.cast(_as_bytes(batch.schema)).to_pylist():
                yield _decoded(row, fields)
    except (pa.ArrowException, OSError):
        raise Unreadable("torn_parquet") from None


FORMATS: dict[str, Callable[..., Records]] = {
    "text": text_lines,
    "tsv": tsv,
    "csv": comma_separated,
    "jsonl": json_lines,
    "json": json_file,
    "parquet": parquet,
}


def _as_bytes(schema: pa.Schema) -> pa.Schema:
    """Strings as bytes: Arrow does not check that a string column is UTF-8."""
    return pa.schema(
        [(field.name, pa.binary() if _is_string(field.type) else field.type) for field in schema]
    )


def _is_string(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _decoded(row: dict[str, Any], fields: Fields) -> Record | Broken:
    try:
        value = {k: v.decode() if isinstance(v, bytes) else v for k, v in row.items()}
    except UnicodeDecodeError:
        return Broken("broken_utf8", b"\n".join(v for v in row.values() if isinstance(v, bytes)))
    return _record(value, fields)


def _parsed(raw: bytes, use: Callable[[Any], Any]) -> Any:
    try:
        return use(orjson.loads(raw))
    except orjson.JSONDecodeError:
        try:
            raw.decode()
        except UnicodeDecodeError:
            return Broken("broken_utf8", raw)
        return Broken("broken_json", raw)


def _record(value: Any, fields: Fields) -> Record | Broken:
    parts = [part for path in fields.text for part in _find(value, path.split("."))]
    if not parts:
        return Broken("missing_text", orjson.dumps(value, default=str))
    if not all(isinstance(part, str) for part in parts):
        return Broken("text_not_string", orjson.dumps(value, default=str))
    own = next(_find(value, fields.id.split(".")), None) if fields.id else None
    return Record("\n".join(parts), None if own is None else str(own))


def _find(value: Any, path: list[str]) -> Iterator[Any]:
    """Every value at ``path``, through the items of lists."""
    if isinstance(value, list):
        for item in value:
            yield from _find(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _find(value[path[0]], path[1:])
