"""Every document of a folder, shard by shard and column by column, on a few threads.

Reading, Arrow's functions and numpy's let go of Python's lock, so threads are enough. Texts stay in
Arrow's memory and only figures come back.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from runtime import documents
from runtime.errors import PolyglotError
from runtime.progress import Progress

T = TypeVar("T")

THREADS = 4  # at most: more would wait for the disk, and each takes some 80 MB for a full row group
BATCH = 4_096  # documents that a thread holds at once, if a row group has as many


def scan(folder: Path, measure: Callable[[Path], T], progress: Progress) -> dict[str, T]:
    """``measure`` of every shard in ``folder``, by the shard's name, in order.

    Raises:
        PolyglotError: there is no shard, or one is no readable Parquet file.
    """
    found = documents.shards(folder)
    progress.start(len(found), "shards")
    measures: dict[str, T] = {}
    with ThreadPoolExecutor(threads()) as pool:
        for shard, measured in zip(found, pool.map(measure, found), strict=True):
            measures[shard.name] = measured
            progress.update(len(measures))
    return measures


def threads() -> int:
    """How many threads look at files side by side."""
    return min(THREADS, len(os.sched_getaffinity(0)))


def batches(shard: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The given columns of one shard, some thousand documents at a time.

    A batch never spans two row groups, whose size in characters is bounded.
    """
    try:
        file = pq.ParquetFile(shard)
        for group in range(file.num_row_groups):
            yield from file.iter_batches(BATCH, [group], columns, use_threads=False)
    except (OSError, pa.ArrowException):
        raise PolyglotError(
            f"{shard} is damaged: delete it and run the stage that writes it again."
        ) from None


def by_source(sources: pa.Array) -> Counter[str]:
    """How many documents each source has."""
    counts = sources.value_counts().to_pylist()
    return Counter({count["values"] or "(none)": count["counts"] for count in counts})


def total(numbers: pa.Array) -> int:
    """The sum of numbers, or how many are true."""
    return pc.sum(numbers).as_py() or 0


def matching(texts: pa.Array, pattern: str) -> int:
    """How many texts contain ``pattern`` (RE2)."""
    return total(pc.match_substring_regex(texts, pattern))
