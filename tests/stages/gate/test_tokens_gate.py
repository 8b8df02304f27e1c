"""Gate tokens."""

import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from runtime import files, paths
from runtime.errors import PolyglotError
from stages.gate import tokens as gate
from stages.gate.params import Bounds, TokensGate
from tests.stages.gate.conftest import documents, failure, judged, write_documents

MANIFEST = paths.TOKENS / "manifest.json"


def test_good_shards_pass(tokenized: TokensGate) -> None:
    found = judged(gate, tokenized)
    assert found.sentence is None
    assert found.passed and all(e.passed for e in found.expectations)


def change_manifest(change: Callable[[dict[str, Any]], None]) -> None:
    manifest = files.read_json(MANIFEST)
    change(manifest)
    files.write_json(MANIFEST, manifest)


def rewrite(name: str, change: Callable[[np.ndarray], np.ndarray], seal: bool = True) -> None:
    """Change the ids of a file; ``seal`` brings its entry in the manifest up to date."""
    path = paths.TOKENS / name
    ids = change(np.fromfile(path, "<u2"))
    path.write_bytes(ids.astype("<u2").tobytes())

    def update(manifest: dict[str, Any]) -> None:
        split = manifest["splits"][name.split("/")[0]]
        split["tokens"] = len(ids)
        split["files"][0] |= {"tokens": len(ids), "sha256": files.sha256(path)}

    if seal:
        change_manifest(update)


def with_first(token: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda ids: np.concatenate([[token], ids[1:]])


def other_tokenizer() -> None:
    change_manifest(lambda manifest: manifest.update(tokenizer_fingerprint="0" * 64))


def no_validation() -> None:
    empty = {"documents": 0, "tokens": 0, "files": [], "sources": {}}
    change_manifest(lambda manifest: manifest["splits"].update(validation=empty))


def train_on(split: str) -> None:
    """Let the files of ``split`` stand in the place of those of train."""
    for suffix in ("", ".index"):
        shutil.copy(
            paths.TOKENS / split / f"00000.ds{suffix}", paths.TOKENS / f"train/00000.ds{suffix}"
        )

    def update(manifest: dict[str, Any]) -> None:
        other = manifest["splits"][split]
        manifest["splits"]["train"] = other | {
            "files": [other["files"][0] | {"name": "train/00000.ds"}]
        }

    change_manifest(update)


def wrong_index() -> None:
    path = paths.TOKENS / "train/00000.ds.index"
    ends = np.fromfile(path, "<u8")
    ends[2] -= 1
    ends.tofile(path)


def other_text() -> None:
    write_documents(paths.MASK, [(id_, f"{text}!", source) for id_, text, source in documents()])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda: rewrite("train/00000.ds", lambda ids: ids[:-1], seal=False), "bytes of a file"),
        (lambda: rewrite("train/00000.ds", with_first(7), seal=False), "the SHA-256 of a file"),
        (lambda: (paths.TOKENS / "train/00000.ds").unlink(), "but saw 0 against"),
        (lambda: rewrite("train/00000.ds", with_first(300)), "below 300, but saw 300 (train/"),
        (lambda: rewrite("train/00000.ds", with_first(0)), "but saw 9 against 10 (train)"),
        (wrong_index, "as many as its index has at their ends, but saw 9 against 8 (train/"),
        (lambda: (paths.TOKENS / "train/00000.ds.index").unlink(), "but saw 0 against"),
        (lambda: train_on("validation"), "that training has as well to be at most 0, but saw 1"),
        (other_tokenizer, "that of the tokenizer's card, but saw 000000000000 against "),
        (no_validation, "documents of a split to be at least 1, but saw 0 (validation)"),
        (other_text, "all that were decoded, but saw 0 against 3 (validation)"),
    ],
)
def test_spoilt_shards_fail(tokenized: TokensGate, spoil: Callable[[], None], says: str) -> None:
    spoil()
    assert says in failure(gate, tokenized)


@pytest.mark.parametrize(
    ("demand", "value", "says"),
    [
        ("bytes_per_token", {"default": Bounds(8, 10)}, "where 8 is due (bytes per token of all)"),
        (
            "tokens_per_document",
            {"default": Bounds(0, 10_000), "all": Bounds(0, 3)},
            "where 3 is allowed (tokens per document of all)",
        ),
        ("min_train_tokens", 10**6, "training tokens to be at least 1,000,000"),
        ("steps", 500, "that pretrain would make to be at most 2"),
    ],
)
def test_higher_demands_fail(tokenized: TokensGate, demand: str, value: object, says: str) -> None:
    setattr(tokenized, demand, value)
    assert says in failure(gate, tokenized)


def test_a_manifest_without_files_is_one_sentence(tokenized: TokensGate) -> None:
    change_manifest(lambda manifest: manifest["splits"].clear())
    with pytest.raises(PolyglotError, match="lists no file"):
        judged(gate, tokenized)
