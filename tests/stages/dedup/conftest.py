"""Deduplication of texts given as lists, a shard a list."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from datatrove.data import Document

from runtime import documents
from runtime.progress import Progress
from stages.dedup import DedupParams, dedup
from stages.dedup.params import DecontaminationParams, MinHashParams

MINHASH = MinHashParams(min_characters=50, ngram=5, bands=14, rows=8, seed=1)
NOTHING_HELD = DecontaminationParams(data=None, tasks=[], ngram=16, share=0.2, min_characters=8)
PARAMS = DedupParams(buckets=3, minhash=MINHASH, decontamination=NOTHING_HELD)

Dedup = Callable[..., Path]


@pytest.fixture
def deduplicated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dedup:
    """Deduplicate shards, given as lists of texts; each shard is a source of its own.

    Called again it takes the shards of the first call, unchanged since, as a run after a kill does.
    """

    def run(shards: list[list[str]], workers: int = 1, **changed: Any) -> Path:
        monkeypatch.setenv("POLYGLOT_WORKERS", str(workers))
        source, final = tmp_path / "clean", tmp_path / "dedup"
        for rank, texts in enumerate([] if source.exists() else shards):
            found = (
                Document(text=text, id=f"s{rank}/f#{i}", metadata={"source": f"s{rank}"})
                for i, text in enumerate(texts)
            )
            list(documents.DocumentWriter(source / "documents").run(found, rank))
        dedup(replace(PARAMS, **changed), Progress(None), source, final)
        return final

    return run


@pytest.fixture
def benchmark(tmp_path: Path) -> Callable[..., DecontaminationParams]:
    """Parameters for a benchmark of the given items, by task."""

    def write(**tasks: list[dict[str, Any]]) -> DecontaminationParams:
        for task, items in tasks.items():
            file = tmp_path / "kobest" / task / "test.jsonl"
            file.parent.mkdir(parents=True)
            file.write_text("".join(json.dumps(item) + "\n" for item in items))
        return replace(NOTHING_HELD, data=str(tmp_path / "kobest"), tasks=list(tasks))

    return write


def ids(final: Path) -> list[str]:
    return [document.id for document in documents.read(final / "documents")]
