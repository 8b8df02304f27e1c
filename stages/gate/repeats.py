"""What occurs twice in a corpus of any size, by hashes of a share of it in bounded memory.

Kept are the hashes below a limit that follows from the number of documents. What is equal has one
hash, so all of it is kept or none: in the share looked at, no repetition is missed.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pyarrow as pa
import xxhash

from runtime.documents import offsets

SAMPLE = 1 << 23  # documents looked at; 8 bytes each, and some 30 while they are sorted


def limit(documents: int) -> int:
    """The largest hash to keep so that about ``SAMPLE`` of ``documents`` are looked at."""
    return (1 << 64) - 1 if documents <= SAMPLE else (SAMPLE << 64) // documents


def hashes(texts: pa.StringArray, limit: int) -> np.ndarray:
    """The 64-bit hashes of ``texts``, which has no nulls, that are not above ``limit``.

    Of ``SAMPLE`` different texts two share a hash with a probability of 2 in a million.
    """
    data, ends = memoryview(texts.buffers()[2] or b""), offsets(texts).tolist()
    digest = xxhash.xxh3_64_intdigest
    found = [digest(data[a:b]) for a, b in pairwise(ends)]
    return np.array([one for one in found if one <= limit], np.uint64)


def repeated(parts: Iterable[np.ndarray]) -> list[int]:
    """Per part, how many of its hashes have occurred before, in it or in an earlier one."""
    parts = list(parts)
    everything = np.concatenate([np.empty(0, np.uint64), *parts])
    order = np.argsort(everything, kind="stable")
    everything = everything[order]
    again = np.zeros(len(everything), bool)
    again[order[1:]] = everything[1:] == everything[:-1]
    ends = np.cumsum([len(part) for part in parts])
    return [int(part.sum()) for part in np.split(again, ends[:-1])]
