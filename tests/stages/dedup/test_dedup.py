from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from datatrove.data import Document

from runtime import documents, files
from runtime.progress import Progress
from stages.dedup import DedupParams, dedup
from stages.dedup.signatures import SIGNATURE, later_occurrences

Dedup = Callable[..., Path]


@pytest.fixture
def deduplicated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dedup:
    """Deduplicate shards, given as lists of texts; each shard is a source of its own."""

    def run(shards: list[list[str]], buckets: int = 3, workers: int = 1) -> Path:
        monkeypatch.setenv("POLYGLOT_WORKERS", str(workers))
        source, final = tmp_path / "clean", tmp_path / f"dedup-{buckets}-{workers}"
        for rank, texts in enumerate(shards):
            found = (
                Document(text=text, id=f"s{rank}/f#{i}", metadata={"source": f"s{rank}"})
                for i, text in enumerate(texts)
            )
            list(documents.DocumentWriter(source / "documents").run(found, rank))
        dedup(DedupParams(buckets), Progress(None), source, final)
        return final

    return run


def ids(final: Path) -> list[str]:
    return [document.id for document in documents.read(final / "documents")]


def test_the_first_occurrence_stays(deduplicated: Dedup) -> None:
    final = deduplicated([["가", "나", "가"], ["다", "가", "나"], ["나", "라"]])
    assert ids(final) == ["s0/f#0", "s0/f#1", "s1/f#0", "s2/f#1"]


def test_white_space_makes_no_difference(deduplicated: Dedup) -> None:
    final = deduplicated([["가 나\n다", "가  나 다", "가나다", "가 나 라"]])
    assert ids(final) == ["s0/f#0", "s0/f#2", "s0/f#3"]


def test_the_ledger_balances_per_source(deduplicated: Dedup) -> None:
    ledger = files.read_json(deduplicated([["가", "가"], ["가", "나"]]) / "ledger.json")
    account = ledger["sources"]["s1"]
    assert account["in"] == {"documents": 2, "bytes": 6}
    assert account["out"] == {"documents": 1, "bytes": 3}
    assert account["dropped"] == {"duplicate": {"documents": 1, "bytes": 3}}


def test_workers_and_buckets_do_not_show(deduplicated: Dedup) -> None:
    random = np.random.default_rng(1)
    shards = [[f"문장 {i}" for i in random.integers(0, 500, 400)] for _ in range(4)]
    digests = set()
    for buckets, workers in ((1, 1), (7, 2), (3, 4)):
        final = deduplicated(shards, buckets, workers)
        written = documents.shards(final / "documents")
        digests.add(tuple(files.sha256(shard) for shard in written))
    assert len(digests) == 1
    texts = [document.text for document in documents.read(final / "documents")]
    assert sorted(texts) == sorted({text for shard in shards for text in shard})


def test_nothing_of_the_passes_is_left(deduplicated: Dedup) -> None:
    final = deduplicated([["가"], []])
    assert sorted(path.name for path in final.iterdir()) == ["documents", "ledger.json"]


def test_hashes_are_compared_in_full() -> None:
    signatures = np.array([(1, 1, 0, 0), (1, 2, 0, 1), (2, 1, 0, 2), (1, 1, 1, 0)], SIGNATURE)
    assert later_occurrences(signatures).tolist() == [(1, 1, 1, 0)]
