"""The letters and digits of many texts at once, and hashes of their n-grams.

White space and punctuation are left out and letters are lower case, so that neither spacing nor
marks make a difference; Hangul stays composed (texts are NFC), one syllable a character. Texts are
taken in pieces that stay in the processor's cache, so that one of 50 MB needs no more memory than
many short ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from runtime import documents

PIECE = 1 << 17  # bytes of UTF-8 in a piece
OVERLAP = 1 << 12  # bytes that a piece of a long text repeats of the one before

_PLANES = 0x20000  # code points from here on are CJK ideographs: letters without case


def _folding() -> np.ndarray:
    """For every code point its lower-case letter or digit, or 0."""
    folded = np.zeros(_PLANES, np.uint32)
    for code in range(_PLANES):
        character = chr(code)
        if character.isalnum():
            lower = character.lower()
            folded[code] = ord(lower) if len(lower) == 1 else code
    return folded


_FOLDED = _folding()


@dataclass
class Piece:
    """Some texts in a row, or a stretch of a long one."""

    first: int  # the number of the first text
    codes: np.ndarray  # uint32 [characters]: code points of letters and digits
    starts: np.ndarray  # int64 [texts + 1]: where each text begins in codes
    opens: np.ndarray  # bool [characters]: the first of an eojeol
    closes: np.ndarray  # bool [characters]: the last of one

    def text_of(self) -> np.ndarray:
        """int64 [characters]: the text that each is of, 0 for the first of the piece."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def windows(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Hashes (uint64) of all n-grams that lie within one text, and their positions."""
        if len(self.codes) < n:
            return np.empty(0, np.uint64), np.empty(0, np.int64)
        text_of = self.text_of()
        positions = np.flatnonzero(text_of[: len(text_of) - n + 1] == text_of[n - 1 :])
        return hashes(self.codes, n)[positions], positions


def hashes(codes: np.ndarray, n: int) -> np.ndarray:
    """uint64 [characters - n + 1]: a hash of each n characters in a row.

    A polynomial modulo 2^64, joined from windows of 1, 2, 4, ... characters, then mixed.
    """
    power, width = np.uint64(0x9E3779B97F4A7C15), 1  # power is that of the width
    window = codes.astype(np.uint64) + np.uint64(1)
    joined, length = np.zeros(len(codes), np.uint64), 0
    while length < n:
        if n & width:
            joined = joined[: len(window) - length] * power + window[length:]
            length += width
        if length < n:
            window = window[:-width] * power + window[width:]
            with np.errstate(over="ignore"):
                power *= power
            width *= 2
    return mixed(joined)


def mixed(values: np.ndarray) -> np.ndarray:
    """uint64, each bit of the input spread over all (Stafford's variant 13 of splitmix64)."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def pieces(texts: pa.StringArray) -> Iterator[Piece]:
    """The texts in their order; a text longer than a piece comes in several that overlap."""
    offsets = documents.offsets(texts)
    values = memoryview(texts.buffers()[2] or b"")
    first = 0
    while first < len(texts):
        end = int(np.searchsorted(offsets, offsets[first] + PIECE, "right")) - 1
        if end > first:
            yield _piece(values, first, offsets[first : end + 1])
            first = min(end, len(texts))
            continue
        start, stop = int(offsets[first]), int(offsets[first + 1])
        while start < stop:
            cut = _boundary(values, start + PIECE) if start + PIECE < stop else stop
            piece = _piece(values, first, np.array([start, cut]))
            if len(piece.codes):
                piece.opens[0] &= start == offsets[first]
                piece.closes[-1] &= cut == stop
            yield piece
            start = _boundary(values, cut - OVERLAP) if cut < stop else stop
        first += 1


def letters(text: str) -> str:
    """The letters and digits of one text."""
    folded = _folded(text)
    return folded[folded != 0].tobytes().decode("utf-32-le")


def points(text: str) -> np.ndarray:
    """uint32: the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _folded(text: str) -> np.ndarray:
    codes = points(text)
    if len(codes) and codes.max() >= _PLANES:
        return np.where(codes < _PLANES, _FOLDED[np.minimum(codes, _PLANES - 1)], codes)
    return _FOLDED[codes]


def _boundary(values: memoryview, position: int) -> int:
    """The nearest position at or before that begins a character of UTF-8."""
    while values[position] & 0xC0 == 0x80:
        position -= 1
    return position


def _piece(values: memoryview, first: int, offsets: np.ndarray) -> Piece:
    raw = values[offsets[0] : offsets[-1]]
    folded = _folded(str(raw, "utf-8"))
    begins = np.flatnonzero((np.frombuffer(raw, np.uint8) & 0xC0) != 0x80)  # of characters
    positions = np.flatnonzero(folded)
    starts = np.searchsorted(positions, np.searchsorted(begins, offsets - offsets[0]))
    opens = np.ones(len(positions), bool)
    opens[1:] = np.diff(positions) > 1
    opens[starts[:-1][starts[:-1] < len(positions)]] = True
    closes = np.ones(len(positions), bool)
    closes[:-1] = opens[1:]
    return Piece(first, folded[positions], starts, opens, closes)
