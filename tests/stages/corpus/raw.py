"""Reads the raw files of the sample corpus as the docstring of stages.corpus describes them."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as etree

import pyarrow.parquet as pq
import zstandard

Texts = list[str | None]  # None: the record cannot be read


def json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def texts(folder: Path) -> dict[tuple[str, str], Texts]:
    """The raw texts of the sample corpus in ``folder`` by source and file, in their order."""
    found = {}
    for source in sorted((folder / "raw").iterdir()):
        for path in sorted(path for path in source.rglob("*") if path.is_file()):
            file = path.relative_to(source).as_posix()
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    for member in archive.namelist():
                        content = _text(source.name, member, archive.read(member))
                        found[source.name, f"{file}/{member}"] = content
            else:
                found[source.name, file] = _text(source.name, file, _opened(path))
    return found


def _opened(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()
    openers = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}
    return openers.get(path.suffix, lambda content: content)(raw)


def _text(source: str, file: str, content: bytes) -> Texts:
    if source in ("kcbert", "nsmc", "comments", "hate_speech"):
        column = {"nsmc": 1, "comments": 1}.get(source, 0)
        header = not file.endswith(".txt") or source == "nsmc"
        return [_cell(line, column) for line in content.split(b"\n")[header:-1]]
    if source == "blog":
        return [_post(line) for line in content.split(b"\n")[:-1]]
    if source in ("news", "qa"):
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
        return ["\n".join(row[:2]) for row in rows[1:]]
    if source == "wikipedia":
        return pq.read_table(io.BytesIO(content), use_threads=False)["text"].to_pylist()
    if source == "fiction":
        return [content.decode().removesuffix("\n")]
    if file.endswith(".json"):
        return list(_objects(source, json.loads(content)))
    return list(_elements(source, etree.fromstring(content)))


def _cell(line: bytes, column: int) -> str | None:
    try:
        return line.decode().split("\t")[column]
    except UnicodeDecodeError:
        return None


def _post(line: bytes) -> str | None:
    try:
        return json.loads(line)["text"]
    except ValueError:
        return None


def _objects(source: str, whole: Any) -> Iterator[str]:
    if source == "modu":
        for document in whole["document"]:
            parts = document["paragraph" if "paragraph" in document else "utterance"]
            yield "\n".join(part["form"] for part in parts)
    elif source == "aihub":
        for dialogue in whole["data"]:
            yield "\n".join(turn["utterance"] for turn in dialogue["body"]["dialogue"])
    elif source == "clovacall":
        yield from (recording["text"] for recording in whole)
    elif source == "stdict":
        for item in whole["channel"]["item"]:
            info = item["word_info"]
            sense = info["pos_info"][0]["comm_pattern_info"][0]["sense_info"][0]
            examples = [each["example"] for each in sense["example_info"]]
            yield "\n".join([info["word"], sense["definition"], *examples])


def _elements(source: str, root: etree.Element) -> Iterator[str]:
    if source == "opensubtitles":
        yield "\n".join("".join(sentence.itertext()) for sentence in root.iter("s"))
    elif source == "patent":
        for patent in root.iter("patent"):
            yield "\n".join(part.text or "" for part in list(patent)[1:])
    elif source == "stdict":
        for item in root.iter("item"):
            parts = [part for part in item.iter() if part.tag in ("word", "definition", "example")]
            yield "\n".join(part.text or "" for part in parts)
