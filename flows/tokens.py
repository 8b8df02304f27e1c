"""``polyglot tokens export``: the training shards in the form that other trainers read."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from runtime import files
from runtime.errors import PolyglotError

UINT16 = 8  # the code of the type of a token
TOKEN_BYTES = 2
CHUNK = 1 << 24  # bytes, or documents, copied at once


def export(tokens: Path, out: Path) -> list[Path]:
    """Write ``<split>_text_document.bin`` and ``.idx`` for every split of ``tokens`` to ``out``.

    The memory-mapped dataset of Megatron-LM, Megatron-Core and GPT-NeoX: in the index the magic
    ``MMIDIDX``, version 1 (uint64), type (uint8), number of sequences and of document bounds
    (uint64), then for every document its length (int32) and first byte (int64), and the bounds
    0 to ``documents`` (int64), all little-endian (megatron/core/datasets/indexed_dataset.py). A
    document is a sequence, with ``<|endoftext|>`` at its end, in the order of the shards.

    Raises:
        PolyglotError: there are no shards, one is not as its manifest says, or the disk is full.
    """
    if not (tokens / "manifest.json").exists():
        raise PolyglotError(f"{tokens} holds no training shards: run the stage tokenize first.")
    manifest = files.read_json(tokens / "manifest.json")
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, split in manifest["splits"].items():
        final = out / f"{name}_text_document"
        for suffix, write in ((".bin", _write_tokens), (".idx", _write_index)):
            partial = final.with_suffix(f"{suffix}.partial")
            with partial.open("wb") as file:
                write(file, tokens, split)
            written.append(partial.replace(final.with_suffix(suffix)))
    return written


def _write_tokens(file: BinaryIO, tokens: Path, split: dict[str, Any]) -> None:
    for shard in split["files"]:
        path = tokens / shard["name"]
        if not path.exists() or path.stat().st_size != shard["tokens"] * TOKEN_BYTES:
            raise PolyglotError(f"{path} is not as the manifest says: run tokenize again.")
        with path.open("rb") as source:
            while chunk := source.read(CHUNK):
                file.write(chunk)


def _write_index(file: BinaryIO, tokens: Path, split: dict[str, Any]) -> None:
    count = split["documents"]
    file.write(b"MMIDIDX\x00\x00" + struct.pack("<QBQQ", 1, UINT16, count, count + 1))
    for lengths in _lengths(tokens, split):
        file.write(lengths.astype("<i4").tobytes())
    first = 0
    for lengths in _lengths(tokens, split):
        ends = first + np.cumsum(lengths) * TOKEN_BYTES
        file.write((ends - lengths * TOKEN_BYTES).astype("<i8").tobytes())
        first = int(ends[-1])
    for start in range(0, count + 1, CHUNK):
        file.write(np.arange(start, min(start + CHUNK, count + 1), dtype="<i8").tobytes())


def _lengths(tokens: Path, split: dict[str, Any]) -> Iterator[np.ndarray]:
    """int64: how many tokens every document of a split has, shard after shard."""
    for shard in split["files"]:
        path = tokens / f"{shard['name']}.index"
        ends = np.fromfile(path, "<u8").astype(np.int64) if path.exists() else np.empty(0)
        if len(ends) != shard["documents"] or ends[-1] != shard["tokens"]:
            raise PolyglotError(f"{path} is not as the manifest says: run tokenize again.")
        yield np.diff(ends, prepend=0)
