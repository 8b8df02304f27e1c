"""Which split a document belongs to, how often and where; what a split holds in memory."""

import hashlib
from array import array
from collections import Counter, defaultdict

import numpy as np

from stages.tokenize import runs

SPLITS = ("train", "validation")
TOKEN, COPY = 2, 44  # bytes: 20 of a copy in the arrays, and 24 while they are put in order


def split_of(document_id: str, validation_share: float) -> str:
    """``train`` or ``validation``: by the id alone, so that no document ever changes sides.

    A larger share only adds documents to the validation split.
    """
    return "validation" if _number(document_id, b"split") < validation_share * 2**64 else "train"


def copies_of(document_id: str, factor: float) -> int:
    """How often training sees a document of a source with ``factor`` epochs.

    ``floor(factor)`` times, and once more for the fraction of the documents that the rest of the
    factor is. By the id alone, and a larger factor only adds copies.
    """
    whole = int(factor)
    rest = factor - whole
    return whole + 1 if rest and _number(document_id, b"copies") < rest * 2**64 else whole


def place_of(document_id: str, seed: int, copy: int) -> int:
    """A 64-bit number to sort by: random, yet the same for the same id, seed and copy (0, 1, …)."""
    return _number(f"{seed}:{document_id}", b"order%d" % copy if copy else b"order")


def _number(text: str, purpose: bytes) -> int:
    """64 random bits, of the text and the purpose: one purpose tells nothing of the other."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, person=purpose).digest())


class Split:
    """Documents of one split in flat arrays, and the counts of all that were ever taken."""

    def __init__(self) -> None:
        self._sources: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._offered: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.clear()

    def clear(self) -> None:
        """Let go of the documents that were taken; they stay counted."""
        self._ids = array("H")
        self._starts = array("Q")  # in _ids, one for each copy, as the two below
        self._lengths = array("I")
        self._places = array("Q")

    @property
    def held(self) -> int:
        """Bytes of memory that the documents need until they are written."""
        return len(self._ids) * TOKEN + len(self._places) * COPY

    def add(self, ids: list[int], places: list[int], source: str, size: int) -> None:
        """Take a document: its token ids, a place for each copy, and the UTF-8 bytes of its text.

        However many copies there are, the ids are held once. One without copies is only counted.
        """
        offered = self._offered[source]
        offered["documents"] += 1
        offered["bytes"] += size
        if not places:
            return
        for place in places:
            self._starts.append(len(self._ids))
            self._lengths.append(len(ids))
            self._places.append(place)
        self._ids.extend(ids)
        written = self._sources[source]
        written["documents"] += len(places)
        written["tokens"] += len(places) * len(ids)
        written["bytes"] += len(places) * size

    @property
    def sources(self) -> dict[str, Counter[str]]:
        """``{source: {"documents", "tokens", "bytes"}}`` with all copies, names in order."""
        return dict(sorted(self._sources.items()))

    @property
    def offered(self) -> dict[str, Counter[str]]:
        """``{source: {"documents", "bytes"}}`` with every document once, names in order."""
        return dict(sorted(self._offered.items()))

    def documents(self) -> runs.Documents:
        """The documents that are held, with a copy as often as it is wanted."""
        return runs.Documents(
            np.frombuffer(self._ids, np.uint16).astype(runs.DTYPE, copy=False),
            np.frombuffer(self._starts, np.uint64),
            np.frombuffer(self._lengths, np.uint32),
            np.frombuffer(self._places, np.uint64),
        )
