"""The token shards as one long sequence, and the order in which its windows are read."""

from pathlib import Path

import numpy as np

ROUNDS = 6  # of the Feistel network; four already pass for random (Luby and Rackoff, 1988)
TOGETHER = 8_192  # windows of a process that are chosen at once


class Tokens:
    """All shards of a split, end to end, cut into windows of ``context + 1`` tokens.

    Window ``i`` begins at token ``i * context``: its last token is the first of the next window,
    so that every token but the very first is predicted exactly once, across shard ends as well.
    """

    def __init__(self, shards: list[Path], context: int) -> None:
        # As plain arrays: a slice of a memmap costs as much as reading a window.
        self._shards = [np.asarray(np.memmap(shard, dtype="<u2", mode="r")) for shard in shards]
        self._ends = np.cumsum([len(shard) for shard in self._shards])
        self._context = context

    def __len__(self) -> int:
        """Windows, a last incomplete one left out."""
        return windows(int(self._ends[-1]), self._context)

    def batch(self, indices: np.ndarray) -> np.ndarray:
        """The windows ``indices`` as int64 ``[len(indices), context + 1]``."""
        length = self._context + 1
        batch = np.empty((len(indices), length), np.uint16)
        starts = indices * self._context
        shards = np.searchsorted(self._ends, starts, "right")
        places = starts - self._ends[shards]  # from the end of the shard, below 0
        for row, shard, place in zip(batch, shards.tolist(), places.tolist(), strict=True):
            if place <= -length:
                row[:] = self._shards[shard][place : place + length or None]
            else:
                self._read_across(shard, place, row)
        return batch.astype(np.int64)

    def _read_across(self, shard: int, place: int, row: np.ndarray) -> None:
        """Fill ``row`` from a place in a shard, counted from its end, and from those after it."""
        filled = 0
        while filled < len(row):
            part = self._shards[shard][place:][: len(row) - filled]
            row[filled : filled + len(part)] = part
            filled += len(part)
            shard, place = shard + 1, 0


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
        self._block: tuple[tuple[int, ...], np.ndarray] | None = None

    def windows(self, places: np.ndarray) -> np.ndarray:
        """int64: the windows at ``places``, which count through all epochs."""
        epochs, indices = np.divmod(places.astype(np.uint64), np.uint64(self._size))
        keys = _mixed(_mixed(np.array([self._seed % 2**64], np.uint64)) ^ epochs)
        return _permuted(indices, self._size, keys).astype(np.int64)

    def step(self, step: int, global_batch: int, rank: int = 0, size: int = 1) -> np.ndarray:
        """The windows of step ``step`` that process ``rank`` of ``size`` reads.

        Those of some steps are found together, which is quicker, and kept.
        """
        share = global_batch // size
        together = max(1, TOGETHER // share)
        first = step - step % together
        asked = (first, global_batch, rank, size)
        block = self._block  # the one that this thread sees; another may put its own there
        if block is None or block[0] != asked:
            steps = np.arange(first, first + together)[:, None]
            places = steps * global_batch + rank * share + np.arange(share)
            block = self._block = asked, self.windows(places.ravel()).reshape(together, share)
        return block[1][step - first]


def _permuted(indices: np.ndarray, size: int, keys: np.ndarray) -> np.ndarray:
    """The places of ``indices`` in permutations of ``range(size)``, each chosen by its key.

    An alternating Feistel network permutes the next power of two: half of the bits are mixed into
    the other half by turns. What falls outside ``range(size)`` is sent through it again until it
    falls inside (cycle walking: Black and Rogaway, 2002).
    """
    bits = max(2, (size - 1).bit_length())
    low = np.uint64(bits // 2)
    low_mask, high_mask = ((1 << np.array([bits // 2, bits - bits // 2])) - 1).astype(np.uint64)
    permuted, outside = indices.copy(), np.arange(len(indices))
    while outside.size:
        high, lower = permuted[outside] >> low, permuted[outside] & low_mask
        for number in np.arange(ROUNDS, dtype=np.uint64):
            key = keys[outside] + number
            if number % 2:
                high ^= _mixed(key ^ (lower << np.uint64(8))) & high_mask
            else:
                lower ^= _mixed(key ^ (high << np.uint64(8))) & low_mask
        permuted[outside] = (high << low) | lower
        outside = outside[permuted[outside] >= size]
    return permuted


def _mixed(values: np.ndarray) -> np.ndarray:
    """SplitMix64's output function (Steele, Lea and Flood, 2014), on uint64."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
