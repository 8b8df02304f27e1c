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
    ids, lengths, places = [np.empty(0, DTYPE)], [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for path in sorted(folder.glob("*.npy")):
        index = np.load(path, mmap_mode="r")
        begin, end = np.searchsorted(index[0], np.array([first, last - 1], np.uint64), "left")
        end += int(end < index.shape[1] and index[0][end] == last - 1)
        if begin == end:
            continue
        ends = np.concatenate([index[1][begin - 1 : begin] if begin else [0], index[1][begin:end]])
        ends = ends.astype(np.uint64)
        lengths.append(np.diff(ends))
        places.append(np.array(index[0][begin:end]))
        start, stop = int(ends[0]), int(ends[-1])
        offset = start * DTYPE.itemsize
        ids.append(np.fromfile(path.with_suffix(".ids"), DTYPE, stop - start, offset=offset))
    of_each = np.concatenate(lengths)
    starts = np.concatenate([np.zeros(1, np.uint64), np.cumsum(of_each, dtype=np.uint64)])[:-1]
    return Documents(np.concatenate(ids), starts, of_each, np.concatenate(places))
