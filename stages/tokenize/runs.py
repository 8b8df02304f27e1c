"""Runs: encoded documents in the order of their places, which one pass leaves for the next.

A run is two files: ``<name>.ids`` holds the token ids of its documents end to end, ``<name>.npy``
uint64 ``[2, documents]``: the place of each and where it ends, in tokens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DTYPE = np.dtype("<u2")
PLACES = 2**64  # a place is below this
BLOCK = 1 << 20  # tokens put in order together


@dataclass(frozen=True)
class Documents:
    """Encoded documents, in no order."""

    ids: np.ndarray  # of all, end to end
    starts: np.ndarray  # int64: where each begins
    lengths: np.ndarray  # int64
    places: np.ndarray  # uint64

    def ordered(self) -> "Documents":
        """The documents by their places; the ids stay where they are."""
        order = np.argsort(self.places, kind="stable")
        return Documents(self.ids, self.starts[order], self.lengths[order], self.places[order])

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """How many documents, and their token ids end to end, some at a time."""
        ends = np.cumsum(self.lengths)
        first = 0
        while first < len(ends):
            begin = int(ends[first] - self.lengths[first])
            last = max(first + 1, int(np.searchsorted(ends, begin + BLOCK, "right")))
            yield (
                last - first,
                gathered(self.ids, self.starts[first:last], self.lengths[first:last]),
            )
            first = last


def gathered(ids: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The token ids of documents end to end, out of where they begin in ``ids``."""
    if len(starts) == 1:
        return ids[starts[0] : starts[0] + lengths[0]]
    begins = np.cumsum(lengths) - lengths
    return ids[np.repeat(starts - begins, lengths) + np.arange(lengths.sum())]


def write(path: Path, documents: Documents) -> None:
    """Write a run, ``path`` without suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = documents.ordered()
    with path.with_suffix(".ids").open("wb") as file:
        for _, ids in ordered.blocks():
            file.write(ids.data)
    ends = np.cumsum(ordered.lengths).astype(np.uint64)
    np.save(path.with_suffix(".npy"), np.stack([ordered.places, ends]))


def read(folder: Path, first: int, last: int) -> Documents:
    """All documents of a folder's runs with ``first <= place < last``, run after run."""
    places, bounds, spans = [np.empty(0, np.uint64)], [np.zeros(1, np.int64)], []
    total = 0
    for path in sorted(folder.glob("*.npy")):
        of_run, ends = np.load(path, mmap_mode="r")
        begin = np.searchsorted(of_run, np.uint64(first), "left")
        end = np.searchsorted(of_run, np.uint64(last - 1), "right")  # last may be 2**64
        if begin == end:
            continue
        start, stop = int(ends[begin - 1]) if begin else 0, int(ends[end - 1])
        places.append(np.array(of_run[begin:end]))
        bounds.append(ends[begin:end].astype(np.int64) - start + total)
        spans.append((path.with_suffix(".ids"), start, stop))
        total += stop - start

    ids, filled = np.empty(total, DTYPE), 0
    for path, start, stop in spans:
        with path.open("rb") as file:
            file.seek(start * DTYPE.itemsize)
            file.readinto(ids[filled : filled + stop - start].data)
        filled += stop - start
    of_all = np.concatenate(bounds)
    return Documents(ids, of_all[:-1], np.diff(of_all), np.concatenate(places))
