"""Formats of lines: plain text, tab- and comma-separated values, JSON lines; and whole texts."""

import csv
from collections import deque
from collections.abc import Iterator

import orjson

from stages.ingest.records import Broken, Fields, Record, Records, extractor, is_unicode, is_utf8
from stages.ingest.streams import LINE, Unreadable, lines, whole

csv.field_size_limit(LINE)


def text_lines(chunks: Iterator[bytes], fields: Fields) -> Records:
    """Plain text, a document a line."""
    for line in lines(chunks):
        try:
            yield Record(line.decode(), None)
        except UnicodeDecodeError:
            yield Broken("broken_utf8", line)


def whole_text(chunks: Iterator[bytes], fields: Fields) -> Records:
    """Plain text, a document a file."""
    if content := whole(chunks):
        try:
            yield Record(content.decode().replace("\r\n", "\n"), None)
        except UnicodeDecodeError:
            yield Broken("broken_utf8", content)


def json_lines(chunks: Iterator[bytes], fields: Fields) -> Records:
    """A JSON object a line."""
    extract = extractor(fields)
    for line in lines(chunks):
        try:
            found = extract(orjson.loads(line))
        except orjson.JSONDecodeError:
            found = Broken("broken_json" if is_utf8(line) else "broken_utf8", line)
        if type(found) is Broken:
            found.raw = line
        yield found


def tab_separated(chunks: Iterator[bytes], fields: Fields) -> Records:
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
    try:
        table = _Table(next(rows, []), fields)
    except csv.Error:
        raise Unreadable("broken_csv", b"\n".join(source.taken)) from None
    while True:
        source.taken.clear()
        try:
            found = table.record(next(rows), b"\n".join(source.taken))
        except StopIteration:
            return
        except Unreadable as error:
            raise Unreadable(error.reason, b"\n".join([*source.taken, error.raw])) from None
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
        text = "\n".join([row[column] for column in self.text])
        found = Record(text, row[self.id] if self.id is not None else None)
        return found if is_unicode(found) else Broken("broken_utf8", raw)
