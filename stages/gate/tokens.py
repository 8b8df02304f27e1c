"""Gate tokens: the training shards are whole, readable by this tokenizer, and enough."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import Tokenizer

from runtime import files, paths
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.gate import overlap, shards
from stages.gate.overlap import DTYPE
from stages.gate.params import TokensGate
from stages.gate.suite import (
    Check,
    Table,
    at_least,
    at_least_each,
    at_most,
    at_most_each,
    below,
    equal,
)

CHUNK = 1 << 24  # tokens looked at together
TOKENIZER_FILE = "tokenizer.json"
AGAIN = "run tokenize again"


def tables(demands: TokensGate, progress: Progress) -> list[Table]:
    """Files, splits, sources and totals of the training shards; a sample decoded."""
    manifest = files.read_json(paths.TOKENS / "manifest.json")
    card = files.read_json(paths.TOKENIZER_CARD)
    found = file_figures(manifest, progress)
    return [
        Table("files", found, file_checks(manifest["vocab_size"])),
        Table("splits", split_figures(manifest, found), split_checks()),
        Table("tokenizer", fingerprints(manifest, card), fingerprint_checks()),
        Table("shared", shared_figures(manifest), shared_checks(demands)),
        Table("sources", source_figures(manifest, demands), source_checks()),
        Table("training", training_figures(manifest, demands), training_checks(demands)),
        Table(
            "round trip",
            round_trip(manifest, demands.round_trip_documents, progress),
            round_trip_checks(),
        ),
    ]


def file_figures(manifest: dict[str, Any], progress: Progress) -> pd.DataFrame:
    """A row per file: its ``split``, what the manifest promises, and what lies on the disk.

    Raises:
        PolyglotError: the manifest lists no file.
    """
    listed = [(name, f) for name, split in manifest["splits"].items() for f in split["files"]]
    if not listed:
        raise PolyglotError(f"{paths.TOKENS / 'manifest.json'} lists no file: {AGAIN}.")
    progress.start(len(listed), "files")
    rows = {}
    with ThreadPoolExecutor(shards.threads()) as pool:
        on_disk = pool.map(lambda entry: _on_disk(entry[1], manifest["eod_id"]), listed)
        for done, ((split, file), seen) in enumerate(zip(listed, on_disk, strict=True), start=1):
            rows[file["name"]] = {
                "split": split,
                "promised_bytes": file["tokens"] * DTYPE.itemsize,
                "promised_sha256": file["sha256"],
                "promised_documents": file["documents"],
                **seen,
            }
            progress.update(done)
    return pd.DataFrame.from_dict(rows, orient="index")


def split_figures(manifest: dict[str, Any], found: pd.DataFrame) -> pd.DataFrame:
    """A row per split: ``documents`` and ``tokens`` promised, endings and tokens on the disk."""
    rows = {}
    for name, split in manifest["splits"].items():
        files_of_split = found[found["split"] == name]
        rows[name] = {
            "documents": split["documents"],
            "endings": files_of_split["endings"].sum(),
            "tokens": split["tokens"],
            "tokens_found": files_of_split["bytes"].sum() // DTYPE.itemsize,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def fingerprints(manifest: dict[str, Any], card: dict[str, Any]) -> pd.DataFrame:
    """One row: the tokenizer of the ``shards``, of its ``card``, and the ``file`` itself."""
    return pd.DataFrame(
        {
            "shards": [manifest["tokenizer_fingerprint"]],
            "card": [card["fingerprint"]],
            "file": [files.sha256(paths.TOKENIZER / TOKENIZER_FILE)],
        },
        index=["tokenizer"],
    )


def source_figures(manifest: dict[str, Any], demands: TokensGate) -> pd.DataFrame:
    """A row per figure and source of the training split: the ``figure``, ``least`` and ``most``."""
    rows = {}
    for source, count in manifest["splits"]["train"]["sources"].items():
        for name, of, by, limits in (
            ("bytes per token", "bytes", "tokens", demands.bytes_per_token),
            ("tokens per document", "tokens", "documents", demands.tokens_per_document),
        ):
            bounds = limits.get(source, limits["default"])
            rows[f"{name} of {source}"] = {
                "figure": count[of] / max(count[by], 1),
                "least": bounds.min,
                "most": bounds.max,
            }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["figure", "least", "most"])


def training_figures(manifest: dict[str, Any], demands: TokensGate) -> pd.DataFrame:
    """One row: training ``tokens``, and the ``epochs`` that pretrain makes."""
    planned = demands.steps * demands.global_batch * demands.context
    tokens = manifest["splits"]["train"]["tokens"]
    return pd.DataFrame({"tokens": [tokens], "epochs": [planned / max(tokens, 1)]}, index=["train"])


def shared_figures(manifest: dict[str, Any]) -> pd.DataFrame:
    """One row: the ``share`` of the validation documents of which training has the very tokens."""
    files_of = {
        name: [paths.TOKENS / file["name"] for file in split["files"]]
        for name, split in manifest["splits"].items()
    }
    held_out = overlap.digests(files_of.get("validation", []))
    shared = overlap.shared(held_out, files_of.get("train", []))
    return pd.DataFrame({"share": [len(shared) / max(len(held_out), 1)]}, index=["validation"])


def round_trip(manifest: dict[str, Any], sample: int, progress: Progress) -> pd.DataFrame:
    """One row: of the first ``sample`` validation documents, how many texts mask wrote."""
    tokenizer = Tokenizer.from_file(str(paths.TOKENIZER / TOKENIZER_FILE))
    documents = islice(_first_documents(manifest), sample)
    texts = {tokenizer.decode(ids, skip_special_tokens=False) for ids in documents}
    wanted = pa.array(sorted(texts), pa.string())

    def known(shard: Path) -> set[str]:
        batches = shards.batches(shard, ["text"])
        columns = (batch["text"] for batch in batches)
        return {t for c in columns for t in c.filter(pc.is_in(c, wanted)).to_pylist()}

    found = set().union(*shards.scan(paths.MASK / "documents", known, progress).values())
    return pd.DataFrame({"decoded": [len(texts)], "found": [len(found)]}, index=["validation"])


def file_checks(vocab_size: int) -> list[Check]:
    """On the columns of ``file_figures``."""
    return [
        equal("bytes", "promised_bytes", "the bytes of a file", "those of the manifest", AGAIN),
        equal("sha256", "promised_sha256", "the SHA-256 of a file", "that of the manifest", AGAIN),
        below("highest_id", vocab_size, "the highest token id of a file", AGAIN),
        equal(
            "promised_documents",
            "indexed",
            "the documents of a file",
            "as many as its index has at their ends",
            AGAIN,
        ),
    ]


def split_checks() -> list[Check]:
    """On the columns of ``split_figures``."""
    return [
        at_least(
            "documents",
            1,
            "the documents of a split",
            "raise tokenize.validation_share, or add text",
        ),
        equal(
            "documents",
            "endings",
            "the documents of a split",
            "as many as its end-of-document tokens",
            AGAIN,
        ),
        equal("tokens", "tokens_found", "the tokens of a split", "those in its files", AGAIN),
    ]


def fingerprint_checks() -> list[Check]:
    """On the columns of ``fingerprints``."""
    about = "the fingerprint of the tokenizer that made the shards"
    return [
        equal("shards", "card", about, "that of the tokenizer's card", AGAIN),
        equal("shards", "file", about, "that of tokenizer.json", AGAIN),
    ]


def source_checks() -> list[Check]:
    """On the columns of ``source_figures``."""
    about = "what the training text of a source has"
    advice = "look at the tokenizer's card and at the documents, or set gates.tokens for the source"
    return [
        at_least_each("figure", "least", about, "at least its min", advice),
        at_most_each("figure", "most", about, "at most its max", advice),
    ]


def shared_checks(demands: TokensGate) -> list[Check]:
    """On the column of ``shared_figures``."""
    return [
        at_most(
            "share",
            demands.max_shared_share,
            "the share of the validation documents that training has as well",
            "see that dedup ran on these sources, or raise gates.tokens.max_shared_share",
        )
    ]


def training_checks(demands: TokensGate) -> list[Check]:
    """On the columns of ``training_figures``."""
    return [
        at_least(
            "tokens",
            demands.min_train_tokens,
            "the number of training tokens",
            "add text, or lower gates.tokens.min_train_tokens",
        ),
        at_most(
            "epochs",
            demands.max_epochs,
            "the passes over the training tokens that pretrain would make",
            "lower pretrain.steps, add text, or raise gates.tokens.max_epochs",
        ),
    ]


def round_trip_checks() -> list[Check]:
    """On the columns of ``round_trip``."""
    return [
        equal(
            "found",
            "decoded",
            "the first validation documents whose text mask wrote",
            "all that were decoded",
            "run tokenizer and tokenize again",
        )
    ]


def _on_disk(file: dict[str, Any], eod_id: int) -> dict[str, Any]:
    """Size, SHA-256 and highest token id of a file; its documents by endings, and by index."""
    path = paths.TOKENS / file["name"]
    if not path.exists() or not overlap.index_of(path).exists():
        return {"bytes": 0, "sha256": "missing", "highest_id": 0, "endings": 0, "indexed": 0}
    ends = overlap.ends(path)
    highest = endings = indexed = seen = 0
    digest = hashlib.sha256()
    for ids in _chunks(path):
        highest = max(highest, int(ids.max()))
        ending = ids == eod_id
        endings += int(np.count_nonzero(ending))
        first, last = np.searchsorted(ends, [seen + 1, seen + len(ids) + 1])
        indexed += int(np.count_nonzero(ending[ends[first:last] - (seen + 1)]))
        digest.update(ids.data)
        seen += len(ids)
    return {
        "bytes": path.stat().st_size,
        "sha256": digest.hexdigest(),
        "highest_id": highest,
        "endings": endings,
        "indexed": indexed,
    }


def _chunks(path: Path) -> Iterator[np.ndarray]:
    """The token ids of a file, some millions at a time."""
    with path.open("rb") as file:
        while (ids := np.fromfile(file, DTYPE, CHUNK)).size:
            yield ids


def _first_documents(manifest: dict[str, Any]) -> Iterator[list[int]]:
    """Token ids of the validation documents that lie whole in a file's first chunk."""
    for file in manifest["splits"]["validation"]["files"]:
        path = paths.TOKENS / file["name"]
        for ids in islice(_chunks(path), 1) if path.exists() else ():
            ends = np.flatnonzero(ids == manifest["eod_id"])
            for document in np.split(ids, ends + 1)[:-1]:
                yield document[:-1].tolist()
