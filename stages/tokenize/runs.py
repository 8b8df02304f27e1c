"""Runs: encoded documents in the order of their places, which one pass leaves for the next.

A run is two files: ``<name>.ids`` holds the token ids of its documents end to end, ``<name>.npy``
uint64 ``[2, documents]``: the place of each and where it ends, in tokens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DTYPE = np.dtype("<u2")
PLACES = 2**64  # a place is below this


@dataclass(frozen=True)
class Documents:
    """Encoded documents, in no order."""

    ids: np.ndarray  # of all, end to end
    starts: np.ndarray  # where each begins
    lengths: np.ndarray
    places: np.ndarray

    def order(self) -> np.ndarray:
        """The documents by their places."""
        return np.argsort(self.places, kind="stable")

    def tokens(self, order: np.ndarray) -> Iterable[np.ndarray]:
        """The token ids of the documents, in ``order``."""
        bounds = zip(
            self.starts[order].tolist(),
            (self.starts[order] + self.lengths[order]).tolist(),
            strict=True,
        )
        return (self.ids[start:end] for start, end in bounds)


def write(path: Path, documents: Documents) -> None:
    """Write a run, ``path`` without suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    order = documents.order()
    with path.with_suffix(".ids").open("wb", 1 << 20) as file:
        for ids in documents.tokens(order):
            file.write(ids.data)
    ends = np.cumsum(documents.lengths[order], dtype=np.uint64)
    np.save(path.with_suffix(".npy"), np.stack([documents.places[order], ends]))


def read(folder: Path, first: int, last: int) -> Documents:
    """All documents of a folder's runs with ``first <= place < last``, run after run."""
    places, ends, spans = [np.empty(0, np.uint64)], [np.zeros(1, np.uint64)], []
    total = 0
    for path in sorted(folder.glob("*.npy")):
        of_run, ends_of_run = np.load(path, mmap_mode="r")
        begin = np.searchsorted(of_run, np.uint64(first), "left")
        end = np.searchsorted(of_run, np.uint64(last - 1), "right")  # last may be 2**64
        if begin == end:
            continue
        start, stop = int(ends_of_run[begin - 1]) if begin else 0, int(ends_of_run[end - 1])
        places.append(np.array(of_run[begin:end]))
        ends.append(ends_of_run[begin:end] - np.uint64(start) + np.uint64(total))
        spans.append((path.with_suffix(".ids"), start, stop))
        total += stop - start

    ids, filled = np.empty(total, DTYPE), 0
    for path, start, stop in spans:
        with path.open("rb") as file:
            file.seek(start * DTYPE.itemsize)
            file.readinto(ids[filled : filled + stop - start].data)
        filled += stop - start
    bounds = np.concatenate(ends)
    return Documents(ids, bounds[:-1], np.diff(bounds), np.concatenate(places))
