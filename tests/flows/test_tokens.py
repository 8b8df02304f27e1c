"""Training shards for other trainers."""

import struct
from pathlib import Path

import numpy as np
import pytest

from flows.tokens import export
from runtime import files
from runtime.errors import PolyglotError

DOCUMENTS = [[5, 6, 2], [7, 2], [40_000, 9, 9, 2], [2]]


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    """Two training shards with four documents, and a validation shard with one."""
    splits = {"train": [DOCUMENTS[:3], DOCUMENTS[3:]], "validation": [[[8, 2]]]}
    listed = {}
    for name, shards in splits.items():
        (tmp_path / "tokens" / name).mkdir(parents=True)
        entries = []
        for number, documents in enumerate(shards):
            path = tmp_path / "tokens" / name / f"{number:05d}.ds"
            np.concatenate(documents).astype("<u2").tofile(path)
            ends = np.cumsum([len(ids) for ids in documents])
            ends.astype("<u8").tofile(path.with_name(f"{path.name}.index"))
            entry = {"name": f"{name}/{path.name}", "documents": len(documents)}
            entries.append(entry | {"tokens": int(ends[-1])})
        count = sum(entry["documents"] for entry in entries)
        listed[name] = {"documents": count, "files": entries}
    files.write_json(tmp_path / "tokens/manifest.json", {"splits": listed})
    return tmp_path / "tokens"


def read(path: Path) -> list[list[int]]:
    """The sequences of a memory-mapped dataset, as Megatron's reader finds them."""
    index = path.with_suffix(".idx").read_bytes()
    assert index[:9] == b"MMIDIDX\x00\x00"
    version, code, sequences, bounds = struct.unpack("<QBQQ", index[9:34])
    assert (version, code, bounds) == (1, 8, sequences + 1)
    lengths = np.frombuffer(index, "<i4", sequences, 34)
    pointers = np.frombuffer(index, "<i8", sequences, 34 + 4 * sequences)
    documents = np.frombuffer(index, "<i8", offset=34 + 12 * sequences)
    assert documents.tolist() == list(range(sequences + 1))
    data = path.with_suffix(".bin").read_bytes()
    return [
        np.frombuffer(data, "<u2", length, pointer).tolist()
        for length, pointer in zip(lengths, pointers, strict=True)
    ]


def test_megatron_finds_every_document(tokens: Path, tmp_path: Path) -> None:
    written = export(tokens, tmp_path / "out")
    assert read(tmp_path / "out/train_text_document") == DOCUMENTS
    assert read(tmp_path / "out/validation_text_document") == [[8, 2]]
    assert sorted((tmp_path / "out").iterdir()) == sorted(written)


@pytest.mark.parametrize("name", ["train/00001.ds", "train/00001.ds.index"])
def test_a_torn_shard_is_one_sentence(tokens: Path, tmp_path: Path, name: str) -> None:
    (tokens / name).write_bytes(b"")
    with pytest.raises(PolyglotError, match=r"00001\S+ is not as the manifest says"):
        export(tokens, tmp_path / "out")
    assert not (tmp_path / "out/train_text_document.idx").exists()


def test_there_are_no_shards(tmp_path: Path) -> None:
    with pytest.raises(PolyglotError, match="run the stage tokenize first"):
        export(tmp_path, tmp_path / "out")
