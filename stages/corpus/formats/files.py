"""What the writers share: places, lines as bytes, compressed and archived files."""

import bz2
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

import zstandard

from stages.corpus.defects import broken_json, broken_utf8
from stages.corpus.records import Record

Place = tuple[str, int]  # file (a zip's member as archive.zip/member), position of the record in it

ZIP_DAY = (2021, 10, 1, 0, 0, 0)  # a zip member carries a time: always this one

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda content: gzip.compress(content, mtime=0),  # or the file would carry the time
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor(level=3).compress,
}


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def lines(rng: Random, records: list[Record], written: Iterable[str]) -> bytes:
    """Text lines as bytes; a record with a defect in its bytes gets it here."""
    spoil = {"broken_utf8": broken_utf8, "broken_json": broken_json}
    encoded = []
    for record, line in zip(records, written, strict=True):
        raw = line.encode()
        if record.defect in spoil:
            raw = spoil[record.defect](rng, raw)
        encoded.append(raw + b"\n")
    return b"".join(encoded)


def save(folder: Path, name: str, content: bytes, count: int) -> list[Place]:
    """Write ``content``, compressed as the suffix of ``name`` says; the places of its records."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    compress = COMPRESS.get(path.suffix, lambda content: content)
    path.write_bytes(compress(content))
    return [(name, position) for position in range(count)]


def archive(folder: Path, name: str, member: str, content: bytes, count: int) -> list[Place]:
    """Write ``content`` as the only member of a zip; the places of its records."""
    info = zipfile.ZipInfo(member, ZIP_DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(folder / name, "w") as file:
        file.writestr(info, content)
    return [(f"{name}/{member}", position) for position in range(count)]
