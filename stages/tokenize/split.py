"""Which split a document belongs to, and its place in there; what a split holds in memory."""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

SPLITS = ("train", "validation")
DTYPE = np.dtype("<u2")


def split_of(document_id: str, validation_share: float) -> str:
    """``train`` or ``validation``: by the id alone, so that no document ever changes sides.

    A larger share only adds documents to the validation split.
    """
    return "validation" if _number(document_id, b"split") < validation_share * 2**64 else "train"


def place_of(document_id: str, seed: int) -> int:
    """A 64-bit number to sort by: random, yet the same for the same id and seed."""
    return _number(f"{seed}:{document_id}", b"order")


def _number(text: str, purpose: bytes) -> int:
    """64 random bits, of the text and the purpose: one purpose tells nothing of the other."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, person=purpose).digest())


class Split:
    """The documents of one split in flat arrays: two bytes a token and twelve a document."""

    def __init__(self) -> None:
        self._ids = array("H")
        self._lengths = array("I")
        self._places = array("Q")
        self._sources: defaultdict[str, dict[str, int]] = defaultdict(
            lambda: {"documents": 0, "tokens": 0, "bytes": 0}
        )

    def add(self, ids: list[int], place: int, source: str, size: int) -> None:
        """Take a document: its token ids, and the UTF-8 bytes of its text."""
        self._ids.extend(ids)
        self._lengths.append(len(ids))
        self._places.append(place)
        counts = self._sources[source]
        counts["documents"] += 1
        counts["tokens"] += len(ids)
        counts["bytes"] += size

    @property
    def sources(self) -> dict[str, dict[str, int]]:
        """``{source: {"documents", "tokens", "bytes"}}``, names in order."""
        return dict(sorted(self._sources.items()))

    def files(self, tokens: int) -> Iterator[np.ndarray]:
        """Documents in the order of their places, cut into arrays of ``DTYPE``.

        An array ends with the document that reaches a multiple of ``tokens``.
        """
        if not self._lengths:
            return
        ids = np.frombuffer(self._ids, dtype=np.uint16).astype(DTYPE, copy=False)
        lengths = np.frombuffer(self._lengths, dtype=np.uint32).astype(np.int64)
        order = np.argsort(np.frombuffer(self._places, dtype=np.uint64), kind="stable")
        ends = np.cumsum(lengths)
        starts = ends - lengths
        begins = np.cumsum(lengths[order]) - lengths[order]  # where they will stand
        for group in np.split(order, np.flatnonzero(np.diff(begins // tokens)) + 1):
            yield np.concatenate([ids[starts[i] : ends[i]] for i in group])
