"""The token shards as one long sequence, and the order in which its windows are read."""

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import numpy as np

ROUNDS = 8  # of the Feistel network; four already pass for random (Luby and Rackoff, 1988)
WORD = (1 << 64) - 1


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

    def batch(self, indices: list[int]) -> np.ndarray:
        """The windows ``indices`` as int64 ``[len(indices), context + 1]``."""
        return np.stack([self._window(index) for index in indices])

    def _window(self, index: int) -> np.ndarray:
        start = index * self._context
        stop = start + self._context + 1
        parts = []
        for shard in range(bisect_right(self._ends, start), len(self._shards)):
            first = self._ends[shard] - len(self._shards[shard])
            parts.append(self._shards[shard][max(start - first, 0) : stop - first])
            if stop <= self._ends[shard]:
                break
        return np.concatenate(parts).astype(np.int64)


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

    def __getitem__(self, place: int) -> int:
        """The window at ``place``, counted through all epochs."""
        epoch, index = divmod(place, self._size)
        return _permuted(index, self._size, _mixed(_mixed(self._seed) ^ epoch))

    def step(self, step: int, global_batch: int, rank: int = 0, size: int = 1) -> list[int]:
        """The windows of step ``step`` that process ``rank`` of ``size`` reads."""
        share = global_batch // size
        first = step * global_batch + rank * share
        return [self[place] for place in range(first, first + share)]


def _permuted(index: int, size: int, key: int) -> int:
    """The place of ``index`` in a permutation of ``range(size)`` chosen by ``key``.

    A balanced Feistel network permutes the next power of four; what falls outside ``range(size)``
    is sent through it again until it falls inside (cycle walking: Black and Rogaway, 2002).
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    mask = (1 << half) - 1
    while True:
        left, right = index >> half, index & mask
        for number in range(ROUNDS):
            left, right = right, left ^ (_mixed((key + number) ^ (right << 8)) & mask)
        index = (left << half) | right
        if index < size:
            return index


def _mixed(value: int) -> int:
    """SplitMix64's output function (Steele, Lea and Flood, 2014): 64 bits to 64 bits."""
    value = (value + 0x9E3779B97F4A7C15) & WORD
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & WORD
    return value ^ (value >> 31)
