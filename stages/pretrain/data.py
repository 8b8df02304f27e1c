"""The token shards as one long sequence, and the order in which its windows are read."""

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import numpy as np

ROUNDS = 8  # of the Feistel network; four already pass for random (Luby and Rackoff, 1988)


class Tokens:
    """All shards of a split, end to end, cut into windows of ``context + 1`` tokens.

    Window ``i`` begins at token ``i * context``: its last token is the first of the next window,
    so that every token but the very first is predicted exactly once, across shard ends as well.
    """

    def __init__(self, shards: list[Path], context: int) -> None:
        self._shards = [np.memmap(shard, dtype="<u2", mode="r") for shard in shards]
        self._ends = list(accumulate(len(shard) for shard in self._shards))
        self._context = context

    def __len__(self) -> int:
        """Windows, a last incomplete one left out."""
        return windows(self._ends[-1], self._context)

    def batch(self, indices: np.ndarray) -> np.ndarray:
        """The windows ``indices`` as int64 ``[len(indices), context + 1]``."""
        batch = np.empty((len(indices), self._context + 1), np.int64)
        for row, index in zip(batch, indices.tolist(), strict=True):
            self._read(index, row)
        return batch

    def _read(self, index: int, row: np.ndarray) -> None:
        """Put window ``index`` into ``row``."""
        start, filled = index * self._context, 0
        shard = bisect_right(self._ends, start)
        while filled < len(row):
            place = start + filled - (self._ends[shard] - len(self._shards[shard]))
            part = self._shards[shard][place : place + len(row) - filled]
            row[filled : filled + len(part)] = part
            filled += len(part)
            shard += 1


def windows(tokens: int, context: int) -> int:
    """How many windows of ``context + 1`` tokens there are in ``tokens`` tokens."""
    return max(0, (tokens - 1) // context)


class Order:
    """A new permutation of all windows in every epoch, without an array of them.

    The window at any place is a pure function of (seed, epoch, place): every process finds its
    own at any step, after any restart, whatever the number of processes.
    """

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._seed = seed

    def windows(self, places: np.ndarray) -> np.ndarray:
        """int64: the windows at ``places``, which count through all epochs."""
        epochs, indices = np.divmod(places.astype(np.uint64), np.uint64(self._size))
        keys = _mixed(_mixed(np.array([self._seed % 2**64], np.uint64)) ^ epochs)
        return _permuted(indices, self._size, keys).astype(np.int64)

    def step(self, step: int, global_batch: int, rank: int = 0, size: int = 1) -> np.ndarray:
        """The windows of step ``step`` that process ``rank`` of ``size`` reads."""
        share = global_batch // size
        first = step * global_batch + rank * share
        return self.windows(np.arange(first, first + share))


def _permuted(indices: np.ndarray, size: int, keys: np.ndarray) -> np.ndarray:
    """The places of ``indices`` in permutations of ``range(size)``, each chosen by its key.

    A balanced Feistel network permutes the next power of four; what falls outside ``range(size)``
    is sent through it again until it falls inside (cycle walking: Black and Rogaway, 2002).
    """
    half = np.uint64(max(1, ((size - 1).bit_length() + 1) // 2))
    mask = (np.uint64(1) << half) - np.uint64(1)
    permuted, outside = indices.copy(), np.arange(len(indices))
    while outside.size:
        left, right = permuted[outside] >> half, permuted[outside] & mask
        for number in np.arange(ROUNDS, dtype=np.uint64):
            mixed = _mixed((keys[outside] + number) ^ (right << np.uint64(8)))
            left, right = right, left ^ (mixed & mask)
        permuted[outside] = (left << half) | right
        outside = outside[permuted[outside] >= size]
    return permuted


def _mixed(values: np.ndarray) -> np.ndarray:
    """SplitMix64's output function (Steele, Lea and Flood, 2014), on uint64."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
