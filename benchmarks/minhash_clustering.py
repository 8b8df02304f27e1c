"""Clustering of near duplicates: datatrove's single task beside this project's passes.

    python -m benchmarks.minhash_clustering [PAIRS ...]

Both get the same pairs, as their searches for equal bands leave them, at three sizes. Processor
time and memory are fitted and carried on to the corpus of 1.2 TB. One worker.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup.minhash import MinhashDedupCluster

from benchmarks import measuring
from benchmarks.measuring import Cost
from runtime import executor, files
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.dedup.characters import mixed
from stages.dedup.clusters import PAIR, join, joined
from stages.dedup.exchange import Exchange, records
from stages.dedup.signatures import ROW

SIZES = (1_000_000, 4_000_000, 16_000_000)  # pairs
BANDS = 14
SHARDS = 16
PAIRS_PER_PART = 1_500_000  # about as many as of 1.2 TB in the buckets of the profile 1.3b
FOUND = 0.7  # of a cluster's documents that a band holds: the bands do not all agree

# What is assumed of 1.2 TB: 2 KB a document, two thirds of them long enough for MinHash, and 30% of
# those in a cluster with another (RefinedWeb, https://arxiv.org/abs/2306.01116, drops about as much
# by MinHash); a document of a cluster is paired once in every band that finds it.
DOCUMENTS = 600_000_000
LONG = 2 / 3
CLUSTERED = 0.3
BUCKETS = 512


def pairs_of(count: int) -> tuple[np.ndarray, int]:
    """About ``count`` pairs of clusters with a long tail of sizes, and the documents in them."""
    random = np.random.default_rng(1)
    clusters = int(count / (BANDS * FOUND * 2.5))
    sizes = np.minimum(1 + random.zipf(2.2, clusters), 100_000)
    documents = int(sizes.sum())
    cluster_of = np.repeat(np.arange(clusters), sizes)
    shard = random.integers(0, SHARDS, documents).astype(np.uint64)
    numbers = shard << np.uint64(32) | np.arange(documents, dtype=np.uint64)
    order = np.lexsort([numbers, cluster_of])
    numbers, cluster_of = numbers[order], cluster_of[order]
    found = []
    for _ in range(BANDS):
        here = np.flatnonzero(random.random(documents) < FOUND)
        same = cluster_of[here][1:] == cluster_of[here][:-1]
        found.append(joined(numbers[here][1:][same], numbers[here][:-1][same]))
    return np.concatenate(found), documents


def prepare(count: int, folder: Path) -> None:
    """The input of both, in a process of its own: a child's peak begins with its parent's size."""
    pairs, documents = pairs_of(count)
    shape = {
        "pairs": len(pairs),
        "documents": documents,
        "parts": max(1, round(len(pairs) / PAIRS_PER_PART)),
    }
    write_for_datatrove(pairs, folder)
    write_for_parts(pairs, folder, shape["parts"])
    files.write_json(folder / "shape.json", shape)


def write_for_datatrove(pairs: np.ndarray, folder: Path) -> None:
    high = np.uint64(32)
    columns = [pairs["other"] >> high, pairs["other"], pairs["node"] >> high, pairs["node"]]
    table = np.stack(columns, axis=1).astype("<u4")
    (folder / "dups").mkdir()
    for band, part in enumerate(np.array_split(table, BANDS)):
        part.tofile(folder / "dups" / f"{band:05d}_00.dups")


def datatrove_task(folder: Path) -> None:
    block = MinhashDedupCluster(str(folder / "dups"), str(folder / "remove"), lines_to_buffer=1000)
    block.run(None, 0, 1)


def write_for_parts(pairs: np.ndarray, folder: Path, parts: int) -> None:
    with Exchange(folder / "pairs", 0, parts, PAIR) as exchange:
        for nodes, others in (("node", "other"), ("other", "node")):
            exchange.write(
                joined(pairs[nodes], pairs[others]), mixed(pairs[nodes]) % np.uint64(parts)
            )


def in_parts(folder: Path, parts: int) -> None:
    def run(name: str, block: PipelineStep, ledger: Ledger) -> Ledger:
        return executor.run(name, [block], parts, folder, Progress(None), ledger)

    join(folder / "pairs", folder / "rows", folder, parts, SHARDS, run)


def compare(count: int) -> dict[str, Any]:
    """Both methods on about ``count`` pairs.

    Raises:
        RuntimeError: they do not remove as many documents.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measuring.measured(prepare, count, folder)
        shape = files.read_json(folder / "shape.json")
        single = measuring.measured(datatrove_task, folder)
        several = measuring.measured(in_parts, folder, shape["parts"])
        removed = sum(file.stat().st_size // 4 for file in (folder / "remove").glob("*.remove"))
        listed = sum(len(records(folder / "rows", shard, ROW)) for shard in range(SHARDS))
    if removed != listed:
        raise RuntimeError(f"datatrove removes {removed} documents and the passes {listed}")
    return {
        **shape,
        "removed": removed,
        "datatrove": figures(single),
        "passes": figures(several),
    }


def figures(cost: Cost) -> dict[str, float]:
    return {"cpu_seconds": round(cost.cpu, 2), "peak_MB": round(cost.peak_mb, 1)}


def extrapolation(rows: list[dict[str, Any]]) -> dict[str, float]:
    """What 1.2 TB would take: straight lines through the sizes, the larger counting more."""
    documents = DOCUMENTS * LONG * CLUSTERED
    pairs = documents * rows[-1]["pairs"] / rows[-1]["documents"]

    def at(method: str, figure: str, by: str, size: float) -> float:
        sizes = np.array([row[by] for row in rows])
        slope, start = np.polyfit(sizes, [row[method][figure] for row in rows], 1, w=sizes**0.5)
        return float(start + slope * size)

    return {
        "documents": DOCUMENTS,
        "documents_in_clusters": round(documents),
        "pairs": round(pairs),
        "pairs_per_part": round(pairs / BUCKETS),
        "datatrove_hours": round(at("datatrove", "cpu_seconds", "pairs", pairs) / 3600, 2),
        "datatrove_GB": round(at("datatrove", "peak_MB", "documents", documents) / 1000, 1),
        "passes_core_hours": round(at("passes", "cpu_seconds", "pairs", pairs) / 3600, 2),
        "passes_peak_MB_per_worker": max(row["passes"]["peak_MB"] for row in rows),
    }


def growth(rows: list[dict[str, Any]], method: str, figure: str) -> float:
    """The power of the pairs that fits best: 1 is linear, 0 is flat."""
    sizes, values = [row["pairs"] for row in rows], [row[method][figure] for row in rows]
    return round(float(np.polyfit(np.log(sizes), np.log(values), 1)[0]), 2)


def main() -> None:
    os.environ["POLYGLOT_WORKERS"] = "1"
    rows = [compare(int(size)) for size in sys.argv[1:] or SIZES]
    powers = {
        method: {figure: growth(rows, method, figure) for figure in ("cpu_seconds", "peak_MB")}
        for method in ("datatrove", "passes")
    }
    measuring.write(
        "minhash_clustering",
        "python -m benchmarks.minhash_clustering",
        {"sizes": rows, "growth": powers, "at_1.2_TB": extrapolation(rows)},
    )


if __name__ == "__main__":
    main()
