"""The datatrove block that reads raw files and quarantines what it cannot read."""

import errno
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TextIO

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime.documents import defuse, size
from runtime.ledger import Ledger
from stages.ingest.formats import FORMATS, format_of
from stages.ingest.parquet import parquet_file
from stages.ingest.raw import BLOCK, RawFile, matches
from stages.ingest.records import Broken, Record, Records, Skipped
from stages.ingest.sources import Layout
from stages.ingest.streams import Unreadable, block, members, plain, suffix, unpacked

RAW = 1 << 16  # bytes of a quarantined record that are kept


class RawReader(PipelineStep):
    """First block: rank ``r`` reads ``assigned[r]``, and writes ``quarantine/<rank>.jsonl``."""

    type = "reader"
    name = "raw"

    def __init__(self, assigned: list[list[RawFile]], quarantine: Path, ledger: Ledger) -> None:
        super().__init__()
        self.assigned = assigned
        self.quarantine = quarantine
        self.ledger = ledger
        self.done = 0.0  # bytes of raw files read

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        self.quarantine.mkdir(parents=True, exist_ok=True)
        with (self.quarantine / f"{rank:05d}.jsonl").open("w", encoding="utf-8") as out:
            for file in self.assigned[rank]:
                yield from self._file(file, out)

    def _file(self, file: RawFile, out: TextIO) -> Iterator[Document]:
        before = self.done
        start = (file.block or 0) * BLOCK
        for name, position, record, at in located(file):
            self.done = before + min(max(at - start, 0), file.size)
            place = position if file.block is None else f"{file.block}.{position}"
            if type(record) is Record:
                yield self._document(file.source, name, place, record)
            elif isinstance(record, Broken):
                self._quarantine(file.source, name, place, record, out)
            elif isinstance(record, Skipped):
                self.ledger.count(file.source, record.kind)
        self.done = before + file.size

    def _document(self, source: str, name: str, place: int | str, record: Record) -> Document:
        normal = unicodedata.normalize("NFC", record.text)
        text = defuse(normal)
        self.ledger.take(source, size(text))
        if text != normal:
            self.ledger.count(source, "defused")
        metadata = {"source": source}
        if record.id is not None:
            metadata["id"] = record.id
        return Document(text=text, id=f"{source}/{name}#{place}", metadata=metadata)

    def _quarantine(
        self, source: str, name: str, place: int | str, broken: Broken, out: TextIO
    ) -> None:
        self.ledger.take(source, len(broken.raw))
        self.ledger.quarantine(source, broken.reason, len(broken.raw))
        if broken.torn:
            self.ledger.count(source, "torn_files")
        line = {
            "source": source,
            "file": name,
            "position": place,
            "reason": broken.reason,
            "raw": broken.raw[:RAW].decode("utf-8", "backslashreplace"),
        }
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def located(file: RawFile) -> Iterator[tuple[str, int, Record | Broken | Skipped, int]]:
    """Every record with its file (or member of a zip archive), its position there, and how many
    bytes of the raw file have been read.

    The rest of a file that cannot be read is one broken record, marked as torn, for nobody knows
    how many it held. A file without any record is one broken record as well.
    """
    try:
        with file.path.open("rb") as raw:
            for name, records in _parts(file, raw):
                position = 0
                for position, record in enumerate(_to_the_end(records), 1):
                    yield name, position - 1, record, raw.tell()
                if not position and not file.block:
                    yield name, 0, Broken("no_records", b""), raw.tell()
    except (Unreadable, OSError) as error:
        yield file.name, 0, _torn(error), 0


def _parts(file: RawFile, raw: IO[bytes]) -> Iterator[tuple[str, Records]]:
    """The records of a file, of one block of it, or of every member of an archive."""
    if suffix(file.name) == ".zip":
        found = False
        for name, chunks in members(raw):
            if suffix(name) == ".zip" or matches(name, file.layout.members):
                found = True
                yield f"{file.name}/{name}", _records(name, chunks, file.layout)
        if not found:
            yield file.name, iter(())
    elif file.block is not None:
        start = file.block * BLOCK
        has_header = format_of(file.name, file.layout.format) == "tsv"
        chunks = block(raw, start, start + file.size, has_header)
        yield file.name, _records(file.name, chunks, file.layout)
    elif not suffix(file.name) and format_of(file.name, file.layout.format) == "parquet":
        yield file.name, parquet_file(raw, file.layout)
    else:
        yield file.name, _records(file.name, plain(raw), file.layout)


def _records(name: str, chunks: Iterator[bytes], layout: Layout) -> Records:
    if suffix(name) == ".zip":
        raise Unreadable("nested_archive")
    format_ = format_of(name, layout.format)
    if format_ is None:
        raise Unreadable("unknown_format")
    yield from FORMATS[format_](unpacked(name, chunks), layout)


def _to_the_end(records: Records) -> Records:
    try:
        yield from records
    except (Unreadable, OSError) as error:
        yield _torn(error)


def _torn(error: Unreadable | OSError) -> Broken:
    if isinstance(error, Unreadable):
        return Broken(error.reason, error.raw, torn=True)
    if error.errno == errno.ENOSPC:  # of the temporary file of a packed Parquet file
        raise error
    return Broken(fault(error), b"", torn=True)


def fault(error: OSError) -> str:
    """The reason in the quarantine for what the operating system refuses."""
    match error:
        case PermissionError():
            return "no_permission"
        case FileNotFoundError():
            return "vanished"
    return "read_error"
