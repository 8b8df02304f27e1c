"""The datatrove block that reads raw files and quarantines what it cannot read."""

import json
import unicodedata
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import TextIO

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from runtime.documents import defuse, size
from runtime.ledger import Ledger
from stages.ingest.formats import FORMATS, Broken, Record
from stages.ingest.sources import RawFile
from stages.ingest.streams import Unreadable, contents

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
        with file.path.open("rb") as raw:
            for name, position, record in numbered(file, raw):
                self.done = before + raw.tell()
                if isinstance(record, Record):
                    yield self._document(file.source, name, position, record)
                else:
                    self._quarantine(file.source, name, position, record, out)
        self.done = before + file.size

    def _document(self, source: str, name: str, position: int, record: Record) -> Document:
        normal = unicodedata.normalize("NFC", record.text)
        text = defuse(normal)
        self.ledger.take(source, size(text))
        if text != normal:
            self.ledger.count(source, "defused")
        metadata = {"source": source} | ({"id": record.id} if record.id is not None else {})
        return Document(text=text, id=f"{source}/{name}#{position}", metadata=metadata)

    def _quarantine(
        self, source: str, name: str, position: int, broken: Broken, out: TextIO
    ) -> None:
        self.ledger.take(source, len(broken.raw))
        self.ledger.quarantine(source, broken.reason, len(broken.raw))
        if broken.torn:
            self.ledger.count(source, "torn_files")
        line = {
            "source": source,
            "file": name,
            "position": position,
            "reason": broken.reason,
            "raw": broken.raw[:RAW].decode("utf-8", "backslashreplace"),
        }
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def numbered(file: RawFile, raw: BufferedIOBase) -> Iterator[tuple[str, int, Record | Broken]]:
    """Every record with its file (or zip member) and its position there.

    The rest of a file that cannot be read is one broken record, marked as torn, for nobody knows
    how many it held. A file without any record is one broken record as well.
    """
    reader = FORMATS[file.layout.format]
    if file.layout.format == "parquet":
        yield from _numbered(file.name, reader(raw, file.layout))
        return
    try:
        for name, chunks in contents(file.name, raw):
            yield from _numbered(name, reader(chunks, file.layout))
    except Unreadable as error:
        yield file.name, 0, Broken(error.reason, error.raw, torn=True)


def _numbered(
    name: str, records: Iterator[Record | Broken]
) -> Iterator[tuple[str, int, Record | Broken]]:
    position = 0
    try:
        for record in records:
            yield name, position, record
            position += 1
        if position == 0:
            yield name, 0, Broken("no_records", b"")
    except Unreadable as error:
        yield name, position, Broken(error.reason, error.raw, torn=True)
