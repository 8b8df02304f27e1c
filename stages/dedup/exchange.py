"""Records that the tasks of one pass leave for the tasks of the next, by part.

A task writes one file of its own, whatever the number of parts: ``<rank>.bin`` holds its records
in segments, each sorted by part, and ``<rank>.npy`` the first record of every part in every
segment. So a folder holds twice as many files as there are tasks, not tasks times parts.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

BLOCK = 2_000_000  # records gathered before they are written, and read at a time


class Exchange:
    """Writes the records of task ``rank``, of type ``dtype``, for the parts 0 to ``parts`` - 1."""

    def __init__(self, folder: Path, rank: int, parts: int, dtype: np.dtype) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{rank:05d}.bin"
        self._file = self._path.open("wb")
        self._parts = parts
        self._dtype = dtype
        self._written = self._gathered = 0
        self._firsts: list[np.ndarray] = []
        self._records: list[np.ndarray] = []
        self._part_of: list[np.ndarray] = []

    def __enter__(self) -> "Exchange":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                self._flush()
                firsts = np.array(self._firsts, np.int64).reshape(-1, self._parts + 1)
                np.save(self._path.with_suffix(".npy"), firsts)

    def write(self, records: np.ndarray, part_of: np.ndarray) -> None:
        """Append ``records``; ``part_of`` has the part of each."""
        self._records.append(records)
        self._part_of.append(part_of.astype(np.uint16 if self._parts <= 1 << 16 else np.uint32))
        self._gathered += len(records)
        if self._gathered >= BLOCK:
            self._flush()

    def _flush(self) -> None:
        if not self._gathered:
            return
        part_of, records = np.concatenate(self._part_of), np.concatenate(self._records)
        if self._parts > 1:
            records = records[np.argsort(part_of, kind="stable")]
        sizes = np.bincount(part_of, minlength=self._parts)
        self._firsts.append(self._written + np.concatenate([[0], np.cumsum(sizes)]))
        records.astype(self._dtype, copy=False).tofile(self._file)
        self._written += len(records)
        self._records, self._part_of, self._gathered = [], [], 0


def blocks(folder: Path, part: int, dtype: np.dtype) -> Iterator[np.ndarray]:
    """The records of a part, task after task, in blocks of at most twice ``BLOCK`` records."""
    gathered: list[np.ndarray] = []
    count = 0
    for file in sorted(folder.glob("*.bin")):
        firsts = np.load(file.with_suffix(".npy"), mmap_mode="r")
        for first, end in firsts[:, part : part + 2].tolist():
            for start in range(first, end, BLOCK):
                length = min(BLOCK, end - start)
                offset = start * dtype.itemsize
                gathered.append(np.fromfile(file, dtype, length, offset=offset))
                count += length
                if count >= BLOCK:
                    yield np.concatenate(gathered)
                    gathered, count = [], 0
    if gathered:
        yield np.concatenate(gathered)


def records(folder: Path, part: int, dtype: np.dtype) -> np.ndarray:
    """All records of a part, task after task."""
    return np.concatenate([np.empty(0, dtype), *blocks(folder, part, dtype)])
