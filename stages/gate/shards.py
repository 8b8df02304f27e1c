"""Every document of a folder, shard by shard and column by column, a thread for each core.

Reading and Arrow's functions let go of Python's lock, so threads are enough for them. What a gate
asks of every document in Python (``documents``: whether it is NFC, and its hash) runs on one core
at a time. Texts stay in Arrow's memory and only figures come back.
"""

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

BATCH = 16_384  # documents that a thread holds at once


def scan(folder: Path, measure: Callable[[Path], T], progress: Progress) -> dict[str, T]:
    """``measure`` of every shard in ``folder``, by the shard's name, in order.

    Raises:
        PolyglotError: there is no shard, or one is no readable Parquet file.
    """
    found = documents.shards(folder)
    progress.start(len(found), "shards")
    measures: dict[str, T] = {}
    with ThreadPoolExecutor() as pool:
        for shard, measured in zip(found, pool.map(measure, found), strict=True):
            measures[shard.name] = measured
            progress.update(len(measures))
    return measures


def batches(shard: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The given columns of one shard, some thousand documents at a time."""
    try:
        yield from pq.ParquetFile(shard).iter_batches(BATCH, columns=columns)
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


def occurrences(texts: pa.Array, pattern: str) -> int:
    """How often ``pattern`` (RE2) occurs in all texts."""
    return total(pc.count_substring_regex(texts, pattern))
