"""Which training documents hold a whole text of the evaluation's test sets.

Dedup leaves out more than that: edited copies, and short items beside another. This is a second
look that shares nothing with it. Texts are compared by letters and digits alone, in lower case;
one of fewer than ``LETTERS`` proves nothing, for people write the same short sentences.
"""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stages.gate import shards

LETTERS = 32  # a power of two
POWER = 0x9E3779B97F4A7C15  # of the rolling polynomial, modulo 2^64
OTHER = r"[^\p{L}\p{N}]+"
APART = "\0"  # between two documents; in no text that is compared


class TestTexts:
    """The texts of some tasks' test files, looked up by a hash of their first letters."""

    __test__ = False  # for pytest

    def __init__(self, data: str, tasks: Iterable[str]) -> None:
        texts = pa.array(
            sorted(
                unicodedata.normalize("NFC", text)
                for task in tasks
                for line in _lines(Path(data) / task / "test.jsonl")
                for text in json.loads(line).values()
                if isinstance(text, str)
            ),
            pa.string(),
        )
        self._by_hash: dict[int, set[str]] = defaultdict(set)
        for text in set(_letters(texts).to_pylist()):
            if len(text) >= LETTERS:
                [first] = _hashes(_codes(text[:LETTERS]))
                self._by_hash[int(first)].add(text)
        self._hashes = np.array(sorted(self._by_hash), np.uint64)

    def holders(self, texts: pa.StringArray) -> set[int]:
        """Numbers of the ``texts`` that hold one."""
        stream = APART.join(_letters(texts).to_pylist())
        codes = _codes(stream)
        if len(codes) < LETTERS or not len(self._hashes):
            return set()
        found = _hashes(codes)
        places = np.flatnonzero(np.isin(found, self._hashes))
        starts = np.flatnonzero(codes == 0)
        return {
            int(np.searchsorted(starts, place))
            for place in places.tolist()
            if any(stream.startswith(text, place) for text in self._by_hash[int(found[place])])
        }


def measure(shard: Path, wanted: TestTexts) -> list[str]:
    """Ids of the documents of a shard that hold a test text."""
    found: list[str] = []
    for batch in shards.batches(shard, ["id", "text"]):
        held = wanted.holders(batch["text"].fill_null(""))
        found += batch["id"].take(pa.array(sorted(held), pa.int64())).to_pylist()
    return found


def _lines(path: Path) -> list[str]:
    """The lines of a test file; none if it is not there, which another check tells."""
    if not path.is_file():
        return []
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _letters(texts: pa.StringArray) -> pa.StringArray:
    return pc.utf8_lower(pc.replace_substring_regex(texts, OTHER, ""))


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _hashes(codes: np.ndarray) -> np.ndarray:
    """uint64: a hash of each ``LETTERS`` characters in a row, joined from 1, 2, 4, … of them."""
    window, width, power = codes.astype(np.uint64), 1, POWER
    while width < LETTERS:
        window = window[:-width] * np.uint64(power) + window[width:]
        width, power = 2 * width, power * power % 2**64
    return window
